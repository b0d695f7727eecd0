/** A parsed project as lines of JSON, and back. */
import type { Diagnostic } from '../../diagnostics/index.js';
import type { Project } from '../../project/index.js';
import { lookupOf } from '../lookup.js';
import { type KeptMacro, MacroIndex } from '../macros.js';
import { emptyManifest } from '../manifest.js';
import type { Manifest } from '../node.js';
import type { ParseOptions } from '../parse-project.js';
import { ParseReads } from '../reads.js';
import type { ParsedProject } from '../state.js';
import { decode, decodeRecord, encode, encodeRecord } from './codec.js';

/** A message of `log()` or `print()` in a template that was read. */
export type KeptLog = readonly [message: string, level: 'info' | 'debug'];

/** Parts of the manifest that are made anew each time: from the invocation, from the graph. */
type Fresh = 'metadata' | 'selectors' | 'parent_map' | 'child_map';

/** Macros come from their index; all other parts are here, which the compiler checks. */
const SECTIONS: Readonly<Record<Exclude<keyof Manifest, Fresh | 'macros'>, true>> = {
  nodes: true,
  sources: true,
  docs: true,
  exposures: true,
  metrics: true,
  groups: true,
  disabled: true,
  group_map: true,
  saved_queries: true,
  semantic_models: true,
  unit_tests: true,
  functions: true,
};
const TABLES = ['configCalls', 'origins', 'testArguments', 'places', 'fixtures'] as const;

/** The pieces of what a kept parse holds besides the key that it is found by. Throws NotKept where it can't be kept. */
export function* packParse(parsed: ParsedProject, logs: readonly KeptLog[]): Generator<string> {
  const { manifest, reads } = parsed;
  yield `{"logs":${encode(logs)},"changingNodes":${encode([...reads.changingNodes])},"graph":${reads.graph}`;
  yield `,"diagnostics":${encode(parsed.diagnostics.slice(parsed.project.diagnostics.length))}`;
  for (const name of Object.keys(SECTIONS) as (keyof typeof SECTIONS)[]) {
    yield `,"${name}":`;
    yield* encodeRecord(Object.entries<unknown>(manifest[name]));
  }
  for (const name of TABLES) {
    yield `,"${name}":`;
    yield* encodeRecord(parsed[name] as ReadonlyMap<string, unknown>);
  }
  yield ',"macros":[';
  let separator = '';
  for (const macro of parsed.macros.kept()) {
    yield `${separator}${encode(macro)}`;
    separator = ',';
  }
  yield ']}';
}

export interface UnpackedParse {
  readonly parsed: ParsedProject;
  readonly logs: readonly KeptLog[];
}

/** The parsed project of what `packParse` wrote, for this invocation. Throws a SyntaxError for damaged text. */
export function unpackParse(text: string, project: Project, options: ParseOptions): UnpackedParse {
  const kept = JSON.parse(text) as Record<string, Record<string, unknown>>;
  const { adapter, invocation } = options;
  const manifest = emptyManifest(project, adapter, invocation);
  for (const name of Object.keys(SECTIONS) as (keyof typeof SECTIONS)[])
    Object.assign(manifest, { [name]: decodeRecord(kept[name] ?? {}) });
  const macros = new MacroIndex(project.config.name, [`dbt_${adapter.type}`, 'dbt'], adapter.type);
  for (const entry of kept.macros as unknown as unknown[]) macros.restore(decode(entry) as KeptMacro);
  macros.seal();
  manifest.macros = macros.nodes;
  const table = <T>(name: (typeof TABLES)[number]): Map<string, T> =>
    new Map(Object.entries(decodeRecord(kept[name] ?? {}))) as Map<string, T>;
  const reads = new ParseReads();
  for (const id of decode(kept.changingNodes) as string[]) reads.changingNodes.add(id);
  reads.graph = Boolean(kept.graph);
  const parsed: ParsedProject = {
    project,
    adapter,
    invocation,
    manifest,
    macros,
    diagnostics: [...project.diagnostics, ...(decode(kept.diagnostics) as Diagnostic[])],
    templates: new Map(),
    configCalls: table('configCalls'),
    origins: table('origins'),
    testArguments: table('testArguments'),
    places: table('places'),
    fixtures: table('fixtures'),
    broken: new Set(),
    reads,
    lookup: lookupOf(project, manifest),
  };
  return { parsed, logs: decode(kept.logs) as KeptLog[] };
}
