import { randomUUID } from 'node:crypto';
import { isAbsolute, relative } from 'node:path';
import type { Adapter } from '../adapters/adapter.js';
import { createAdapter } from '../adapters/index.js';
import { type Diagnostic, problem, UpsqlError } from '../diagnostics/index.js';
import { buildGraph } from '../graph/graph.js';
import { builtinMacroFiles } from '../macros/index.js';
import { defaultParseFile, findParse } from '../parse/cache/index.js';
import type { EventWindow } from '../parse/context/references.js';
import type { Manifest } from '../parse/node.js';
import type { ParseOptions } from '../parse/parse-project.js';
import type { Runtime } from '../parse/runtime.js';
import { originOf, type ParsedProject } from '../parse/state.js';
import type { Project } from '../project/project.js';
import { addDeferRelations, type DeferState } from './defer.js';
import type { Engine, Reading } from './engine.js';
import type { RunListener } from './events.js';
import { type KnownParse, type Outside, openPartial, openSelectors } from './open-reading.js';

export interface OpenEngineOptions {
  /** The command's flags by dbt's names, as `flags`, `invocation_args_dict` and run_results.json show them. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** The invocation's id; default: a new one. */
  readonly id?: string;
  /** False leaves the warehouse closed: for commands that only read the project. Default true. */
  readonly warehouse?: boolean;
  /** False parses every file, whatever an earlier parse left. Default: the flag `partial_parse` of dbt_project.yml, else true. */
  readonly partialParse?: boolean | undefined;
  /** Where that parse is; default: `partial_parse.json` in the target folder. */
  readonly partialParseFile?: string | undefined;
  /** `--empty`: refs and sources give no rows. */
  readonly empty?: boolean;
  /** `--sample`: the span of time that inputs with an event_time are cut to. */
  readonly sample?: EventWindow | undefined;
  /** Where the nodes are in another environment: read in place of what is not built here (`--defer`), or to clone. */
  readonly state?: DeferState | undefined;
  /**
   * What the command works on: the `metadata` of the manifest and no more of it, of the manifest what selection and listing
   * look at, with its graph (`listing`), the whole manifest with its `graph`, or all, with the `runtime` (default). What is not
   * asked for is left out where an earlier parse still holds.
   */
  readonly needs?: Needs;
  /** What an earlier command found out about the kept parse of this id. */
  readonly known?: (parseFile: string, id: string) => KnownParse | undefined;
  /** Gets what macros log and warn while nodes run. */
  readonly listen?: RunListener | undefined;
}

export type Needs = 'metadata' | 'listing' | 'graph' | 'runtime';

export interface KeptParse {
  readonly file: string;
  readonly id: string;
  /** What was read again since it was kept, by its ids. */
  readonly changed: readonly string[];
  /** Every node depends on the same nodes as then. */
  readonly sameEdges: boolean;
  /** The manifest has the same entries as then. */
  readonly sameEntries: boolean;
}

export interface OpenedEngine {
  readonly engine: Engine;
  /** Warnings of the project, its profile and its files. */
  readonly diagnostics: readonly Diagnostic[];
  /** Those of them that follow from the files alone. */
  readonly fileDiagnostics: readonly Diagnostic[];
  /** Of what else the manifest was made. */
  readonly outside: Outside;
  /** The kept parse that the manifest was made of; undefined where there is none, or a state was added. */
  readonly parse: KeptParse | undefined;
  /** The manifest as it is written: the engine's may be without what its command does not need. */
  readonly manifest: Manifest;
  /** Closes the warehouse. */
  close(): Promise<void>;
}

/**
 * Parses a loaded project, builds its graph and opens its target. Throws UpsqlError for what is wrong in the project; the
 * warehouse is closed again then.
 */
export async function openEngine(project: Project, options: OpenEngineOptions = {}): Promise<OpenedEngine> {
  const adapter = await createAdapter(project);
  const invocation = { id: options.id ?? randomUUID(), startedAt: new Date(), args: options.args ?? {} };
  const log = (message: string, level: 'info' | 'debug') =>
    options.listen?.({ kind: 'node-log', node: null, message, level });
  const parse: ParseOptions = {
    adapter,
    invocation,
    // Read where they are needed only.
    get builtinMacros() {
      return builtinMacroFiles(adapter.type);
    },
    onLog: log,
    keepTemplates: (options.needs ?? 'runtime') === 'runtime',
  };
  const file = options.partialParseFile ?? defaultParseFile(project);
  const found = findParse(project, parse, {
    reuse: options.partialParse ?? project.config.flags.partial_parse !== false,
    file,
    onDebug: (message) => log(message, 'debug'),
  });
  const needs = options.state === undefined ? (options.needs ?? 'runtime') : 'runtime';
  const partial =
    needs === 'runtime' ? undefined : await openPartial(found, needs, file, project, parse, options.known);
  if (partial !== undefined) {
    const { reading, manifest, known, diagnostics } = partial;
    return {
      engine: withoutRuntime(reading, adapter),
      diagnostics: [...adapter.diagnostics, ...project.diagnostics, ...diagnostics],
      fileDiagnostics: diagnostics,
      outside: known.outside,
      parse: { file, ...partial.parse },
      manifest,
      close: () => adapter.close(),
    };
  }
  const { parsed, id, changed, sameEntries } = await found.parse();
  const [{ checkMicrobatch }, { notePromoted }] = await Promise.all([
    import('./microbatch/check.js'),
    import('./ml/promoted.js'),
  ]);
  const usesBatches = buildsInBatches(parsed);
  if (usesBatches) parsed.diagnostics.push(...checkMicrobatch(parsed.manifest, (node) => originOf(parsed, node)));
  // All faults of the project at once, rather than the first.
  if (parsed.diagnostics.some((found) => found.severity === 'error')) throw new UpsqlError(parsed.diagnostics);
  if (options.state !== undefined) addDeferRelations(parsed.manifest, options.state.manifest);
  const promoted = await notePromoted(project, parsed.manifest);
  const graph = buildGraph(parsed.manifest);
  parsed.manifest.parent_map = graph.parentMap;
  parsed.manifest.child_map = graph.childMap;
  const { selectors, artifact } = await openSelectors(project);
  parsed.manifest.selectors = artifact;
  const opened = (engine: Engine): OpenedEngine => ({
    engine,
    diagnostics: [...adapter.diagnostics, ...parsed.diagnostics],
    fileDiagnostics: parsed.diagnostics.slice(project.diagnostics.length),
    outside: { selectors: artifact, promoted },
    parse:
      id === undefined || options.state !== undefined
        ? undefined
        : { file, id, changed, sameEdges: false, sameEntries },
    manifest: parsed.manifest,
    close: () => adapter.close(),
  });
  if (needs !== 'runtime') {
    const reading = { project, manifest: parsed.manifest, graph, selectors };
    return opened(withoutRuntime(reading, adapter));
  }
  const [{ createRuntime }, { createSqlWriter }, { runTypescriptNode }] = await Promise.all([
    import('../parse/runtime/create-runtime.js'),
    import('./compiled.js'),
    import('./typescript-model.js'),
  ]);
  const selected: string[] = [];
  let stop = new AbortController();
  const { listen } = options;
  const runtime = createRuntime(parsed, adapter, {
    selected,
    empty: options.empty ?? false,
    sample: options.sample,
    defer: options.state?.defer === true ? { favorState: options.state.favorState } : undefined,
    onLog: (node, message, level) => listen?.({ kind: 'node-log', node, message, level }),
    onStatement: (node, sql) => listen?.({ kind: 'statement', node, sql }),
    onWarning: (node, message, given) => {
      const at = node === null ? undefined : originOf(parsed, node);
      const own = at === undefined ? undefined : { file: at.file, line: at.line, column: 1 };
      const place = given === undefined && own === undefined ? {} : { place: given ?? own };
      listen?.({ kind: 'warning', diagnostic: problem('warning', message, { severity: 'warning', ...place }) });
    },
    writeSql: createSqlWriter(project.root, shownTargetPath(project)),
    runPython: async (node, code, session) => {
      const { runPythonModel } = await import('./python/index.js');
      return runPythonModel({ parsed, node, code, session, signal: stop.signal, listen });
    },
    runTypescript: (node, table, session, isIncremental, read) =>
      runTypescriptNode({ parsed, adapter, node, table, session, isIncremental, read, signal: stop.signal, listen }),
  });
  const engine: Engine = {
    project,
    manifest: parsed.manifest,
    graph,
    runtime,
    adapter,
    usesBatches,
    selectors,
    origin: (node) => originOf(parsed, node),
    place: (uniqueId) => parsed.places.get(uniqueId),
    onStart(ids) {
      selected.splice(0, selected.length, ...ids);
      stop = new AbortController();
    },
    onStop: () => stop.abort(),
    tell: (node, message) => listen?.({ kind: 'node-log', node, message, level: 'info' }),
  };
  if (options.warehouse !== false) {
    try {
      await adapter.open();
    } catch (error) {
      await adapter.close().catch(() => undefined);
      throw error;
    }
  }
  return opened(engine);
}

/** An engine for a command that has said it only reads. */
function withoutRuntime(reading: Reading, adapter: Adapter): Engine {
  return {
    ...reading,
    adapter,
    get runtime(): Runtime {
      throw new Error('the project was opened to be read only');
    },
  };
}

/** As in dbt: unless the project brings a microbatch macro of its own and no flag says otherwise. */
function buildsInBatches({ project, macros }: ParsedProject): boolean {
  if (project.config.flags.require_batched_execution_for_custom_microbatch_strategy === true) return true;
  const macro = macros.find('get_incremental_microbatch_sql', project.config.name);
  return macro === undefined || macros.isInternal(macro.package_name);
}

/** The target folder as paths in artifacts show it: relative to the project where it lies inside. */
function shownTargetPath(project: Project): string {
  const inside = relative(project.root, project.targetDir);
  return inside.startsWith('..') || isAbsolute(inside) ? project.targetDir : inside;
}
