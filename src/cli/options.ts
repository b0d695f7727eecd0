/**
 * The flags of every command, as data: yargs, the help text, the environment variables and the suggestions all read
 * them. Names, aliases and variables are dbt's.
 */
export interface Option {
  /** Long name, without dashes. */
  readonly name: string;
  readonly alias?: readonly string[];
  /** dbt's further long names, taken but left out of the help. */
  readonly synonyms?: readonly string[];
  /** `array`: every word up to the next flag. */
  readonly type: 'string' | 'number' | 'boolean' | 'array';
  readonly describe: string;
  /** Heading in the help. */
  readonly group: string;
  readonly choices?: readonly string[];
  /** Read when the flag is absent; `DBT_ENGINE_…` is tried before `DBT_…`. */
  readonly env?: string;
  /** Taken, so that scripts written for dbt keep working, but left out of the help. */
  readonly hidden?: boolean;
}

const PROJECT = 'Project and target:';
const SELECTION = 'Selection:';
const RUN = 'Run:';
const OUTPUT = 'Output:';

const RESOURCE_TYPES = [
  'analysis',
  'exposure',
  'function',
  'metric',
  'model',
  'saved_query',
  'seed',
  'semantic_model',
  'snapshot',
  'source',
  'test',
  'unit_test',
  'default',
];

const text = (name: string, describe: string, group: string, more: Partial<Option> = {}): Option => ({
  name,
  describe,
  group,
  type: 'string',
  ...more,
});
const flag = (name: string, describe: string, group: string, more: Partial<Option> = {}): Option =>
  text(name, describe, group, { type: 'boolean', ...more });
const list = (name: string, describe: string, group: string, more: Partial<Option> = {}): Option =>
  text(name, describe, group, { type: 'array', ...more });
const number = (name: string, describe: string, group: string, more: Partial<Option> = {}): Option =>
  text(name, describe, group, { type: 'number', ...more });
const ignored = (name: string, type: Option['type'] = 'boolean', more: Partial<Option> = {}): Option =>
  text(name, 'Accepted for compatibility with dbt; has no effect.', OUTPUT, { type, hidden: true, ...more });

/** Flags of every command; they may also stand before it. */
export const globalOptions: readonly Option[] = [
  text('target', 'Target of the profile to work on', PROJECT, { alias: ['t'], env: 'DBT_TARGET' }),
  text('profile', 'Profile to use in place of the one in dbt_project.yml', PROJECT, { env: 'DBT_PROFILE' }),
  text('project-dir', 'Folder with dbt_project.yml (default: this folder or the nearest parent)', PROJECT, {
    env: 'DBT_PROJECT_DIR',
  }),
  text('profiles-dir', 'Folder with profiles.yml (default: the project, then ~/.dbt)', PROJECT, {
    env: 'DBT_PROFILES_DIR',
  }),
  text('target-path', 'Folder for artifacts and compiled SQL', PROJECT, { env: 'DBT_TARGET_PATH' }),
  text('vars', "Variables as YAML, such as '{start: 2024-01-01}'", PROJECT),
  number('threads', 'Nodes to run at the same time', PROJECT),
  flag('fail-fast', 'Stop at the first failure', RUN, { alias: ['x'], env: 'DBT_FAIL_FAST' }),
  flag('warn-error', 'Treat warnings as errors', RUN, { env: 'DBT_WARN_ERROR' }),
  text('warn-error-options', "Which warnings are errors: '{error: all, warn: [LogTestResult]}'", RUN, {
    env: 'DBT_WARN_ERROR_OPTIONS',
  }),
  flag('version-check', 'Check require-dbt-version of the project (default: true)', RUN, { env: 'DBT_VERSION_CHECK' }),
  flag('write-json', 'Write manifest.json and run_results.json (default: true)', RUN, { env: 'DBT_WRITE_JSON' }),
  list('report', 'Write the results also for a CI server: junit=FILE', RUN, { env: 'UPSQL_REPORT' }),
  text('log-format', 'Form of the output', OUTPUT, {
    choices: ['text', 'json', 'debug', 'default'],
    env: 'DBT_LOG_FORMAT',
  }),
  text('log-level', 'Least severity that is printed', OUTPUT, {
    choices: ['debug', 'info', 'warn', 'error', 'none'],
    env: 'DBT_LOG_LEVEL',
  }),
  text('log-path', 'Folder of the log file', OUTPUT, { env: 'DBT_LOG_PATH' }),
  flag('quiet', 'Print errors and results only', OUTPUT, { alias: ['q'], env: 'DBT_QUIET' }),
  flag('debug', 'Print details, such as stacks of internal errors', OUTPUT, { alias: ['d'], env: 'DBT_DEBUG' }),
  flag('print', 'Print what print() in a macro says (default: true)', OUTPUT, { env: 'DBT_PRINT' }),
  flag('use-colors', 'Colours on or off (default: on in a terminal)', OUTPUT, { env: 'DBT_USE_COLORS' }),
  number('printer-width', 'Width of a node line (default: 80)', OUTPUT, { env: 'DBT_PRINTER_WIDTH' }),
  text('indirect-selection', 'Which tests come along with a selected node', SELECTION, {
    choices: ['eager', 'cautious', 'buildable', 'empty'],
    env: 'DBT_INDIRECT_SELECTION',
  }),
  text('state', 'Folder with the artifacts of an earlier run, for state: and result:', SELECTION, { env: 'DBT_STATE' }),
  flag('partial-parse', 'Read only what has changed since the last parse (default true)', PROJECT, {
    env: 'DBT_PARTIAL_PARSE',
  }),
  text('partial-parse-file-path', 'File of the last parse (default: in the target folder)', PROJECT, {
    env: 'DBT_PARTIAL_PARSE_FILE_PATH',
    hidden: true,
  }),
  flag('defer', 'Read what is neither selected nor built here from where the state has it', SELECTION, {
    env: 'DBT_DEFER',
  }),
  text('defer-state', 'Folder of the state to defer to (default: that of --state)', SELECTION, {
    env: 'DBT_DEFER_STATE',
  }),
  flag('favor-state', 'With --defer: also where it is built here', SELECTION, { env: 'DBT_FAVOR_STATE' }),
  ignored('cache-selected-only', 'boolean', { env: 'DBT_CACHE_SELECTED_ONLY' }),
  ignored('log-cache-events'),
  ignored('log-format-file', 'string'),
  ignored('log-level-file', 'string'),
  ignored('log-file-max-bytes', 'number'),
  ignored('macro-debugging'),
  ignored('partial-parse-file-diff'),
  ignored('populate-cache'),
  ignored('record-timing-info', 'string', { alias: ['r'] }),
  ignored('send-anonymous-usage-stats'),
  ignored('show-all-deprecations'),
  ignored('show-resource-report'),
  ignored('single-threaded'),
  ignored('static-parser'),
  ignored('upload-to-artifacts-ingest-api'),
  ignored('use-colors-file'),
  ignored('use-experimental-parser'),
  ignored('use-fast-test-edges'),
];

/** `--select`, `--exclude`, `--selector`. */
export const selectionOptions: readonly Option[] = [
  list('select', 'Nodes to include: names, paths, tag:x, +a, b+, @c, state:modified …', SELECTION, {
    alias: ['s', 'm'],
    synonyms: ['models', 'model'],
  }),
  list('exclude', 'Nodes to leave out, written as for --select', SELECTION),
  text('selector', 'A named selector of selectors.yml', SELECTION),
];

export const resourceTypeOptions: readonly Option[] = [
  list('resource-type', 'Kinds of node to include', SELECTION, {
    synonyms: ['resource-types'],
    choices: [...RESOURCE_TYPES, 'all'],
    env: 'DBT_RESOURCE_TYPES',
  }),
  list('exclude-resource-type', 'Kinds of node to leave out', SELECTION, {
    synonyms: ['exclude-resource-types'],
    choices: RESOURCE_TYPES,
    env: 'DBT_EXCLUDE_RESOURCE_TYPES',
  }),
];

export const fullRefreshOption: Option = flag('full-refresh', 'Rebuild incremental models from nothing', RUN, {
  alias: ['f'],
  env: 'DBT_FULL_REFRESH',
});

export const emptyOption: Option = flag('empty', 'Build with no rows, to check that everything compiles', RUN, {
  env: 'DBT_EMPTY',
});

/** Of commands that build models. */
export const eventTimeOptions: readonly Option[] = [
  text('event-time-start', 'Build microbatch models from this time on', RUN, { env: 'DBT_EVENT_TIME_START' }),
  text('event-time-end', '… up to this time', RUN, { env: 'DBT_EVENT_TIME_END' }),
  text('sample', "Read inputs with an event_time for a span only: '3 days'", RUN, { env: 'DBT_SAMPLE' }),
];

export const storeFailuresOption: Option = flag('store-failures', 'Keep the failing rows of tests in tables', RUN, {
  env: 'DBT_STORE_FAILURES',
});

const ENVIRONMENT = 'Environment:';

/** Of commands that read or test: they look at what the environment shows. */
export const environmentOption: Option = text(
  'env',
  'A virtual environment, such as dev_ann, beside production',
  ENVIRONMENT,
  {
    env: 'UPSQL_ENV',
  },
);

/** Of commands that build. */
export const environmentOptions: readonly Option[] = [
  environmentOption,
  flag('refresh', 'With --env: build again what was built there before, for new data', ENVIRONMENT),
];

export const optionKinds = { text, flag, list, number };
