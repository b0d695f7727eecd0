/** How old a source's newest row is, asked by the macros that the warehouse, or the project, has for it. */
import { problem, UpsqlError } from '../../diagnostics/index.js';
import { DateTime, Dict, fromJinja, Template, toJinja } from '../../jinja/index.js';
import { modelValue } from '../context/model-value.js';
import { RelationValue } from '../context/relation-value.js';
import { ResponseValue } from '../context/response-value.js';
import type { NodeScope } from '../context/scopes.js';
import { TableValue } from '../context/table-value.js';
import type { Node, SourceNode } from '../node.js';
import { sourceRelation } from '../relation.js';
import type { SourceAge } from '../runtime.js';
import { originOf, type ParsedProject } from '../state.js';

/** What the templates of a source see besides the rest: `this`, and the source as `model` and `source_node`. */
export function sourceMembers(parsed: ParsedProject, source: SourceNode): Record<string, () => unknown> {
  const node = () => modelValue(parsed, source as unknown as Node);
  return { this: () => relationOf(parsed, source), model: node, source_node: node };
}

const relationOf = (parsed: ParsedProject, source: SourceNode): RelationValue =>
  new RelationValue(sourceRelation(source, parsed.adapter.dialect, parsed.adapter.type));

/**
 * Asks by the source's `loaded_at_query`, else by its `loaded_at_field` (with the freshness config's `filter`). Throws
 * UpsqlError where the source has neither, or the answer is no moment of time.
 */
export async function sourceAge(parsed: ParsedProject, source: SourceNode, scope: NodeScope): Promise<SourceAge> {
  const relation = relationOf(parsed, source);
  const { filter = null } = (source.freshness ?? {}) as { readonly filter?: string | null };
  const origin = originOf(parsed, source as unknown as Node);
  if (source.loaded_at_query !== null) {
    const sql = await Template.parse({ text: source.loaded_at_query, file: origin.file }).render(scope);
    return read(source, await call(parsed, scope, 'collect_freshness_custom_sql', [relation, sql]));
  }
  if (source.loaded_at_field !== null) {
    return read(source, await call(parsed, scope, 'collect_freshness', [relation, source.loaded_at_field, filter]));
  }
  throw new UpsqlError(
    problem('no-loaded-at', `The source ${source.source_name}.${source.name} does not say when its rows were loaded`, {
      place: { file: origin.file, line: origin.line, column: 1 },
      hint: `Give it a 'loaded_at_field' (a timestamp column) or a 'loaded_at_query'; ${parsed.adapter.type} keeps no times of its own.`,
    }),
    1,
  );
}

async function call(parsed: ParsedProject, scope: NodeScope, name: string, positional: unknown[]): Promise<unknown> {
  const macro = parsed.macros.find(name, parsed.project.config.name);
  if (macro === undefined) throw new Error(`the macro ${name} is missing`);
  const given = positional.map((value) => (value instanceof RelationValue ? value : toJinja(value)));
  return parsed.macros.template(macro).bind(scope, 'async').call({ positional: given, named: new Map() });
}

/** One row of two values; from macros of old projects the table alone. */
function read(source: SourceNode, answer: unknown): SourceAge {
  const table = answer instanceof Dict ? answer.get('table') : answer;
  const response = answer instanceof Dict ? answer.get('response') : undefined;
  const rows = table instanceof TableValue ? table.data.rows : [];
  const [row] = rows;
  if (row === undefined || rows.length !== 1 || row.length !== 2) {
    throw new Error(`collect_freshness has to give one row of max_loaded_at and snapshotted_at, not ${rows.length}`);
  }
  const loaded = row[0] === null ? NEVER : microsOf(source, 'max_loaded_at', row[0]);
  const asked = microsOf(source, 'snapshotted_at', row[1]);
  return {
    maxLoadedAt: isoOf(loaded),
    snapshottedAt: isoOf(asked),
    age: Number(asked - loaded) / 1e6,
    response: response instanceof ResponseValue ? response.response : { _message: '' },
  };
}

/** A source without rows counts as loaded infinitely long ago: at the first moment of year 1. */
const NEVER = -62_135_596_800_000_000n;
const DAY = 86_400_000_000n;

/** Microseconds since 1970 UTC; a time without zone counts as UTC. */
function microsOf(source: SourceNode, name: string, value: unknown): bigint {
  if (value instanceof DateTime) {
    const { days, micros } = value.utc();
    return BigInt(days) * DAY + BigInt(Math.round(micros));
  }
  const shown = String(fromJinja(value));
  throw new UpsqlError(
    problem('no-timestamp', `${name} of the source ${source.source_name}.${source.name} is no timestamp: ${shown}`, {
      hint: `Cast it in the config: loaded_at_field: "${source.loaded_at_field ?? 'my_column'}::timestamp".`,
    }),
    1,
  );
}

/** As Python's isoformat in UTC: `2026-11-24T08:09:04.499310+00:00`, without the fraction where that is nothing. */
function isoOf(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const text = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19);
  return `${text}${fraction === 0n ? '' : `.${String(fraction).padStart(6, '0')}`}+00:00`;
}
