/** profiles.yml: where it is, which profile and target are meant, and the credentials in it. */
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Diagnostic, didYouMean, problem, UpsqlError } from '../diagnostics/index.js';
import { rendererFor } from './config-context.js';
import type { LoadOptions, Target, YamlMap, YamlValue } from './project.js';
import { type Env, renderValue } from './render.js';
import { databaseOfPath, readCredentials } from './target.js';
import { withoutSecrets } from './without-secrets.js';
import { readYaml, type YamlFile } from './yaml.js';
import { isYamlMap } from './yaml-map.js';

/**
 * The profiles.yml in use: in the given folder (`--profiles-dir`, DBT_PROFILES_DIR); else in the current folder and then
 * `~/.dbt`, as dbt looks, with the project's own folder between the two. Undefined where there is none.
 */
export function findProfiles(root: string, options: LoadOptions, env: Env): string | undefined {
  const given = options.profilesDir ?? env.DBT_ENGINE_PROFILES_DIR ?? env.DBT_PROFILES_DIR;
  const folders = given !== undefined ? [given] : [process.cwd(), root, path.join(homeOf(env), '.dbt')];
  return folders.map((folder) => path.resolve(folder, 'profiles.yml')).find((file) => existsSync(file));
}

function homeOf(env: Env): string {
  return env.HOME ?? os.homedir();
}

export interface ProfileRequest {
  readonly root: string;
  readonly projectName: string;
  /** `profile:` of dbt_project.yml, unrendered. */
  readonly profile: YamlValue | undefined;
  /** dbt_project.yml, for the place of its `profile:`. */
  readonly document: YamlFile;
  /** Absolute path of the artifacts' folder, where the built-in database goes. */
  readonly targetDir: string;
  readonly options: LoadOptions;
  readonly env: Env;
  readonly diagnostics: Diagnostic[];
}

/** The target to run on. Throws UpsqlError for an unknown profile or target and for credentials that can not work. */
export async function loadTarget(request: ProfileRequest): Promise<Target> {
  const file = findProfiles(request.root, request.options, request.env);
  if (file === undefined) return builtInTarget(request);
  const document = readProfiles(file);
  const source = withoutSecrets(document.text);
  const profileName = await pickProfileName(request, file);
  const profiles = document.value;
  if (!isYamlMap(profiles))
    throw new UpsqlError(
      problem('invalid-profiles', `${file} holds no profiles`, { place: document.locate([]), source }),
    );
  const names = Object.keys(profiles).filter((name) => name !== 'config');
  const profile = profiles[profileName];
  if (!Object.hasOwn(profiles, profileName) || profileName === 'config')
    throw new UpsqlError(
      problem('unknown-profile', `Could not find profile named '${profileName}' in ${file}`, {
        ...(givenProfile(request) === undefined
          ? { place: request.document.locate(['profile']), source: request.document.text }
          : {}),
        hint: choices('Known profiles', profileName, names),
      }),
    );
  if (!isYamlMap(profile) || !isYamlMap(profile.outputs))
    throw new UpsqlError(
      problem('invalid-profiles', `The profile '${profileName}' has no outputs`, {
        place: document.locateKey([profileName]),
        source,
        hint: 'Give it "outputs:" with a map of targets.',
      }),
    );
  return readTarget(request, document, source, profileName, profile, profile.outputs);
}

async function readTarget(
  request: ProfileRequest,
  document: YamlFile,
  source: string,
  profileName: string,
  profile: YamlMap,
  outputs: YamlMap,
): Promise<Target> {
  const { options, env } = request;
  const context = { env, cliVars: options.vars ?? {}, secrets: true };
  const asked = options.target ?? env.DBT_ENGINE_TARGET ?? env.DBT_TARGET;
  let name: YamlValue = asked ?? profile.target ?? 'default';
  if (asked === undefined && typeof name === 'string')
    name = renderValue(name, await rendererFor(name, context), { document, at: [profileName, 'target'], source });
  const targetName = String(name);
  const output = outputs[targetName];
  if (!Object.hasOwn(outputs, targetName))
    throw new UpsqlError(
      problem('unknown-target', `The profile '${profileName}' does not have a target named '${targetName}'.`, {
        place: document.locateKey([profileName, asked === undefined && 'target' in profile ? 'target' : 'outputs']),
        source,
        hint: choices('Known targets', targetName, Object.keys(outputs)),
      }),
    );
  const what = `profile '${profileName}', target '${targetName}'`;
  const at = [profileName, 'outputs', targetName];
  if (!isYamlMap(output))
    throw new UpsqlError(problem('invalid-profiles', `${what} is no map`, { place: document.locateKey(at), source }));
  const rendered = await renderOutput(output, context, document, at, source);
  const { type, threads, ...rest } = rendered;
  const problems: Diagnostic[] = [];
  if (typeof type !== 'string')
    throw new UpsqlError(
      problem('missing-key', `${what} has no type`, {
        place: document.locateKey(at),
        source,
        hint: 'Add type: duckdb or type: snowflake.',
      }),
    );
  const credentials = readCredentials(type, rest, document, at, what, source, problems);
  const count = options.threads ?? threads ?? 1;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1)
    problems.push(
      problem('invalid-value', `'threads' in ${what}: expected a whole number, at least 1`, {
        place: document.locate([...at, 'threads']),
        source,
      }),
    );
  if (problems.some((diagnostic) => diagnostic.severity === 'error')) throw new UpsqlError(problems);
  request.diagnostics.push(...problems);
  return {
    profileName,
    name: targetName,
    type,
    threads: Number(count),
    credentials,
    root: request.root,
    profilesFile: document.file,
  };
}

/** Renders an output. A password that is no valid template is taken as it stands, as dbt does. */
async function renderOutput(
  output: YamlMap,
  context: { env: Env; cliVars: YamlMap; secrets: boolean },
  document: YamlFile,
  at: readonly string[],
  source: string,
): Promise<YamlMap> {
  const render = await rendererFor(output, context);
  const rendered: YamlMap = {};
  for (const [key, value] of Object.entries(output)) {
    try {
      rendered[key] = renderValue(value, render, { document, at: [...at, key], source });
    } catch (error) {
      if (key !== 'password') throw error;
      rendered[key] = value;
    }
  }
  return rendered;
}

function readProfiles(file: string): YamlFile {
  const text = readFileSync(file, 'utf8');
  try {
    return readYaml(text, file);
  } catch (error) {
    if (!(error instanceof UpsqlError)) throw error;
    const source = withoutSecrets(text);
    throw new UpsqlError(error.diagnostics.map((diagnostic) => ({ ...diagnostic, source })));
  }
}

/** The profile that the command line or the environment names. */
function givenProfile({ options, env }: ProfileRequest): string | undefined {
  return options.profile ?? env.DBT_ENGINE_PROFILE ?? env.DBT_PROFILE;
}

async function pickProfileName(request: ProfileRequest, file: string): Promise<string> {
  const { options, env } = request;
  const given = givenProfile(request);
  if (given !== undefined) return given;
  const value = request.profile ?? null;
  const context = { env, cliVars: options.vars ?? {}, secrets: true };
  const name = typeof value === 'string' ? renderValue(value, await rendererFor(value, context)) : value;
  if (name === null || name === '')
    throw new UpsqlError(
      problem('no-profile', 'The project names no profile', {
        hint: `Add "profile: NAME" to dbt_project.yml, where NAME is a profile in ${file}.`,
      }),
    );
  return String(name);
}

/** With no profiles.yml at all: a DuckDB file beside the artifacts. */
function builtInTarget(request: ProfileRequest): Target {
  const { options, env } = request;
  const given = options.profilesDir ?? env.DBT_ENGINE_PROFILES_DIR ?? env.DBT_PROFILES_DIR;
  if (given !== undefined)
    throw new UpsqlError(
      problem('no-profiles', `There is no profiles.yml in ${path.resolve(given)}`, {
        hint: 'Leave --profiles-dir away to use the built-in DuckDB target.',
      }),
    );
  const asked = options.target ?? env.DBT_ENGINE_TARGET ?? env.DBT_TARGET;
  if (asked !== undefined && asked !== 'dev')
    throw new UpsqlError(
      problem('unknown-target', `There is no target '${asked}': without a profiles.yml there is only 'dev'`, {
        hint: 'Write a profiles.yml beside dbt_project.yml to have targets of your own.',
      }),
    );
  const file = path.join(request.targetDir, `${request.projectName}.duckdb`);
  const diagnostics: Diagnostic[] = [];
  const document = readYaml('', 'profiles.yml');
  const credentials = readCredentials('duckdb', { path: file }, document, [], 'the built-in target', '', diagnostics);
  return {
    profileName: options.profile ?? (typeof request.profile === 'string' ? request.profile : request.projectName),
    name: 'dev',
    type: 'duckdb',
    threads: options.threads ?? Math.min(4, os.availableParallelism()),
    credentials: { ...credentials, database: databaseOfPath(file) },
    root: request.root,
    profilesFile: null,
  };
}

function choices(label: string, name: string, known: readonly string[]): string {
  const list = known.length === 0 ? 'There are none.' : `${label}: ${known.join(', ')}.`;
  return [didYouMean(name, known), list].filter((part) => part !== undefined).join(' ');
}
