/** Generic tests (`data_tests:` in properties YAML): one node a test, named and hashed as dbt does it. */
import { didYouMean, type Place, problem, UpsqlError } from '../../diagnostics/index.js';
import { repr, str, Template, toJinja } from '../../jinja/index.js';
import { type ConfigMap, defaultConfig } from '../config.js';
import type { ContextOutput } from '../context/base.js';
import { yamlScope } from '../context/scopes.js';
import { md5, NO_HASH } from '../hash.js';
import type { NodeConfig } from '../node.js';
import { isMap } from '../shape.js';
import type { ParsedProject } from '../state.js';
import { configureNode } from './configure.js';
import { createNode, genericTestNames } from './factory.js';
import { attachTest, collectTestRefs } from './generic-test-refs.js';
import { addNode } from './sql-files.js';

const CONFIG_KEYS = [
  'severity',
  'tags',
  'enabled',
  'where',
  'limit',
  'warn_if',
  'error_if',
  'fail_calc',
  'store_failures',
  'store_failures_as',
  'meta',
  'database',
  'schema',
  'alias',
];

/** What a test is on. */
export interface TestTarget {
  readonly kind: 'models' | 'seeds' | 'snapshots' | 'sources';
  readonly name: string;
  /** Sources: the source's own name beside its table's. */
  readonly sourceName?: string;
  readonly version?: string | number;
  readonly packageName: string;
  /** Of the properties file, relative to the package root and absolute. */
  readonly originalFilePath: string;
  readonly absolutePath: string;
}

export interface TestRequest {
  readonly target: TestTarget;
  /** As written: a name, or a map of a name to its arguments. */
  readonly written: unknown;
  readonly columnName: string | null;
  readonly tags: readonly string[];
  readonly place: Place;
  readonly createdAt: number;
}

/** Python's `str` of a YAML value, which test names and hashes are made of. */
const print = (value: unknown): string => (typeof value === 'string' ? value : str(toJinja(value)));

function fault(request: TestRequest, message: string, hint?: string): UpsqlError {
  return new UpsqlError(
    problem('invalid-test', message, { place: request.place, ...(hint === undefined ? {} : { hint }) }),
  );
}

/** The name and the arguments of a test, from the forms that dbt takes. */
function nameAndArguments(request: TestRequest): { name: string; args: Record<string, unknown> } {
  const { written } = request;
  const column = request.columnName === null ? {} : { column_name: request.columnName };
  if (typeof written === 'string') return { name: written, args: column };
  if (!isMap(written)) throw fault(request, 'A data test is a name, or a map of a name to its arguments.');
  let name: unknown;
  let given: unknown;
  if ('test_name' in written) {
    const { test_name, ...others } = written;
    name = test_name;
    given = others;
  } else {
    const entries = Object.entries(written);
    if (entries.length !== 1) {
      throw fault(
        request,
        `A data test has one name, this one has ${entries.length}: ${entries.map(([k]) => k).join(', ')}.`,
        'Indent the arguments below the name.',
      );
    }
    [name, given] = entries[0] ?? [];
  }
  if (typeof name !== 'string') throw fault(request, 'The name of a data test is a string.');
  if (given === null) given = {};
  if (!isMap(given)) throw fault(request, `The arguments of data test '${name}' are a map.`);
  const args: Record<string, unknown> = { ...given, ...column };
  if (isMap(args.arguments)) {
    const { arguments: nested, ...others } = args;
    return { name, args: { ...others, ...(nested as Record<string, unknown>) } };
  }
  return { name, args };
}

/** Takes the config keys out of the arguments, rendered. */
function takeConfig(parsed: ParsedProject, request: TestRequest, args: Record<string, unknown>): ConfigMap {
  const nested = isMap(args.config) ? { ...args.config } : {};
  if ('config' in args) delete args.config;
  const config: ConfigMap = {};
  for (const key of CONFIG_KEYS) {
    if (!(key in args) && !(key in nested)) continue;
    const own = args[key];
    delete args[key];
    const truthy = own !== undefined && own !== null && own !== false && own !== '' && own !== 0;
    if (truthy && key in nested)
      throw fault(
        request,
        `'${key}' is given twice: beside the arguments and under config.`,
        'Keep the one under config.',
      );
    const value = truthy ? own : (nested[key] ?? own);
    delete nested[key];
    if (value !== undefined && value !== null) config[key] = value;
  }
  for (const [key, value] of Object.entries(nested)) if (value !== null && value !== undefined) config[key] = value;
  const scope = yamlScope(parsed, request.target.packageName);
  for (const [key, value] of Object.entries(config)) {
    if (typeof value === 'string' && value.includes('{')) {
      config[key] = Template.parse({ text: value, file: request.place.file, line: request.place.line }).renderNative(
        scope,
        { once: true },
      );
    }
  }
  return config;
}

function relationText(target: TestTarget): string {
  if (target.kind === 'sources') return `source('${target.sourceName}', '${target.name}')`;
  return target.version === undefined ? `ref('${target.name}')` : `ref('${target.name}', version='${target.version}')`;
}

function configCallText(config: ConfigMap): string {
  const options = Object.entries(config).map(([key, value]) => {
    const text = typeof value === 'string' ? `"${value.replaceAll('"', '\\"')}"` : repr(toJinja(value));
    return `${key}=${text}`;
  });
  return options.length === 0 ? '' : `{{ config(${options.join(',')}) }}`;
}

/** What dbt hashes a test's metadata by: Python's `repr` with keys sorted at every level and leaves as text. */
function hashable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(hashable).join(', ')}]`;
  if (!isMap(value)) return repr(print(value));
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${repr(key)}: ${hashable(value[key])}`);
  return `{${entries.join(', ')}}`;
}

/** The folders between the package's first folder and the properties file: a test's fqn has them. */
function folders(originalFilePath: string): string[] {
  return originalFilePath.split('/').slice(1, -1);
}

/** Makes the node of one generic test and puts it into the manifest. Throws UpsqlError at the test's place. */
export function addGenericTest(parsed: ParsedProject, request: TestRequest, output: ContextOutput): void {
  const { target } = request;
  const { name: written, args } = nameAndArguments(request);
  const match = /^(?:([A-Za-z_]\w*)\.)?([A-Za-z_]\w*)$/.exec(written);
  if (match === null) throw fault(request, `'${written}' is not a name of a data test.`);
  const namespace = match[1] ?? null;
  const testName = match[2] ?? written;
  if ('model' in args)
    throw fault(request, "A data test's argument 'model' is set by the place where the test stands; leave it out.");
  args.model = `{{ get_where_subquery(${relationText(target)}) }}`;
  const config = takeConfig(parsed, request, args);
  const description = typeof args.description === 'string' ? args.description : '';
  if ('description' in args) delete args.description;

  let names: { short: string; full: string };
  if (typeof args.name === 'string') {
    names = { short: args.name, full: args.name };
    delete args.name;
  } else {
    const kind = [namespace, target.kind === 'sources' ? `source_${testName}` : testName]
      .filter((p) => p !== null)
      .join('_');
    const on =
      target.kind === 'sources'
        ? `${target.sourceName}_${target.name}`
        : target.version === undefined
          ? target.name
          : `${target.name}_v${target.version}`;
    names = genericTestNames(kind, on, args, print);
    if (names.short !== names.full && !('alias' in config)) config.alias = names.short;
  }

  const macro =
    namespace === null
      ? parsed.macros.find(`test_${testName}`, target.packageName)
      : parsed.macros.findIn(namespace, `test_${testName}`);
  if (macro === undefined) {
    const known = [...parsed.macros.visibleNames(target.packageName)]
      .filter((n) => n.startsWith('test_'))
      .map((n) => n.slice(5));
    throw fault(
      request,
      `There is no data test named '${written}'.`,
      didYouMean(testName, known) ??
        'Define it with {% test %} in a macros or tests/generic folder, or install the package that has it.',
    );
  }

  const metadata = { namespace, name: testName, kwargs: args };
  const suffix = md5(names.full + hashable(metadata)).slice(-10);
  const fqn = [target.packageName, ...folders(target.originalFilePath), names.full];
  const node = createNode({
    resourceType: 'test',
    packageName: target.packageName,
    name: names.full,
    path: `${names.short}.sql`,
    originalFilePath: target.originalFilePath,
    fqn,
    rawCode: `{{ ${namespace === null ? '' : `${namespace}.`}test_${testName}(**_dbt_generic_test_kwargs) }}${configCallText(config)}`,
    language: 'sql',
    checksum: NO_HASH,
    database: parsed.adapter.database,
    schema: parsed.adapter.schema,
    config: defaultConfig('test') as unknown as NodeConfig,
    createdAt: request.createdAt,
    idSuffix: suffix,
  });
  const given = config.tags;
  const ownTags = Array.isArray(given) ? given.map(String) : given === undefined ? [] : [String(given)];
  node.tags = [...new Set([...request.tags, ...ownTags])].sort();
  node.description = description;
  // In the order of the manifest, which then takes the node as it is.
  node.column_name = request.columnName;
  node.file_key_name = target.kind === 'sources' ? `sources.${target.sourceName}` : `${target.kind}.${target.name}`;
  node.attached_node = null;
  node.test_metadata = { name: testName, kwargs: args, namespace };
  // dbt looks for the macro without regard to the namespace that is written; rendering then notes the one that runs.
  const noted =
    parsed.macros.findIn(target.packageName, `test_${testName}`) ??
    parsed.macros.findAnywhere(`test_${testName}`) ??
    macro;
  node.depends_on.macros.push(noted.unique_id);
  parsed.origins.set(node.unique_id, { file: request.place.file, line: request.place.line });
  parsed.configCalls.set(node.unique_id, config);
  collectTestRefs(parsed, node, request, output, noted);
  configureNode(parsed, node);
  if (target.kind !== 'sources') attachTest(parsed, node, target);
  if (parsed.manifest.nodes[node.unique_id] === undefined) addNode(parsed, node);
  else if (node.config.enabled !== false)
    throw fault(
      request,
      `The data test '${names.full}' is on '${target.name}' twice.`,
      'Remove one of them, or give one a name of its own.',
    );
}
