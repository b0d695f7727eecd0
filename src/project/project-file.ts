/** One package's dbt_project.yml: read, rendered, checked, with defaults filled in. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Diagnostic, problem, UpsqlError } from '../diagnostics/index.js';
import { Float, floatRepr } from '../jinja/values/float.js';
import { check } from './check.js';
import { type ConfigContext, rendererFor } from './config-context.js';
import { DBT_VERSION, satisfies } from './dbt-version.js';
import type { ConfigSection, ProjectConfig, YamlMap, YamlValue } from './project.js';
import { projectSchema } from './project-schema.js';
import { renderValue } from './render.js';
import { readYaml, type YamlFile, type YamlPath } from './yaml.js';
import { isYamlMap } from './yaml-map.js';

export const PROJECT_FILE = 'dbt_project.yml';

/** A dbt_project.yml as it stands in its file. */
export interface RawProject {
  readonly root: string;
  readonly document: YamlFile;
  readonly value: YamlMap;
}

/** Reads dbt_project.yml in `root`. Throws UpsqlError where it is missing or is no map. */
export function readProjectFile(root: string): RawProject {
  const file = path.join(root, PROJECT_FILE);
  if (!existsSync(file))
    throw new UpsqlError(
      problem('no-project', `There is no ${PROJECT_FILE} in ${root}`, {
        hint: 'Change to a project folder, give --project-dir, or start one with "upsql init".',
      }),
    );
  const document = readYaml(readFileSync(file, 'utf8'), file);
  if (!isYamlMap(document.value))
    throw new UpsqlError(
      problem('invalid-project', `${PROJECT_FILE} holds no map of settings`, {
        place: document.locate([]),
        source: document.text,
        hint: 'Start it with "name: my_project".',
      }),
    );
  return { root, document, value: document.value };
}

export interface ReadOptions extends ConfigContext {
  /** `--target-path`, which goes before the file's own. */
  readonly targetPath?: string | undefined;
  readonly logPath?: string | undefined;
  readonly versionCheck: boolean;
  readonly diagnostics: Diagnostic[];
}

/** Renders and checks a dbt_project.yml. Throws UpsqlError with all the problems found in it. */
export async function readProjectConfig(raw: RawProject, options: ReadOptions): Promise<ProjectConfig> {
  const { document } = raw;
  const value = withVars(dataTests(raw.value), document.dated);
  const render = await rendererFor(value, options);
  const rendered = normalise(renderValue(value, render, { skip: isLate, document }) as YamlMap);
  const problems = check(projectSchema, rendered, document, { what: PROJECT_FILE });
  checkOldPaths(rendered, document, problems);
  if (isYamlMap(rendered.tests) && Object.keys(rendered.tests).length > 0 && hasKeys(rendered.data_tests))
    problems.push(at(document, ['tests'], 'duplicate-key', "'tests' and 'data_tests' can not both be given"));
  if (problems.some((diagnostic) => diagnostic.severity === 'error')) throw new UpsqlError(problems);
  options.diagnostics.push(...problems);
  const config = toConfig(rendered, value, options);
  if (options.versionCheck) checkVersion(config, document);
  return config;
}

/** With the vars as written, where dates are no texts: nothing in them is rendered. */
function withVars(value: YamlMap, dated: YamlValue): YamlMap {
  return isYamlMap(dated) && isYamlMap(dated.vars) ? { ...value, vars: dated.vars } : value;
}

/** `tests:` is the old name of `data_tests:`. */
function dataTests(value: YamlMap): YamlMap {
  if (!('tests' in value) || 'data_tests' in value) return value;
  const { tests, ...rest } = value;
  return { ...rest, data_tests: tests ?? null };
}

const HOOKS = new Set(['pre-hook', 'post-hook', 'pre_hook', 'post_hook']);

/** The texts that are rendered later (hooks, vars) or not at all. */
function isLate(keys: YamlPath): boolean {
  const first = keys[0];
  if (first === 'on-run-start' || first === 'on-run-end' || first === 'query-comment' || first === 'vars') return true;
  if (first === 'seeds' || first === 'models' || first === 'snapshots' || first === 'tests' || first === 'data_tests')
    return keys.some((key) => typeof key === 'string' && HOOKS.has(key.replace(/^[+ ]+/, '')));
  return false;
}

/** What dbt makes of empty sections and single hooks. */
function normalise(value: YamlMap): YamlMap {
  const out = { ...value };
  for (const key of ['on-run-start', 'on-run-end']) if (key in out) out[key] = asList(out[key]);
  for (const key of ['models', 'seeds', 'snapshots']) {
    if (!(key in out)) continue;
    const section = out[key] ?? {};
    if (!isYamlMap(section)) continue;
    const copy = { ...section };
    for (const hook of ['pre-hook', 'post-hook']) if (hook in copy) copy[hook] = asList(copy[hook]);
    if ('vars' in copy) copy.vars ??= {};
    if (key === 'seeds' && 'column_types' in copy) copy.column_types ??= {};
    out[key] = copy;
  }
  return out;
}

function asList(value: YamlValue | undefined): YamlValue {
  if (value === null || value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

function hasKeys(value: YamlValue | undefined): boolean {
  return isYamlMap(value) && Object.keys(value).length > 0;
}

const OLD_PATHS = [
  ['source-paths', 'model-paths'],
  ['data-paths', 'seed-paths'],
] as const;

function checkOldPaths(value: YamlMap, document: YamlFile, problems: Diagnostic[]): void {
  for (const [old, current] of OLD_PATHS) {
    if (!(old in value)) continue;
    if (current in value)
      problems.push(
        at(document, [old], 'old-key', `'${old}' and '${current}' can not both be given`, `Keep ${current}.`),
      );
    else problems.push(warning(document, [old], `'${old}' is an old name`, `Rename it to ${current}.`));
  }
  for (const [key, flag, standard] of [
    ['log-path', '--log-path', 'logs'],
    ['target-path', '--target-path', 'target'],
  ] as const)
    if (key in value && value[key] !== standard)
      problems.push(
        warning(
          document,
          [key],
          `'${key}' in ${PROJECT_FILE} is deprecated`,
          `Use ${flag} or its environment variable.`,
        ),
      );
}

function at(document: YamlFile, keys: YamlPath, code: string, message: string, hint?: string): Diagnostic {
  const place = document.locateKey(keys);
  return problem(code, message, { place, source: document.text, ...(hint === undefined ? {} : { hint }) });
}

function warning(document: YamlFile, keys: YamlPath, message: string, hint: string): Diagnostic {
  return { ...at(document, keys, 'old-key', message, hint), severity: 'warning' };
}

function checkVersion(config: ProjectConfig, document: YamlFile): void {
  const { ok, invalid } = satisfies(DBT_VERSION, config.requireDbtVersion);
  if (ok) return;
  const message =
    invalid === undefined
      ? `The package '${config.name}' asks for dbt ${config.requireDbtVersion.join(', ')}; this is dbt ${DBT_VERSION}'s language`
      : `'${invalid}' is no version range`;
  throw new UpsqlError(
    at(document, ['require-dbt-version'], 'dbt-version', message, 'Change it, or run with --no-version-check.'),
  );
}

/** Where each section of configs stands in the file. */
const SECTION_KEYS: Readonly<Record<ConfigSection, string>> = {
  models: 'models',
  seeds: 'seeds',
  snapshots: 'snapshots',
  tests: 'data_tests',
  sources: 'sources',
  exposures: 'exposures',
  metrics: 'metrics',
  'semantic-models': 'semantic-models',
  'saved-queries': 'saved-queries',
  'unit-tests': 'unit_tests',
  functions: 'functions',
};

function sections(value: YamlMap): Record<ConfigSection, YamlMap> {
  const entries = Object.entries(SECTION_KEYS).map(([section, key]) => {
    const found = value[key];
    return [section, isYamlMap(found) ? found : {}] as const;
  });
  return Object.fromEntries(entries) as Record<ConfigSection, YamlMap>;
}

function toConfig(value: YamlMap, unrendered: YamlMap, options: ReadOptions): ProjectConfig {
  const list = (key: string, fallback: readonly string[]) => {
    const found = value[key];
    return Array.isArray(found) ? found.map(String) : fallback;
  };
  const modelPaths = list('model-paths', list('source-paths', ['models']));
  const macroPaths = list('macro-paths', ['macros']);
  const seedPaths = list('seed-paths', list('data-paths', ['seeds']));
  const testPaths = list('test-paths', ['tests']);
  const analysisPaths = list('analysis-paths', ['analyses']);
  const snapshotPaths = list('snapshot-paths', ['snapshots']);
  const functionPaths = list('function-paths', ['functions']);
  const all = [modelPaths, seedPaths, snapshotPaths, analysisPaths, macroPaths, testPaths, functionPaths].flat();
  const allPaths = [...new Set(all.map((entry) => entry.replace(/\/+$/, '')))];
  const targetPath = options.targetPath ?? textOr(value['target-path'], 'target');
  return {
    name: String(value.name),
    version: versionText(value.version),
    profile: value.profile === undefined || value.profile === null ? null : String(value.profile),
    modelPaths,
    seedPaths,
    snapshotPaths,
    macroPaths,
    testPaths,
    analysisPaths,
    functionPaths,
    docsPaths: list('docs-paths', allPaths),
    assetPaths: list('asset-paths', []),
    targetPath,
    logPath: options.logPath ?? textOr(value['log-path'], 'logs'),
    packagesInstallPath: textOr(value['packages-install-path'], 'dbt_packages'),
    cleanTargets: list('clean-targets', [targetPath]),
    configs: sections(value),
    unrenderedConfigs: sections(unrendered),
    vars: isYamlMap(value.vars) ? value.vars : {},
    onRunStart: list('on-run-start', []),
    onRunEnd: list('on-run-end', []),
    dispatch: dispatchOf(value.dispatch),
    quoting: quotingOf(value.quoting),
    queryComment: value['query-comment'],
    requireDbtVersion: versionRanges(value['require-dbt-version']),
    flags: isYamlMap(value.flags) ? value.flags : {},
    restrictAccess: value['restrict-access'] === true,
  };
}

function textOr(value: YamlValue | undefined, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}

function versionText(value: YamlValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  return value instanceof Float ? floatRepr(value.value) : String(value);
}

function versionRanges(value: YamlValue | undefined): string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? value.split(',').map((part) => part.trim()) : [];
}

function dispatchOf(value: YamlValue | undefined): ProjectConfig['dispatch'] {
  if (!Array.isArray(value)) return [];
  return value.filter(isYamlMap).map((entry) => ({
    macroNamespace: String(entry.macro_namespace),
    searchOrder: Array.isArray(entry.search_order) ? entry.search_order.map(String) : [],
  }));
}

function quotingOf(value: YamlValue | undefined): ProjectConfig['quoting'] {
  if (!isYamlMap(value)) return {};
  const quoting: { -readonly [K in keyof ProjectConfig['quoting']]: boolean } = {};
  const database = value.database ?? value.project;
  if (typeof database === 'boolean') quoting.database = database;
  if (typeof value.schema === 'boolean') quoting.schema = value.schema;
  if (typeof value.identifier === 'boolean') quoting.identifier = value.identifier;
  return quoting;
}
