/** Model versions: one properties entry with `versions:` gives each version's file its name, version and config. */
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { PropertyEntry } from '../../project/index.js';
import type { ContextOutput } from '../context/base.js';
import type { Node } from '../node.js';
import { isMap, type Raw } from '../shape.js';
import type { ParsedProject } from '../state.js';
import { readColumns } from './columns.js';
import { configureNode } from './configure.js';
import { setContractChecksum } from './contract.js';
import { addTestsOf } from './declared-tests.js';
import type { TestTarget } from './generic-tests.js';
import { patchConfig, patchProperties } from './properties.js';
import { addNode } from './sql-files.js';

type Version = string | number;

interface VersionEntry {
  readonly v: Version;
  readonly raw: Raw;
  readonly index: number;
}

function versionsOf(entry: PropertyEntry): VersionEntry[] {
  const list = Array.isArray(entry.raw.versions) ? entry.raw.versions : [];
  return (list as unknown[]).filter(isMap).map((raw, index) => ({ v: raw.v as Version, raw, index }));
}

function latest(entry: PropertyEntry, versions: readonly VersionEntry[]): Version | undefined {
  const given = entry.raw.latest_version;
  if (typeof given === 'string' || typeof given === 'number') return given;
  const numeric = versions.every((x) => !Number.isNaN(Number(x.v)));
  const sorted = [...versions].sort((a, b) =>
    numeric ? Number(a.v) - Number(b.v) : String(a.v) < String(b.v) ? -1 : 1,
  );
  return sorted.at(-1)?.v;
}

/** The columns of a version: the model's, less or only those that `include`/`exclude` name, then the version's own. */
function columnsFor(base: Raw, version: Raw): unknown[] {
  const own = Array.isArray(version.columns) ? version.columns : [];
  const all = Array.isArray(base.columns) ? base.columns.filter(isMap) : [];
  const rule = own.find((c) => isMap(c) && ('include' in c || 'exclude' in c)) as Raw | undefined;
  const extra = own.filter((c): c is Raw => isMap(c) && typeof c.name === 'string');
  const names = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
  const include = rule?.include;
  const everything = include === undefined || include === 'all' || include === '*';
  const kept =
    rule === undefined && extra.length === 0
      ? all
      : all.filter((c) => {
          const name = String(c.name);
          if (extra.some((x) => x.name === name)) return false;
          return (everything || names(include).includes(name)) && !names(rule?.exclude).includes(name);
        });
  return [...kept, ...extra];
}

function fileOf(parsed: ParsedProject, packageName: string, name: string): Node | undefined {
  const id = `model.${packageName}.${name}`;
  return parsed.manifest.nodes[id] ?? (parsed.manifest.disabled[id]?.[0] as Node | undefined);
}

export function patchVersions(parsed: ParsedProject, entry: PropertyEntry): void {
  const versions = versionsOf(entry);
  const newest = latest(entry, versions);
  for (const { v, raw, index } of versions) {
    const fileName = typeof raw.defined_in === 'string' ? raw.defined_in : `${entry.name}_v${v}`;
    const node =
      fileOf(parsed, entry.packageName, fileName) ??
      (String(v) === String(newest) ? fileOf(parsed, entry.packageName, entry.name) : undefined);
    if (node === undefined) {
      throw new UpsqlError(
        problem('missing-version', `Version ${v} of model '${entry.name}' has no file.`, {
          place: entry.locate(['versions', index]),
          hint: `Add ${fileName}.sql, or name the file with defined_in.`,
        }),
      );
    }
    moveVersion(parsed, node, entry, v, newest);
    const merged: Raw = {
      ...entry.raw,
      ...Object.fromEntries(
        ['description', 'constraints', 'deprecation_date'].filter((k) => raw[k] !== undefined).map((k) => [k, raw[k]]),
      ),
      columns: columnsFor(entry.raw, raw),
    };
    patchProperties(node, entry, merged);
    node.columns = readColumns(merged.columns);
    configureNode(parsed, node, { ...patchConfig(merged), ...(isMap(raw.config) ? raw.config : {}) });
    setContractChecksum(node);
    addNode(parsed, node);
  }
}

/** Gives a file's node the model's name and its version: a new unique_id and fqn. */
function moveVersion(
  parsed: ParsedProject,
  node: Node,
  entry: PropertyEntry,
  v: Version,
  newest: Version | undefined,
): void {
  const before = node.unique_id;
  delete parsed.manifest.nodes[before];
  delete parsed.manifest.disabled[before];
  node.name = entry.name;
  node.version = v;
  node.latest_version = newest ?? null;
  node.unique_id = `model.${node.package_name}.${entry.name}.v${v}`;
  node.fqn = [...node.fqn.slice(0, -1), entry.name, `v${v}`];
  for (const table of [parsed.templates, parsed.configCalls, parsed.origins] as Map<string, unknown>[]) {
    const value = table.get(before);
    if (value === undefined) continue;
    table.delete(before);
    table.set(node.unique_id, value);
  }
}

/** The data tests of each version, on that version's columns. */
export function addVersionTests(
  parsed: ParsedProject,
  entry: PropertyEntry,
  output: ContextOutput,
  createdAt: number,
): void {
  for (const { v, raw } of versionsOf(entry)) {
    const target: TestTarget = {
      kind: 'models',
      name: entry.name,
      version: v,
      packageName: entry.packageName,
      originalFilePath: entry.originalFilePath,
      absolutePath: entry.file,
    };
    const merged: Record<string, unknown> = { ...entry.raw, columns: columnsFor(entry.raw, raw) };
    for (const key of ['data_tests', 'tests']) if (raw[key] !== undefined) merged[key] = raw[key];
    addTestsOf(parsed, entry, merged, [], target, output, createdAt);
  }
}
