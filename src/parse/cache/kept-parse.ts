/**
 * A parsed project as JSON, and back: first an entry a node, so that one can be read without the others, then all the rest.
 * Where the entries are is told by the outline.
 */
import type { Diagnostic } from '../../diagnostics/index.js';
import type { Project } from '../../project/index.js';
import { lookupOf } from '../lookup.js';
import { type KeptMacro, MacroIndex } from '../macros.js';
import type { Manifest, Node } from '../node.js';
import type { ParseOptions } from '../parse-project.js';
import { ParseReads } from '../reads.js';
import type { ParsedProject } from '../state.js';
import { decode, decodeRecord, encode, encodeRecord } from './codec.js';
import { nodeEntries, restOf, restoreManifest, sectionNames } from './kept-manifest.js';
import { lazyRecord } from './lazy-record.js';
import { type Outline, OutlineWriter } from './outline.js';

/** What is known of nodes besides the manifest, by their ids. */
const TABLES = ['configCalls', 'testArguments', 'places'] as const;

/** What a kept parse holds besides the key that it is found by. */
export interface PackedParse {
  /** Throws NotKept where it can't be kept. */
  readonly pieces: Iterable<string>;
  /** To be asked for after all pieces. */
  readonly outline: () => string;
}

export function packParse(parsed: ParsedProject): PackedParse {
  const outline = new OutlineWriter();
  return { pieces: pieces(parsed, outline), outline: () => outline.text(parsed.manifest) };
}

function* pieces(parsed: ParsedProject, outline: OutlineWriter): Generator<string> {
  const { manifest, reads } = parsed;
  let separator = '';
  for (const id in manifest.nodes) {
    const node = manifest.nodes[id] as Node;
    const entry = encode([node, ...TABLES.map((name) => parsed[name].get(id) ?? null)]);
    outline.add(node, Buffer.byteLength(entry), parsed.origins.get(id));
    yield separator + entry;
    separator = ',';
  }
  yield `\n{"graph":${reads.graph}`;
  yield `,"diagnostics":${encode(parsed.diagnostics.slice(parsed.project.diagnostics.length))}`;
  for (const name of sectionNames) {
    yield `,"${name}":`;
    yield* encodeRecord(Object.entries<unknown>(manifest[name]));
  }
  for (const name of [...TABLES, 'origins', 'fixtures'] as const) {
    yield `,"${name}":`;
    const table = parsed[name] as ReadonlyMap<string, unknown>;
    yield* encodeRecord([...table].filter(([id]) => !Object.hasOwn(manifest.nodes, id)));
  }
  yield ',"macros":[';
  separator = '';
  for (const macro of parsed.macros.kept()) {
    yield `${separator}${encode(macro)}`;
    separator = ',';
  }
  yield ']}';
}

/**
 * The parsed project of what `packParse` wrote, for this invocation. Throws a SyntaxError for damaged text.
 *
 * With `light` only those nodes are read back that are looked at, and what else is known of a node only when it is; refs then
 * lead to what the outline has of a node.
 */
export function unpackParse(
  body: Buffer,
  outline: Outline,
  changingNodes: readonly string[],
  project: Project,
  options: ParseOptions,
  light?: Pick<Manifest, 'nodes'>,
): ParsedProject {
  const rest = restOf(body, outline);
  const { adapter, invocation } = options;
  const table = <T>(name: string): Map<string, T> =>
    new Map(Object.entries(decodeRecord((rest[name] ?? {}) as Record<string, unknown>))) as Map<string, T>;
  const tables = { configCalls: table(TABLES[0]), testArguments: table(TABLES[1]), places: table(TABLES[2]) };
  const take = ([node, ...more]: readonly unknown[]): Node => {
    for (const [i, name] of TABLES.entries()) {
      const value = more[i];
      if (value !== null) (tables[name] as Map<string, unknown>).set((node as Node).unique_id, value);
    }
    return node as Node;
  };
  const nodes = light === undefined ? allNodes(body, outline, take) : someNodes(body, outline, take);
  const manifest = restoreManifest(rest, nodes, project, options);
  const macros = new MacroIndex(project.config.name, [`dbt_${adapter.type}`, 'dbt'], adapter.type);
  for (const entry of rest.macros) macros.restore(decode(entry) as KeptMacro);
  macros.seal();
  manifest.macros = macros.nodes;
  const reads = new ParseReads();
  for (const id of changingNodes) reads.changingNodes.add(id);
  reads.graph = Boolean(rest.graph);
  return {
    project,
    adapter,
    invocation,
    manifest,
    macros,
    diagnostics: [...project.diagnostics, ...(decode(rest.diagnostics) as Diagnostic[])],
    templates: new Map(),
    configCalls: tables.configCalls as ParsedProject['configCalls'],
    origins: new Map([...outline.origins(), ...table<never>('origins')]),
    testArguments: tables.testArguments as ParsedProject['testArguments'],
    places: tables.places as ParsedProject['places'],
    fixtures: table('fixtures'),
    broken: new Set(),
    reads,
    lookup: lookupOf(project, light === undefined ? manifest : { ...manifest, ...light }),
  };
}

type Take = (entry: readonly unknown[]) => Node;

function allNodes(body: Buffer, outline: Outline, take: Take): Manifest['nodes'] {
  const nodes: Record<string, Node> = {};
  for (const entry of nodeEntries(body, outline)) {
    const node = take(decode(entry) as readonly unknown[]);
    nodes[node.unique_id] = node;
  }
  return nodes;
}

function someNodes(body: Buffer, outline: Outline, take: Take): Manifest['nodes'] {
  const places = new Map<string, readonly [start: number, end: number]>();
  let start = 0;
  for (const [id, length] of outline.entries()) {
    places.set(id, [start, start + length]);
    start += length + 1;
  }
  return lazyRecord([...places.keys()], (id) => {
    const [from, to] = places.get(id) ?? [0, 0];
    return take(decode(JSON.parse(body.toString('utf8', from, to))) as readonly unknown[]);
  });
}
