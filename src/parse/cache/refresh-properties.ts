/**
 * Reading again a properties file of a kept parse: its entries are laid over their nodes anew, and its sources, exposures and
 * tests made anew, by the same steps as in a whole parse. What others see of its nodes must stay as it is (names, relations,
 * access, group); anything more is left to a whole parse.
 */
import type { PropertyEntry } from '../../project/index.js';
import type { ContextOutput } from '../context/base.js';
import { renderDescriptions } from '../docs.js';
import type { SourceFile } from '../files.js';
import { emptyManifest } from '../manifest.js';
import type { Manifest, Node, OtherNode } from '../node.js';
import { checkConfig } from '../nodes/check-config.js';
import { addTests } from '../nodes/declared-tests.js';
import { readExposure } from '../nodes/exposures.js';
import { groupMap } from '../nodes/groups.js';
import { patchNode } from '../nodes/patches.js';
import { collect } from '../nodes/read-template.js';
import { seedChecksum } from '../nodes/seed-checksum.js';
import { addSourceTests, readSource } from '../nodes/sources.js';
import { checkMaterialization, readSeedFile, readSqlFile } from '../nodes/sql-files.js';
import { setPrimaryKeys } from '../primary-key.js';
import { readPropertyFile } from '../property-files.js';
import { resolveNode } from '../resolve.js';
import type { SourceReader } from '../source-reader.js';
import { noTables, type ParsedProject } from '../state.js';
import { encode } from './codec.js';

/** Kinds of entry that lie over a node of their own file. */
const PATCHES: Readonly<Record<string, 'model' | 'seed' | 'analysis'>> = {
  models: 'model',
  seeds: 'seed',
  analyses: 'analysis',
};
const TABLES = ['configCalls', 'origins', 'testArguments', 'places'] as const;
const SECTIONS = ['nodes', 'sources', 'exposures'] as const;

/** Fields of a node that other nodes, and what is told of them, hang on. */
const SEEN = [
  'database',
  'schema',
  'alias',
  'relation_name',
  'access',
  'group',
  'version',
  'latest_version',
  'deprecation_date',
  'time_spine',
] as const;

/** What refreshing works on. */
export interface Refreshing {
  readonly parsed: ParsedProject;
  /** All nodes with what the outline has of them, or more. */
  readonly outline: Manifest['nodes'];
  /** All files of the project, in the order of reading. */
  readonly files: Iterable<SourceFile>;
  readonly reader: SourceReader;
  readonly createdAt: number;
  readonly staticReading: boolean;
  /** Where the manifest gets other entries the rest is done by another call, which has all nodes. */
  readonly inPart: boolean;
}

export interface RefreshedEntries {
  /** Ids of what was made anew. */
  readonly changed: readonly string[];
  /** The manifest has the same entries as before, in the same order. */
  readonly sameEntries: boolean;
}

/** Undefined where a whole parse is needed; the parsed project is then not to be used. */
export function refreshProperties(work: Refreshing, file: SourceFile): RefreshedEntries | undefined {
  const { parsed, reader, createdAt, staticReading } = work;
  const before = entriesBefore(work, file);
  const owner = parsed.project.packages.find(({ name }) => name === file.packageName);
  if (before === undefined || owner === undefined) return undefined;
  let quiet = true;
  const speak = () => {
    quiet = false;
  };
  const output: ContextOutput = { log: speak, warn: speak };
  const fresh = scratch(parsed);
  let entries: readonly PropertyEntry[] = [];
  collect(fresh, () => {
    entries = readPropertyFile(fresh, owner, { ...file, text: reader.text(file.absolutePath) });
  });
  const sources = new Map([...work.files].map((found) => [found.absolutePath, found]));
  const patched: string[] = [];
  for (const entry of entries) {
    const type = PATCHES[entry.kind];
    if (type === undefined) {
      if (entry.kind !== 'sources' && entry.kind !== 'exposures') return undefined;
      continue;
    }
    const id = `${type}.${entry.packageName}.${entry.name}`;
    const own = sources.get(parsed.origins.get(id)?.file ?? '');
    if (own === undefined || entry.raw.versions !== undefined || before.nodes[patched.length] !== id) return undefined;
    parsed.reads.changingNodes.delete(id);
    if (type === 'seed') readSeedFile(fresh, { ...own, text: '' }, seedChecksum(own, reader), owner.root, createdAt);
    else if (!own.absolutePath.endsWith('.sql')) return undefined;
    else {
      const text = reader.text(own.absolutePath);
      readSqlFile(fresh, type, { ...own, text }, { output, staticReading, keepTemplates: true }, createdAt);
    }
    patched.push(id);
  }
  if (patched.length !== before.nodes.length) return undefined;
  for (const entry of entries) {
    if (entry.kind === 'sources') collect(fresh, () => readSource(fresh, entry, createdAt));
    else if (entry.kind === 'exposures') collect(fresh, () => readExposure({ parsed: fresh, entry, createdAt }));
    else patchNode(fresh, entry);
  }
  if (!sameForOthers(parsed, fresh)) return undefined;
  for (const node of Object.values(fresh.manifest.nodes))
    if (node.resource_type !== 'analysis') parsed.lookup.refs.get(node.name)?.set(node.package_name, node);
  for (const entry of entries) {
    if (entry.kind === 'sources') addSourceTests(fresh, entry, output, createdAt);
    else if (entry.kind === 'models' || entry.kind === 'seeds') addTests(fresh, entry, output, createdAt);
  }
  renderDescriptions({ ...fresh, manifest: { ...fresh.manifest, macros: {} } });
  const { nodes, exposures } = fresh.manifest;
  for (const node of [...Object.values(nodes), ...Object.values(exposures)])
    if (node.resource_type !== 'seed') resolveNode(fresh, node);
  setPrimaryKeys(fresh);
  for (const node of Object.values(nodes)) {
    checkMaterialization(fresh, node);
    checkConfig(fresh, node);
  }
  const silent = quiet && fresh.diagnostics.length === 0 && fresh.broken.size === 0 && !parsed.reads.changing;
  if (!silent || Object.keys(fresh.manifest.disabled).length > 0) return undefined;
  const same = (section: 'sources' | 'exposures') =>
    String(Object.keys(fresh.manifest[section])) === String(before[section]);
  if (!same('sources') || !same('exposures')) return undefined;
  return putBack(work, file, before, patched, fresh);
}

/** A project with nothing in it but macros and docs blocks, which knows where refs of the other lead. */
function scratch(parsed: ParsedProject): ParsedProject {
  const { project, adapter, invocation } = parsed;
  const { docs, macros } = parsed.manifest;
  return {
    ...parsed,
    manifest: { ...emptyManifest(project, adapter, invocation), docs, macros },
    diagnostics: [],
    ...noTables(),
  };
}

interface Before {
  /** Ids of the nodes that the file's entries lay over, and of its tests, in the order of the manifest. */
  readonly nodes: readonly string[];
  readonly tests: readonly string[];
  readonly sources: readonly string[];
  readonly exposures: readonly string[];
}

/** What the file made when it was read before; undefined where that is more than can be made anew. */
function entriesBefore({ parsed, outline }: Refreshing, file: SourceFile): Before | undefined {
  const { manifest, diagnostics } = parsed;
  const { packageName, originalFilePath } = file;
  const patch = `${packageName}://${originalFilePath}`;
  const isOwn = (node: { package_name: string; original_file_path: string }) =>
    node.package_name === packageName && node.original_file_path === originalFilePath;
  const nodes: string[] = [];
  const tests: string[] = [];
  for (const node of Object.values(outline)) {
    if (node.patch_path === patch) nodes.push(node.unique_id);
    else if (node.test_metadata !== undefined && isOwn(node)) tests.push(node.unique_id);
    else if (isOwn(node)) return undefined;
  }
  const known = new Set(nodes);
  const files = new Set([file.absolutePath, ...nodes.map((id) => parsed.origins.get(id)?.file)]);
  const tested = Object.values(manifest.unit_tests).some((test) => test.depends_on?.nodes.some((id) => known.has(id)));
  const foreign = Object.values(outline).some(
    ({ test_metadata, package_name, depends_on }) =>
      test_metadata !== undefined && package_name !== packageName && depends_on.nodes.some((id) => known.has(id)),
  );
  const disabled = Object.values(manifest.disabled)
    .flat()
    .some((node) => known.has(node.unique_id) || isOwn(node) || (node as Node).patch_path === patch);
  const macros = Object.values(manifest.macros).some((macro) => macro.patch_path === patch);
  const others = [
    manifest.metrics,
    manifest.semantic_models,
    manifest.saved_queries,
    manifest.unit_tests,
    manifest.groups,
  ];
  const more = others.some((section) => Object.values<OtherNode>(section).some(isOwn));
  const told = diagnostics.some(({ place }) => files.has(place?.file));
  if (tested || foreign || disabled || macros || more || told) return undefined;
  const ids = (section: Manifest['sources'] | Manifest['exposures']) =>
    Object.values<OtherNode | Manifest['sources'][string]>(section)
      .filter(isOwn)
      .map(({ unique_id }) => unique_id);
  return { nodes, tests, sources: ids(manifest.sources), exposures: ids(manifest.exposures) };
}

/** Whether the nodes made anew look to others as before. */
function sameForOthers(parsed: ParsedProject, fresh: ParsedProject): boolean {
  return Object.values(fresh.manifest.nodes).every((node) => {
    const old = parsed.manifest.nodes[node.unique_id];
    return old !== undefined && SEEN.every((key) => encode(old[key] ?? null) === encode(node[key] ?? null));
  });
}

/** Puts what was made anew into the place of what it was made of. */
function putBack(
  work: Refreshing,
  file: SourceFile,
  before: Before,
  patched: readonly string[],
  fresh: ParsedProject,
): RefreshedEntries | undefined {
  const { parsed } = work;
  const { manifest } = parsed;
  const own = new Set(patched);
  const tests = Object.keys(fresh.manifest.nodes).filter((id) => !own.has(id));
  // A test of another file that is the same.
  if (tests.some((id) => Object.hasOwn(work.outline, id) && !before.tests.includes(id))) return undefined;
  const sameEntries = String(tests) === String(before.tests);
  const changed = SECTIONS.flatMap((name) => Object.keys(fresh.manifest[name]));
  if (!sameEntries && work.inPart) return { changed, sameEntries };
  if (
    !sameEntries &&
    losesMacro(
      parsed,
      before.tests,
      tests.map((id) => fresh.manifest.nodes[id] as Node),
    )
  )
    return undefined;
  for (const id of [...before.tests, ...before.nodes, ...before.sources, ...before.exposures])
    for (const name of TABLES) parsed[name].delete(id);
  for (const name of TABLES)
    for (const [id, value] of fresh[name]) (parsed[name] as Map<string, unknown>).set(id, value);
  if (!sameEntries) manifest.nodes = withTests(work, file, before.tests, tests, fresh.manifest.nodes);
  for (const name of SECTIONS) Object.assign(manifest[name], fresh.manifest[name]);
  if (!sameEntries) manifest.group_map = groupMap(manifest);
  return { changed, sameEntries };
}

/** Whether a macro that tests of the file called is called by none any more: what is noted of the engine's own hangs on that. */
function losesMacro({ manifest }: ParsedProject, old: readonly string[], tests: readonly Node[]): boolean {
  const gone = new Set(old.flatMap((id) => manifest.nodes[id]?.depends_on.macros ?? []));
  for (const test of tests) for (const macro of test.depends_on.macros) gone.delete(macro);
  const own = new Set(old);
  for (const { test_metadata, unique_id, depends_on } of Object.values(manifest.nodes)) {
    if (gone.size === 0) return false;
    if (test_metadata !== undefined && !own.has(unique_id)) for (const macro of depends_on.macros) gone.delete(macro);
  }
  return gone.size > 0;
}

/** The nodes with other tests of a file: where its old ones were, else in front of those of the next files. */
function withTests(
  { parsed, files }: Refreshing,
  file: SourceFile,
  old: readonly string[],
  tests: readonly string[],
  fresh: Manifest['nodes'],
): Manifest['nodes'] {
  const gone = new Set(old);
  const { nodes } = parsed.manifest;
  const all = [...files].filter(({ kind }) => kind === 'properties').map(({ absolutePath }) => absolutePath);
  const later = new Set(all.slice(all.indexOf(file.absolutePath) + 1));
  const isNext = (node: Node) =>
    node.test_metadata !== undefined && later.has(parsed.origins.get(node.unique_id)?.file ?? '');
  const out: Manifest['nodes'] = {};
  let placed = false;
  const place = () => {
    placed = true;
    for (const id of tests) out[id] = fresh[id] as Node;
  };
  for (const [id, node] of Object.entries(nodes)) {
    if (!placed && (gone.has(id) || (old.length === 0 && isNext(node)))) place();
    if (!gone.has(id)) out[id] = node;
  }
  if (!placed) place();
  return out;
}
