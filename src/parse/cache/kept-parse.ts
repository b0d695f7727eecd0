/** A parsed project as lines of JSON, and back. */
import type { Diagnostic } from '../../diagnostics/index.js';
import type { Project } from '../../project/index.js';
import { lookupOf } from '../lookup.js';
import { type KeptMacro, MacroIndex } from '../macros.js';
import type { ParseOptions } from '../parse-project.js';
import { ParseReads } from '../reads.js';
import type { ParsedProject } from '../state.js';
import { decode, decodeRecord, encode, encodeRecord } from './codec.js';
import { type Packed, restoreManifest, sectionNames } from './kept-manifest.js';

const TABLES = ['configCalls', 'origins', 'testArguments', 'places', 'fixtures'] as const;

/** The pieces of what a kept parse holds besides the key that it is found by. Throws NotKept where it can't be kept. */
export function* packParse(parsed: ParsedProject): Generator<string> {
  const { manifest, reads } = parsed;
  yield `{"graph":${reads.graph}`;
  yield `,"diagnostics":${encode(parsed.diagnostics.slice(parsed.project.diagnostics.length))}`;
  for (const name of sectionNames) {
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

/** The parsed project of what `packParse` wrote, for this invocation. Throws a SyntaxError for damaged text. */
export function unpackParse(
  text: string,
  changingNodes: readonly string[],
  project: Project,
  options: ParseOptions,
): ParsedProject {
  const kept = JSON.parse(text) as Packed;
  const { adapter, invocation } = options;
  const manifest = restoreManifest(kept, project, options);
  const macros = new MacroIndex(project.config.name, [`dbt_${adapter.type}`, 'dbt'], adapter.type);
  for (const entry of kept.macros) macros.restore(decode(entry) as KeptMacro);
  macros.seal();
  manifest.macros = macros.nodes;
  const table = <T>(name: (typeof TABLES)[number]): Map<string, T> =>
    new Map(Object.entries(decodeRecord((kept[name] ?? {}) as Record<string, unknown>))) as Map<string, T>;
  const reads = new ParseReads();
  for (const id of changingNodes) reads.changingNodes.add(id);
  reads.graph = Boolean(kept.graph);
  return {
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
}
