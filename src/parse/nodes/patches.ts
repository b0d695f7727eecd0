/** What properties YAML says about models, seeds, snapshots, analyses, singular tests and macros, laid over their nodes. */
import { didYouMean, problem } from '../../diagnostics/index.js';
import type { PropertyEntry } from '../../project/index.js';
import type { ConfigMap } from '../config.js';
import type { ContextOutput } from '../context/base.js';
import { buildLookup, REFABLE } from '../lookup.js';
import type { Node } from '../node.js';
import type { ParsedProject } from '../state.js';
import { modelConstraints, readColumns, testsOf } from './columns.js';
import { configureNode } from './configure.js';
import { setContractChecksum } from './contract.js';
import { addGenericTest, type TestTarget } from './generic-tests.js';
import { collect } from './read-template.js';
import { addNode } from './sql-files.js';
import { patchVersions } from './versions.js';

const TYPE_OF = { models: 'model', seeds: 'seed', snapshots: 'snapshot', analyses: 'analysis' } as const;
const LIFTED = ['meta', 'docs', 'group', 'contract', 'access'];

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.getPrototypeOf(value) === Object.prototype;

/** The config of an entry, with the keys that may also stand beside it. */
export function patchConfig(raw: Record<string, unknown>): ConfigMap {
  const config: ConfigMap = isMap(raw.config) ? { ...raw.config } : {};
  for (const key of LIFTED) if (raw[key] !== undefined && !(key in config)) config[key] = raw[key];
  return config;
}

function candidates(parsed: ParsedProject, entry: PropertyEntry, type: string): Node[] {
  const own = parsed.manifest.nodes[`${type}.${entry.packageName}.${entry.name}`];
  if (own !== undefined) return [own];
  const elsewhere = REFABLE.has(type) ? parsed.lookup.refs.get(entry.name)?.values().next().value : undefined;
  if (elsewhere?.resource_type === type) return [elsewhere];
  const disabled = parsed.manifest.disabled[`${type}.${entry.packageName}.${entry.name}`];
  return (disabled as Node[] | undefined) ?? [];
}

function missing(parsed: ParsedProject, entry: PropertyEntry, type: string): void {
  const names = Object.values(parsed.manifest.nodes)
    .filter((n) => n.resource_type === type)
    .map((n) => n.name);
  const other = Object.values(parsed.manifest.nodes).find(
    (n) => n.name === entry.name && n.resource_type in { model: 1, seed: 1, snapshot: 1 },
  );
  const hint =
    other !== undefined
      ? `'${entry.name}' is a ${other.resource_type}: put this entry under ${other.resource_type}s:.`
      : (didYouMean(entry.name, names) ??
        `Its data tests and descriptions go nowhere. Add a ${type} of that name, or remove the entry.`);
  parsed.diagnostics.push({
    ...problem('no-node-for-properties', `No ${type} is named '${entry.name}'.`, { place: entry.place, hint }),
    severity: 'warning',
  });
}

/** Puts a node into the right one of the manifest's lists after its `enabled` may have changed. */
function replace(parsed: ParsedProject, node: Node): void {
  delete parsed.manifest.nodes[node.unique_id];
  const disabled = parsed.manifest.disabled[node.unique_id];
  if (disabled !== undefined) {
    const rest = disabled.filter((n) => n !== node);
    if (rest.length === 0) delete parsed.manifest.disabled[node.unique_id];
    else parsed.manifest.disabled[node.unique_id] = rest;
  }
  addNode(parsed, node);
}

/** A date or time as the manifest has it: ISO, with a zone. */
function dateTimeText(text: string): string {
  const time = text.length === 10 ? `${text}T00:00:00` : text.replace(' ', 'T');
  return /(Z|[-+]\d{2}:?\d{2})$/.test(time) ? time : `${time}+00:00`;
}

/** The node-level properties of an entry. */
export function patchProperties(node: Node, entry: PropertyEntry, raw: Record<string, unknown>): void {
  node.patch_path = `${entry.packageName}://${entry.originalFilePath}`;
  if (typeof raw.description === 'string') node.description = raw.description;
  const columns = readColumns(raw.columns);
  if (Object.keys(columns).length > 0) node.columns = columns;
  if (node.resource_type === 'model') {
    if (typeof raw.access === 'string') node.access = raw.access;
    if (raw.constraints !== undefined) node.constraints = modelConstraints(raw.constraints);
    if (typeof raw.deprecation_date === 'string') node.deprecation_date = dateTimeText(raw.deprecation_date);
    if (isMap(raw.time_spine)) node.time_spine = { custom_granularities: [], ...raw.time_spine };
  }
}

/** Lays an entry of `models:`, `seeds:`, `snapshots:` or `analyses:` over its node. Tests come later, when all nodes are known. */
export function patchNode(parsed: ParsedProject, entry: PropertyEntry): void {
  const type = TYPE_OF[entry.kind as keyof typeof TYPE_OF];
  collect(parsed, () => {
    if (type === 'model' && Array.isArray(entry.raw.versions)) {
      patchVersions(parsed, entry);
      return;
    }
    const nodes = candidates(parsed, entry, type);
    if (nodes.length === 0) {
      missing(parsed, entry, type);
      return;
    }
    for (const node of nodes) {
      const config = patchConfig(entry.raw);
      patchProperties(node, entry, entry.raw);
      if (Object.keys(config).length > 0) configureNode(parsed, node, config);
      setContractChecksum(node);
      replace(parsed, node);
    }
  });
}

/** Adds the data tests of an entry's columns, then its own, as dbt orders them. */
export function addTests(parsed: ParsedProject, entry: PropertyEntry, output: ContextOutput, createdAt: number): void {
  if (Array.isArray(entry.raw.versions)) return;
  const target: TestTarget = {
    kind: entry.kind as TestTarget['kind'],
    name: entry.name,
    packageName: entry.packageName,
    originalFilePath: entry.originalFilePath,
    absolutePath: entry.file,
  };
  addTestsOf(parsed, entry, entry.raw, [], target, output, createdAt);
}

const tagList = (raw: Record<string, unknown>): string[] => {
  const config = isMap(raw.config) ? raw.config : {};
  return [raw.tags, config.tags].flatMap((t) =>
    Array.isArray(t) ? t.map(String) : t === undefined || t === null ? [] : [String(t)],
  );
};

/** The tests of a map with `columns` and `data_tests`, found at `path` below the entry. */
export function addTestsOf(
  parsed: ParsedProject,
  entry: PropertyEntry,
  raw: Record<string, unknown>,
  path: readonly (string | number)[],
  target: TestTarget,
  output: ContextOutput,
  createdAt: number,
  inheritedTags: readonly string[] = [],
): void {
  const q = parsed.adapter.dialect.quoteCharacter;
  const columns = Array.isArray(raw.columns) ? raw.columns : [];
  columns.forEach((column, c) => {
    if (!isMap(column) || typeof column.name !== 'string') return;
    const quoted = column.quote === true || (column.quote === undefined && raw.quote_columns === true);
    const columnName = quoted ? `${q}${column.name}${q}` : column.name;
    const { key, list } = testsOf(column);
    list.forEach((written, t) => {
      const place = entry.locate([...path, 'columns', c, key, t]);
      const tags = [...inheritedTags, ...tagList(column)];
      collect(parsed, () => addGenericTest(parsed, { target, written, columnName, tags, place, createdAt }, output));
    });
  });
  const { key, list } = testsOf(raw);
  list.forEach((written, t) => {
    const place = entry.locate([...path, key, t]);
    collect(parsed, () =>
      addGenericTest(parsed, { target, written, columnName: null, tags: inheritedTags, place, createdAt }, output),
    );
  });
}

/** `macros:` entries: description, arguments, docs. */
export function patchMacro(parsed: ParsedProject, entry: PropertyEntry): void {
  const macro = parsed.manifest.macros[`macro.${entry.packageName}.${entry.name}`];
  if (macro === undefined) {
    const hint = didYouMean(entry.name, parsed.macros.names(entry.packageName));
    parsed.diagnostics.push({
      ...problem('no-node-for-properties', `No macro is named '${entry.name}'.`, {
        place: entry.place,
        ...(hint === undefined ? {} : { hint }),
      }),
      severity: 'warning',
    });
    return;
  }
  const { raw } = entry;
  const config = isMap(raw.config) ? raw.config : {};
  const meta = { ...(isMap(raw.meta) ? raw.meta : {}), ...(isMap(config.meta) ? config.meta : {}) };
  const docs = (isMap(config.docs) ? config.docs : isMap(raw.docs) ? raw.docs : {}) as {
    show?: boolean;
    node_color?: string;
  };
  macro.patch_path = `${entry.packageName}://${entry.originalFilePath}`;
  macro.description = typeof raw.description === 'string' ? raw.description : '';
  macro.meta = meta;
  macro.docs = { show: docs.show ?? true, node_color: docs.node_color ?? null };
  macro.config = { meta, docs: macro.docs };
  macro.arguments = ((Array.isArray(raw.arguments) ? raw.arguments : []) as unknown[]).filter(isMap).map((a) => ({
    name: a.name ?? '',
    type: a.type ?? null,
    description: a.description ?? '',
  }));
}

/** `data_tests:` at the top level: descriptions and configs of singular tests. */
export function patchSingularTest(parsed: ParsedProject, entry: PropertyEntry): void {
  const [node] = candidates(parsed, entry, 'test');
  if (node === undefined) {
    missing(parsed, entry, 'test');
    return;
  }
  node.patch_path = `${entry.packageName}://${entry.originalFilePath}`;
  if (typeof entry.raw.description === 'string') node.description = entry.raw.description;
  const config = patchConfig(entry.raw);
  if (Object.keys(config).length === 0) return;
  collect(parsed, () => {
    configureNode(parsed, node, config);
    replace(parsed, node);
  });
}

export function relook(parsed: ParsedProject): void {
  parsed.lookup = buildLookup(parsed.manifest);
}
