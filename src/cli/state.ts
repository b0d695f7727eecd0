import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEarlierManifest } from '../artifacts/read-manifest.js';
import { type Diagnostic, problem, UpsqlError } from '../diagnostics/index.js';
import type { Manifest } from '../parse/node.js';
import type { SelectionOptions } from '../run/selection.js';

/** What `state:`, `result:` and `source_status:` compare with. */
export type EarlierState = Pick<SelectionOptions, 'manifest' | 'results' | 'sources' | 'currentSources'> & {
  readonly folder?: string;
};

/**
 * Reads the artifacts of an earlier run from the folder of --state, and the present freshness of sources from the target.
 * As in dbt a folder that is missing is a fault only where something is read from it, or the command `needs` it.
 * @throws UpsqlError when a file in it can't be read, or the folder is needed and missing.
 */
export function readState(folder: string, targetDir: string, needs = false): EarlierState {
  if (needs) checkFolder(folder);
  return {
    folder,
    ...field('manifest', manifestOf(join(folder, 'manifest.json'))),
    ...field('results', readJson<Results>(join(folder, 'run_results.json'))?.results),
    ...field('sources', readJson<Results>(join(folder, 'sources.json'))?.results),
    ...field('currentSources', readJson<Results>(join(targetDir, 'sources.json'))?.results),
  };
}

/**
 * Warnings of the state's folder: it is not there, or it is the target, where what is compared with is then replaced by this
 * command's artifacts.
 */
export function stateProblems(folder: string | undefined, targetDir: string, shown: string): readonly Diagnostic[] {
  if (folder !== undefined && !existsSync(folder))
    return [
      problem('no-state', `The folder of the state is not there: ${folder}`, { severity: 'warning', hint: COPY }),
    ];
  if (folder !== targetDir) return [];
  const problemText = `The state and target directories are the same: '${shown}'`;
  const hint = 'This command replaces the artifacts there; keep a copy of an earlier target folder to compare with.';
  return [problem('state-is-target', problemText, { severity: 'warning', hint })];
}

/**
 * The manifest to defer to; `state` is taken where its folder is the same.
 * @throws UpsqlError when no folder is given or it has no manifest.
 */
export function readDeferState(folder: string | undefined, state: EarlierState): Manifest {
  if (folder === undefined) {
    throw new UpsqlError(
      problem(
        'no-state',
        'There is nothing to defer to: --state or --defer-state are required for deferral, but neither was provided',
        {
          hint: 'Give the folder with the manifest.json of the other environment: --state path/to/its/target.',
        },
      ),
    );
  }
  checkFolder(folder);
  const file = join(folder, 'manifest.json');
  const manifest = state.folder === folder ? state.manifest : manifestOf(file);
  if (manifest !== undefined) return manifest;
  throw new UpsqlError(problem('no-state', `There is no manifest to defer to: ${file}`, { hint: COPY }));
}

/** @throws UpsqlError where --state is given and its folder has no manifest. */
export function requireStateManifest(given: string | undefined, { manifest }: EarlierState): void {
  if (given !== undefined && manifest === undefined)
    throw new UpsqlError(problem('no-state', `The folder of --state has no manifest.json: ${given}`, { hint: COPY }));
}

const COPY = 'It is a copy of the target folder of an earlier run.';

function checkFolder(folder: string): void {
  if (existsSync(folder)) return;
  throw new UpsqlError(problem('no-state', `The folder of the state is not there: ${folder}`, { hint: COPY }));
}

interface Results {
  readonly results: readonly { readonly unique_id: string; readonly status: string }[];
}

function field<Name extends string, Value>(name: Name, value: Value | undefined): { [key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]: Value });
}

const manifestOf = (file: string): Manifest | undefined => (existsSync(file) ? readEarlierManifest(file) : undefined);

function readJson<T>(file: string): T | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UpsqlError(problem('no-state', `${file} can't be read: ${why}`), 2, error);
  }
}
