/** Columns of properties YAML as the manifest holds them. */
import type { ColumnSpec } from '../node.js';
import { isMap, texts } from '../shape.js';

const KNOWN = new Set([
  'name',
  'description',
  'meta',
  'data_type',
  'constraints',
  'quote',
  'config',
  'tags',
  'granularity',
  'data_tests',
  'tests',
  'docs',
  'policy_tags',
]);

function constraint(raw: unknown): unknown {
  const given = isMap(raw) ? raw : {};
  return {
    type: given.type ?? null,
    name: given.name ?? null,
    expression: given.expression ?? null,
    warn_unenforced: given.warn_unenforced ?? true,
    warn_unsupported: given.warn_unsupported ?? true,
    to: given.to ?? null,
    to_columns: texts(given.to_columns),
  };
}

/** Model-level constraints have columns beside what column-level ones have. */
export function modelConstraints(raw: unknown): unknown[] {
  if (!Array.isArray(raw)) return [];
  return raw.map((item) => ({
    ...(constraint(item) as object),
    columns: texts(isMap(item) ? item.columns : undefined),
  }));
}

export function readColumns(raw: unknown): Record<string, ColumnSpec> {
  const columns: Record<string, ColumnSpec> = {};
  for (const item of Array.isArray(raw) ? raw : []) {
    if (!isMap(item) || typeof item.name !== 'string') continue;
    const config = isMap(item.config) ? item.config : {};
    const meta = { ...(isMap(item.meta) ? item.meta : {}), ...(isMap(config.meta) ? config.meta : {}) };
    const tags = [...new Set([...texts(item.tags), ...texts(config.tags)])];
    const extra = Object.fromEntries(Object.entries(item).filter(([key]) => !KNOWN.has(key)));
    columns[item.name] = {
      name: item.name,
      description: typeof item.description === 'string' ? item.description : '',
      meta,
      data_type: typeof item.data_type === 'string' ? item.data_type : null,
      constraints: Array.isArray(item.constraints) ? item.constraints.map(constraint) : [],
      quote: typeof item.quote === 'boolean' ? item.quote : null,
      config: { meta, tags },
      tags,
      granularity: typeof item.granularity === 'string' ? item.granularity : null,
      doc_blocks: [],
      ...extra,
    };
  }
  return columns;
}

/** The names of a column's data tests with their position in the YAML, for places. */
export function testsOf(raw: Readonly<Record<string, unknown>>): { key: 'data_tests' | 'tests'; list: unknown[] } {
  const key = Array.isArray(raw.data_tests) ? 'data_tests' : 'tests';
  const list = raw[key];
  return { key, list: Array.isArray(list) ? list : [] };
}
