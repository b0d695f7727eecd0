/**
 * upsql as a library: load a dbt-style project, build it, look at its graph, render SQL.
 *
 * @example
 * import { build, loadProject } from 'upsql';
 *
 * const project = await loadProject({ projectDir: 'my_project' });
 * const outcome = await build(project, { select: ['dim_users+'] });
 * for (const { node, status } of outcome.results) console.log(node.name, status);
 * await project.close();
 */
import { secretsOf, writeManifest, writeRunResults } from './artifacts/index.js';
import type { Diagnostic } from './diagnostics/index.js';
import type { Manifest } from './parse/node.js';
import { type LoadOptions, type Project, loadProject as readProject } from './project/index.js';
import type { Engine } from './run/engine.js';
import type { RunListener, RunOutcome } from './run/events.js';
import { openEngine } from './run/open-engine.js';
import type { SelectionOptions } from './run/selection.js';
import type { ListOptions } from './run/tasks/list.js';
import type { TaskOptions } from './run/tasks/run-task.js';
import type { Preview, ShowOptions } from './run/tasks/show.js';

export { type Diagnostic, excerpt, type Place, UpsqlError } from './diagnostics/index.js';
export type { Manifest, Node, SourceNode } from './parse/node.js';
export type { LoadOptions, Project, YamlMap, YamlValue } from './project/index.js';
export type { NodeResult, NodeStatus, RunEvent, RunListener, RunOutcome, SampleRows } from './run/events.js';
export type { ListOptions, Preview, SelectionOptions, ShowOptions };

/** A project that was read and parsed; `close()` it when done, since a DuckDB file is open to one process at a time. */
export interface LoadedProject {
  readonly project: Project;
  readonly manifest: Manifest;
  /** Warnings about the project, its profile and its files. */
  readonly diagnostics: readonly Diagnostic[];
  /** The parts that the commands work on; the warehouse may still be closed. */
  readonly parts: Engine;
  /** The same with the warehouse opened. */
  engine(): Promise<Engine>;
  /** Flags by dbt's names, which templates see as `flags` and run_results.json as `args`. */
  readonly args: Record<string, unknown>;
  close(): Promise<void>;
}

export interface LoadProjectOptions extends LoadOptions {
  /** Gets what macros log and what nodes warn of, in every run of this project. */
  readonly listen?: RunListener;
}

export interface RunOptions extends Omit<TaskOptions, 'host'> {
  /** A virtual environment to build, run or test in, as with `--env`. Default: production. */
  readonly environment?: string;
  /** With an environment: build again what has been built there before. */
  readonly refresh?: boolean;
  /** Rebuild incremental models from nothing. */
  readonly fullRefresh?: boolean;
  /** Write manifest.json and run_results.json to the target folder. Default true. */
  readonly writeArtifacts?: boolean;
}

/**
 * Reads and parses a project. The warehouse is opened by the first call that needs it. Throws UpsqlError, whose
 * `diagnostics` have file, line and column of what is wrong.
 *
 * @example
 * const project = await loadProject({ projectDir: '.', target: 'dev', vars: { start_date: '2024-01-01' } });
 * console.log(Object.keys(project.manifest.nodes));
 * await project.close();
 */
export async function loadProject(options: LoadProjectOptions = {}): Promise<LoadedProject> {
  const { listen, ...where } = options;
  const project = await readProject(where);
  const args: Record<string, unknown> = { vars: project.cliVars };
  const opened = await openEngine(project, { warehouse: false, args, listen });
  let opening: Promise<void> | undefined;
  return {
    project,
    manifest: opened.engine.manifest,
    diagnostics: opened.diagnostics,
    args,
    parts: opened.engine,
    async engine() {
      opening ??= opened.engine.adapter.open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      await opening;
      return opened.engine;
    },
    close: () => opened.close(),
  };
}

/**
 * Builds seeds, models and snapshots and runs their tests, in the order of the graph.
 *
 * @example
 * const { success, results } = await build(project, { select: ['+fact_events'], fullRefresh: true });
 */
export async function build(project: LoadedProject, options: RunOptions = {}): Promise<RunOutcome> {
  return runOn(project, 'build', (await import('./run/tasks/build.js')).build, options);
}

/**
 * Builds models only.
 *
 * @example
 * await run(project, { select: ['tag:nightly'], threads: 4 });
 */
export async function run(project: LoadedProject, options: RunOptions = {}): Promise<RunOutcome> {
  return runOn(project, 'run', (await import('./run/tasks/run.js')).run, options);
}

/**
 * Runs data tests.
 *
 * @example
 * const { results } = await test(project, { select: ['dim_users'] });
 * const failed = results.filter((result) => result.status === 'fail');
 */
export async function test(project: LoadedProject, options: RunOptions = {}): Promise<RunOutcome> {
  return runOn(project, 'test', (await import('./run/tasks/test.js')).test, options);
}

/**
 * Loads seeds.
 *
 * @example
 * await seed(project, { fullRefresh: true });
 */
export async function seed(project: LoadedProject, options: RunOptions = {}): Promise<RunOutcome> {
  return runOn(project, 'seed', (await import('./run/tasks/seed.js')).seed, options);
}

/**
 * Brings snapshots up to date.
 *
 * @example
 * await snapshot(project);
 */
export async function snapshot(project: LoadedProject, options: RunOptions = {}): Promise<RunOutcome> {
  return runOn(project, 'snapshot', (await import('./run/tasks/snapshot.js')).snapshot, options);
}

/**
 * Compiles nodes to SQL below `target/compiled`; each result has its `compiledCode`.
 *
 * @example
 * const { results } = await compile(project, { select: ['dim_users'] });
 * console.log(results[0]?.compiledCode);
 */
export async function compile(project: LoadedProject, options: RunOptions = {}): Promise<RunOutcome> {
  return runOn(project, 'compile', (await import('./run/tasks/compile.js')).compile, options);
}

/**
 * What a selection gives, one line a node, as `upsql ls` prints it. Needs no warehouse.
 *
 * @example
 * await list(project, { select: ['+dim_users'], output: 'name' });
 */
export async function list(project: LoadedProject, options: ListOptions = {}): Promise<readonly string[]> {
  const tasks = await import('./run/tasks/list.js');
  return tasks.list(project.parts, options);
}

/**
 * The first rows of models or of a query.
 *
 * @example
 * const [preview] = await show(project, { inline: "select * from {{ ref('dim_users') }}", limit: 10 });
 * console.log(preview?.rows);
 */
export async function show(project: LoadedProject, options: ShowOptions): Promise<readonly Preview[]> {
  forgetCompiled(project.manifest);
  return (await import('./run/tasks/show.js')).show(await project.engine(), options);
}

/**
 * Renders a SQL template with the project's macros, refs, sources and vars.
 *
 * @example
 * await render(project, "select count(*) from {{ ref('dim_users') }}");
 * // select count(*) from "dev"."main"."dim_users"
 */
export async function render(project: LoadedProject, template: string): Promise<string> {
  const { compileInline } = await import('./run/tasks/compile.js');
  forgetCompiled(project.manifest);
  return (await compileInline(await project.engine(), template)).sql;
}

type Task = (engine: Engine, options: TaskOptions) => Promise<RunOutcome>;

/** Commands that make relations. */
const BUILDS = new Set(['build', 'run', 'seed', 'snapshot']);

async function runOn(project: LoadedProject, which: string, task: Task, options: RunOptions): Promise<RunOutcome> {
  const { fullRefresh = false, writeArtifacts = true, environment, refresh = false, ...rest } = options;
  const engine = await project.engine();
  forgetCompiled(project.manifest);
  Object.assign(project.args, {
    which,
    full_refresh: fullRefresh,
    select: rest.select ?? [],
    exclude: rest.exclude ?? [],
    env: environment,
  });
  const given: TaskOptions = { ...rest, microbatch: { fullRefresh, ...rest.microbatch } };
  if (which === 'compile') return finishRun(project, await task(engine, given), writeArtifacts);
  const { startRecordedRun } = await import('./env/recorded-run.js');
  const builds = BUILDS.has(which);
  const how = { environment, builds, refresh, fullRefresh, earlier: rest.manifest };
  const recorded = await startRecordedRun(engine, given, how);
  try {
    const outcome = await finishRun(project, await task(engine, recorded.options), writeArtifacts);
    await recorded.finish(outcome);
    return outcome;
  } finally {
    await recorded.close();
  }
}

async function finishRun(project: LoadedProject, outcome: RunOutcome, writeArtifacts: boolean): Promise<RunOutcome> {
  if (!writeArtifacts) return outcome;
  const { manifest, project: loaded, args } = project;
  const secrets = secretsOf(loaded.env, loaded.cliVars);
  await writeManifest(manifest, loaded.targetDir);
  await writeRunResults(outcome, loaded.targetDir, { metadata: manifest.metadata, args, secrets });
  return outcome;
}

/** A second run compiles anew: what an incremental model's SQL is depends on what the first run built. */
function forgetCompiled(manifest: Manifest): void {
  for (const node of Object.values(manifest.nodes)) {
    delete node.compiled;
    delete node.compiled_code;
    delete node.extra_ctes;
    delete node.extra_ctes_injected;
  }
}
