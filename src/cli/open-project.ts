import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { KeptManifest, ManifestCounts } from '../artifacts/kept-manifest.js';
import { type Diagnostic, problem, UpsqlError } from '../diagnostics/index.js';
import type { EventWindow } from '../parse/context/references.js';
import type { YamlMap } from '../project/project.js';
import type { Engine } from '../run/engine.js';
import type { RunListener, RunOutcome } from '../run/events.js';
import type { Needs } from '../run/open-engine.js';
import type { Args } from './args.js';
import type { CommandContext } from './command.js';
import { loadOptions } from './flags.js';
import type { Option } from './options.js';
import { concurrencyMessages, foundMessage } from './output/messages.js';
import type { Output } from './output/output.js';
import { reportFiles } from './reports.js';
import { invocationArgs } from './run-flags.js';
import { type EarlierState, readDeferState, readState, stateProblems } from './state.js';
import { version } from './version.js';
import { fateOf, judged, olderNamesProblem, readWarnErrorOptions } from './warn-error.js';

/** A parsed project with its warehouse, as a command works on it. */
export interface OpenedProject {
  readonly engine: Engine;
  /** Of the manifest. */
  readonly counts: ManifestCounts;
  /** Hands a run's events to the output; with --warn-error a warning is thrown instead. */
  readonly listen: RunListener;
  /** A flag of the command line, else of `flags:` in dbt_project.yml. */
  flag(name: string): boolean;
  /** The artifacts of --state, to select by. */
  readonly state: EarlierState;
  /** Writes run_results.json, unless --no-write-json. */
  writeResults(outcome: RunOutcome): Promise<void>;
  /** Whether a data test that warns fails instead. */
  readonly failsOnTestWarnings: boolean;
  /** Writes what --report asks for. */
  writeReports(outcome: RunOutcome): Promise<void>;
  /** What microbatch models are built for: --sample or --event-time-start and -end. */
  readonly window: EventWindow | undefined;
  /** False with --no-write-json. */
  readonly writesJson: boolean;
  /** Texts that must not stand in artifacts. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}

export interface OpenOptions {
  /** False leaves the warehouse closed. */
  readonly warehouse?: boolean;
  /** What --state names has to be there; of dbt's commands only where it is read. */
  readonly needsState?: boolean;
  /** The command copies relations of the state, so that one has to be given. */
  readonly copiesState?: boolean;
  /** False leaves manifest.json as it is until results are written. */
  readonly writesManifest?: boolean;
  /** What the command works on; default: all, with the runtime. With `metadata` only `counts` tell of the manifest. */
  readonly needs?: Exclude<Needs, 'runtime'>;
}

/**
 * Loads the project of the command line, prints its warnings, opens its target and writes manifest.json.
 * As in dbt, the project's folder becomes the working folder, which relative paths in SQL start from.
 * @throws UpsqlError for what is wrong in the project or the warehouse.
 */
export async function openProject(
  context: CommandContext,
  options: readonly Option[],
  { warehouse = true, copiesState = false, needsState = false, writesManifest = true, needs }: OpenOptions = {},
): Promise<OpenedProject> {
  const { args, io, output, invocation } = context;
  reportVersion(output, warehouse ? 'info' : 'debug');
  const [load, { loadProject }] = await Promise.all([loadOptions(args, io), import('../project/index.js')]);
  const project = await loadProject(load);
  output.project(project);
  if (output.structured) {
    const adapter_version = `=${version()}`;
    const text = `Registered adapter: ${project.target.type}${adapter_version}`;
    const data = { adapter_name: project.target.type, adapter_version };
    output.message({ level: 'info', name: 'AdapterRegistered', code: 'E034', text, data });
  }
  if (relative(process.cwd(), project.root) !== '') process.chdir(project.root);
  const flags = project.config.flags;
  const flag = (name: string): boolean => args.flag(name) ?? flags[name.replaceAll('-', '_')] === true;
  const warnings = await readWarnErrorOptions(args, flags);
  const warn = (list: readonly Diagnostic[]): void => {
    const kept = judged(list, warnings);
    // A warning that counts as an error ends the command.
    if (kept.some(({ severity }, i) => severity === 'error' && !list.includes(kept[i] as Diagnostic))) {
      throw new UpsqlError(kept);
    }
    output.diagnostics(kept);
  };
  if (warnings.olderNames === true) warn([olderNamesProblem()]);
  const listen: RunListener = (event) => {
    if (event.kind === 'warning') warn([event.diagnostic]);
    else if (event.kind === 'run-end' && isNothing(event.outcome) && fateOf(NOTHING.code, warnings) === 'error')
      throw new UpsqlError(NOTHING);
    else output.event(event);
  };
  const folder = (name: string): string | undefined => {
    const given = args.text(name);
    return given === undefined ? undefined : resolve(io.cwd, given);
  };
  // Read before the run writes artifacts, which may go to the same folder.
  const state = folder('state') === undefined ? {} : readState(folder('state') ?? '', project.targetDir, needsState);
  output.diagnostics(stateProblems(folder('state'), project.targetDir, args.text('state') ?? ''));
  const defer = flag('defer');
  const deferState =
    defer || copiesState
      ? {
          manifest: readDeferState(folder('defer-state') ?? folder('state'), state),
          defer,
          favorState: flag('favor-state'),
        }
      : undefined;
  const reports = reportFiles(args.list('report'), io.cwd);
  const { eventTimeWindow, sampleWindow } = await import('../run/event-window.js');
  const sampled = args.text('sample');
  const sample = sampled === undefined ? undefined : sampleWindow(sampled);
  const window = sample ?? eventTimeWindow(args.text('event-time-start'), args.text('event-time-end'));
  const { olderNames: _, ...given } = warnings;
  const invoked = {
    ...invocationArgs(invocation.command, args, options, flags, project.cliVars),
    ...(flag('warn-error') ? {} : { warn_error_options: given }),
  };
  const writeJson = args.flag('write-json') ?? flags.write_json !== false;
  const [{ openEngine }, { defaultParseFile }, { sameOutside }, { countsOf, readKeptManifest }] = await Promise.all([
    import('../run/open-engine.js'),
    import('../parse/cache/index.js'),
    import('../run/open-reading.js'),
    import('../artifacts/kept-manifest.js'),
  ]);
  let known: KeptManifest | undefined;
  const parseFile = folder('partial-parse-file-path');
  if (output.structured && needsWholeParse(parseFile ?? defaultParseFile(project), args, flags)) {
    const reason = 'there is no earlier parse';
    const text = `All files are read: ${reason}`;
    output.message({ level: 'info', name: 'UnableToPartialParse', code: 'I024', text, data: { reason } });
  }
  const opened = await openEngine(project, {
    args: invoked,
    id: invocation.id,
    warehouse,
    empty: flag('empty'),
    state: deferState,
    sample,
    ...(needs === undefined ? {} : { needs }),
    known(file, id) {
      known = readKeptManifest(file, id);
      return known;
    },
    partialParse: args.flag('partial-parse'),
    ...(parseFile === undefined ? {} : { partialParseFile: parseFile }),
    listen,
  });
  try {
    warn(opened.diagnostics);
    const artifacts = await import('../artifacts/index.js');
    const { manifest, parse } = opened;
    if (output.structured && needs !== 'metadata') {
      const { countNodes } = await import('../run/plan.js');
      output.message(foundMessage(countNodes(manifest)));
    }
    const { outside, fileDiagnostics: diagnostics } = opened;
    const found =
      parse === undefined ? undefined : known?.of === parse.id ? known : readKeptManifest(parse.file, parse.id);
    const kept = found !== undefined && sameOutside(found, outside) ? found : undefined;
    const unchanged = parse?.changed.length === 0;
    if (writeJson && writesManifest) {
      const { targetDir } = project;
      if (kept !== undefined && unchanged) await kept.write(manifest.metadata, targetDir);
      else if (parse !== undefined && unchanged)
        await artifacts.writeAndKeepManifest(manifest, targetDir, parse, { outside, diagnostics });
      else if (parse === undefined || !(await kept?.writeChanged(manifest, targetDir, parse)))
        await artifacts.writeManifest(manifest, targetDir);
    }
    const secrets = artifacts.secretsOf(project.env, project.cliVars);
    const writeReports = async (outcome: RunOutcome): Promise<void> => {
      for (const { file } of reports) {
        await artifacts.writeJunit(outcome, file, { name: `upsql ${invocation.command}`, secrets });
      }
    };
    return {
      engine: opened.engine,
      counts: unchanged && kept !== undefined ? kept.counts : countsOf(manifest),
      window,
      writesJson: writeJson,
      secrets,
      listen,
      flag,
      state,
      failsOnTestWarnings: fateOf('test-failed', warnings) === 'error',
      writeReports,
      async writeResults(outcome) {
        await writeReports(outcome);
        if (!writeJson) return;
        // Again, now with the compiled SQL of what was run.
        await artifacts.writeManifest(opened.engine.manifest, project.targetDir);
        await artifacts.writeRunResults(outcome, project.targetDir, {
          metadata: opened.engine.manifest.metadata,
          args: invoked,
          secrets,
        });
      },
      close: () => opened.close(),
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

const NOTHING = problem('nothing-to-do', 'Nothing to do: no node is selected');

const isNothing = ({ results, interrupted }: RunOutcome): boolean => results.length === 0 && interrupted !== true;

/** `Running with upsql=…`; in JSON of every command. */
export function reportVersion(output: Output, level: 'info' | 'debug'): void {
  output.message({
    level: output.structured ? 'info' : level,
    name: 'MainReportVersion',
    code: 'A001',
    text: `Running with upsql=${version()}`,
    data: { version: version(), log_version: 3 },
  });
}

/** dbt's log in JSON tells of threads also where few nodes are asked for. */
export function announce(output: Output, { engine }: OpenedProject, nodes: number): void {
  const { target } = engine.project;
  for (const message of concurrencyMessages(nodes, target.threads, target.name))
    output.message({ ...message, only: 'json' });
}

/** Whether an earlier parse would have been used, had there been one. */
function needsWholeParse(file: string, args: Args, flags: YamlMap): boolean {
  return (args.flag('partial-parse') ?? flags.partial_parse !== false) && !existsSync(file);
}
