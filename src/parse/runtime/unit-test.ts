/** Running a unit test: the tested model's query over fixtures that stand in, as CTEs, for what it reads. */
import type { Session } from '../../adapters/adapter.js';
import { didYouMean, type Place, problem, UpsqlError } from '../../diagnostics/index.js';
import { Dict, HostFunction, str, type Template, toJinja } from '../../jinja/index.js';
import { refArguments, sourceArguments } from '../context/parse-members.js';
import { RelationValue } from '../context/relation-value.js';
import { Resolver } from '../context/run-members.js';
import type { Members, NodeScope } from '../context/scopes.js';
import type { TableValue } from '../context/table-value.js';
import { envVarFunction, VarFunction } from '../context/vars.js';
import { findRef, findSource } from '../lookup.js';
import type { Node, OtherNode, SourceNode } from '../node.js';
import { parseReference } from '../nodes/references.js';
import { unitTestPlace } from '../nodes/unit-test-place.js';
import { createRelation, nodeRelation, type Relation, renderPath, sourceRelation } from '../relation.js';
import { mapOf, mapsOf, type Raw } from '../shape.js';
import { originOf, type ParsedProject } from '../state.js';
import { injectCteTexts } from './ephemeral.js';
import { type ColumnTypes, createShapes, isSource } from './unit-test-shapes.js';

/** What the runtime lends the running of a unit test. */
export interface UnitTestHost {
  readonly parsed: ParsedProject;
  /** The scope in which a node's text is rendered; `extra` go before its members. */
  scope(node: Node, session: Session, extra: Members): NodeScope;
  template(node: Node): Template;
  /** The columns of a relation by lower-case name; undefined when it is not there. */
  columns(relation: Relation, session: Session): Promise<ColumnTypes | undefined>;
  write(node: Node, sql: string): string;
  warn(node: Node, message: string, place: Place | undefined): void;
}

/** What stands in for one relation that the model reads. */
interface Input {
  readonly given: Raw;
  /** Its position in the test's `given`. */
  readonly index: number;
  readonly original: Node | SourceNode;
  /** The relation whose columns give the fixture's types. */
  readonly relation: Relation;
  readonly cte: string;
  /** The fixture as a node, in whose scope it is rendered. */
  readonly node: Node;
}

const cteRelation = (cte: string, { dialect }: ParsedProject['adapter']): RelationValue =>
  new RelationValue(
    createRelation({ identifier: cte, type: 'cte' }, dialect, { database: false, schema: false, identifier: false }),
  );

/** The definition that a node of a run stands for. */
export function unitTestOf(parsed: ParsedProject, node: Node): OtherNode {
  const test = parsed.manifest.unit_tests[node.unique_id];
  if (test === undefined) throw new Error(`${node.unique_id} is no unit test of this project`);
  return test;
}

/** The model that a unit test is on. */
export function testedModel(parsed: ParsedProject, test: OtherNode): Node {
  const model = parsed.manifest.nodes[test.depends_on?.nodes[0] ?? ''];
  if (model === undefined) throw new Error(`the model of ${test.unique_id} is missing`);
  return model;
}

function fault(place: Place | undefined, message: string, hint?: string): UpsqlError {
  const more = { ...(place === undefined ? {} : { place }), ...(hint === undefined ? {} : { hint }) };
  return new UpsqlError(problem('invalid-unit-test', message, more), 1);
}

/** Renders a unit test: sets `compiled_code` and `extra_ctes` and writes the files below `target/compiled`. */
export async function compileUnitTest(host: UnitTestHost, node: Node, session: Session): Promise<void> {
  const { parsed } = host;
  const test = unitTestOf(parsed, node);
  const model = testedModel(parsed, test);
  if (model.language !== 'sql')
    throw fault(
      parsed.places.get(test.unique_id),
      `Unit test '${test.name}' is on '${model.name}', which is no SQL model.`,
      'Test what a TypeScript model computes by calling its function from a test of your own.',
    );
  // The text is the model's, so what goes wrong in it is at a line of the model's file.
  parsed.origins.set(node.unique_id, originOf(parsed, model));
  const inputs = readInputs(host, test, model, node);
  const ctes = new Map<string, { id: string; sql: string }>();
  const fixtures = createFixtures(host, test, node, inputs, session, ctes);
  const own = inputs.get(model.unique_id);
  if (own !== undefined) await fixtures.render(own);
  const used: Input[] = [];
  const scope = host.scope(
    node,
    session,
    inputMembers(host, test, model, node, inputs, used, () => scope),
  );
  overrideMacros(host, test, node, scope);
  const sql = await host.template(model).render(scope);
  for (const input of used) await fixtures.render(input);
  node.extra_ctes = [...ctes.values()];
  node.compiled_code = injectCteTexts(sql, node.extra_ctes);
  node.extra_ctes_injected = true;
  node.compiled = true;
  node.compiled_path = host.write(node, node.compiled_code);
}

/** The inputs of a test by the unique_id of what they stand in for. */
function readInputs({ parsed }: UnitTestHost, test: OtherNode, model: Node, node: Node): Map<string, Input> {
  const inputs = new Map<string, Input>();
  const names = new Set<string>();
  for (const [index, given] of mapsOf(test.given).entries()) {
    const original = findInput(parsed, test, model, String(given.input), index);
    const identifier = isSource(original) ? original.identifier : original.alias;
    const wanted = `__dbt__cte__${isSource(original) ? `${original.source_name}__${original.name}` : identifier}`;
    // Two relations of one name in two schemas.
    const cte = names.has(wanted.toLowerCase()) ? `${wanted}_${index + 1}` : wanted;
    names.add(cte.toLowerCase());
    inputs.set(original.unique_id, {
      given,
      index,
      original,
      relation: isSource(original)
        ? sourceRelation(original, parsed.adapter.dialect, parsed.adapter.type)
        : nodeRelation(original, parsed.adapter.dialect, parsed.project.config.quoting),
      cte,
      node: {
        ...node,
        resource_type: 'model',
        unique_id: `${node.unique_id}.given.${original.unique_id}`,
        name: original.name,
        package_name: original.package_name,
        path: `${original.name}.sql`,
        alias: identifier,
        database: original.database,
        schema: original.schema,
        fqn: [...original.fqn],
        raw_code: typeof given.rows === 'string' ? given.rows : '',
        config: { ...node.config, materialized: 'ephemeral' },
        depends_on: { macros: [], nodes: [] },
      },
    });
  }
  return inputs;
}

function findInput(
  parsed: ParsedProject,
  test: OtherNode,
  model: Node,
  input: string,
  index: number,
): Node | SourceNode {
  if (input.trim() === 'this') return model;
  const place = () => unitTestPlace(parsed, test, ['given', index, 'input']);
  const reference = parseReference(input);
  if (reference === undefined || reference.kind === 'metric')
    throw fault(place(), `${input} is no input.`, "Write ref('model'), source('source', 'table') or this.");
  const root = parsed.project.config.name;
  const found =
    reference.kind === 'ref'
      ? findRef(parsed.lookup, reference.ref, root, test.package_name)
      : findSource(parsed.lookup, ...reference.source, root, test.package_name);
  if (found.kind === 'found') return found.node;
  const known = reference.kind === 'ref' ? parsed.lookup.refs.keys() : parsed.lookup.sources.keys();
  const wanted = reference.kind === 'ref' ? reference.ref.name : reference.source.join('.');
  const what = found.kind === 'disabled' ? 'is disabled' : 'does not exist';
  throw fault(place(), `The input ${input} of unit test '${test.name}' ${what}.`, didYouMean(wanted, known));
}

/** What the model's text sees in a unit test; the inputs that it asks for are put into `used`. */
function inputMembers(
  host: UnitTestHost,
  test: OtherNode,
  model: Node,
  node: Node,
  inputs: ReadonlyMap<string, Input>,
  used: Input[],
  scope: () => NodeScope,
): Members {
  const { parsed } = host;
  const root = parsed.project.config.name;
  const overrides = mapOf(test.overrides);
  const given = (id: string | undefined, call: string): RelationValue => {
    const input = id === undefined ? undefined : inputs.get(id);
    if (input === undefined) {
      const place = unitTestPlace(parsed, test, ['given']);
      if (id === undefined) throw fault(place, `${call} in '${model.name}' does not exist.`);
      throw fault(
        place,
        `Unit test '${test.name}' has no input for ${call}, which '${model.name}' reads.`,
        `Add to given: {input: ${call}, rows: []}`,
      );
    }
    if (!used.includes(input)) used.push(input);
    return cteRelation(input.cte, parsed.adapter);
  };
  const own = inputs.get(model.unique_id);
  const variables = mapOf(overrides.env_vars);
  const readEnv = envVarFunction(parsed.project.env);
  return {
    ref: () =>
      new Resolver('ref', (args) => {
        const ref = refArguments(args);
        const found = findRef(parsed.lookup, ref, root, model.package_name);
        const names = ref.package === null ? `'${ref.name}'` : `'${ref.package}', '${ref.name}'`;
        const call = `ref(${names}${ref.version === null ? '' : `, v=${ref.version}`})`;
        return given(found.kind === 'found' ? found.node.unique_id : undefined, call);
      }),
    source: () =>
      new Resolver('source', (args) => {
        const [name, table] = sourceArguments(args);
        const found = findSource(parsed.lookup, name, table, root, model.package_name);
        return given(found.kind === 'found' ? found.node.unique_id : undefined, `source('${name}', '${table}')`);
      }),
    this: () => (own === undefined ? null : cteRelation(own.cte, parsed.adapter)),
    var: () => new VarFunction(parsed.project, node.package_name, 'error', scope, mapOf(overrides.vars)),
    env_var: () =>
      new HostFunction('env_var', (args) => {
        const name = str(args.positional[0] ?? args.named.get('var') ?? '');
        return Object.hasOwn(variables, name) ? toJinja(variables[name]) : readEnv.call(args);
      }),
  };
}

/**
 * `overrides.macros`: calls of `name`, or of `package.name`, give the value; a bare name stands for `dbt.name` too, and may
 * be one of the context's (`invocation_id`).
 */
function overrideMacros({ parsed, warn }: UnitTestHost, test: OtherNode, node: Node, scope: NodeScope): void {
  const { macros } = parsed;
  for (const [key, raw] of Object.entries(mapOf(mapOf(test.overrides).macros))) {
    const value = toJinja(raw);
    const [packageName, name] = key.includes('.') ? (key.split('.', 2) as [string, string]) : [null, key];
    const qualified = macros.findIn(packageName ?? 'dbt', name);
    if (qualified !== undefined) scope.override(qualified, value);
    if (packageName === null && macros.find(name, node.package_name) !== undefined)
      scope.set(name, new HostFunction(name, () => value));
    else if (packageName === null && scope.lookup(name) !== undefined) scope.set(name, value);
    else if (qualified === undefined) {
      const near = didYouMean(name, macros.visibleNames(node.package_name));
      warn(
        node,
        `Unit test '${test.name}' overrides '${key}', which is no macro.${near === undefined ? '' : ` ${near}`}`,
        unitTestPlace(parsed, test, ['overrides', 'macros', key]),
      );
    }
  }
}

/** Renders fixtures, each once, into `ctes`. */
function createFixtures(
  host: UnitTestHost,
  test: OtherNode,
  node: Node,
  inputs: ReadonlyMap<string, Input>,
  session: Session,
  ctes: Map<string, { id: string; sql: string }>,
): { render(input: Input): Promise<void> } {
  const { parsed } = host;
  const begun = new Set<Input>();
  const shapes = createShapes(host, node, session);

  const fromRows = async (input: Input, scope: NodeScope): Promise<string> => {
    const rows = mapsOf(input.given.rows);
    const types = await shapes.of(input.original);
    if (types.kind === 'unknown') {
      const path = renderPath(input.relation);
      throw fault(
        unitTestPlace(parsed, test, ['given', input.index, 'input']),
        `The columns of '${input.original.name}' are not known: ${path} is not there${types.reason}.`,
        `Build it first (upsql run --empty --select ${input.original.name}), give the data_type of all its columns in ` +
          'its YAML, or give the rows as SQL (format: sql).',
      );
    }
    checkColumns(parsed, test, rows, types.columns, ['given', input.index], `'${input.original.name}'`);
    const named =
      types.kind === 'relation'
        ? []
        : [
            new Dict([...types.columns].map(([name, column]) => [name, column.type])),
            new Dict([...types.columns].map(([name, column]) => [name, column.quoted])),
          ];
    const macro = scope.lookup('get_fixture_sql') as HostFunction;
    return str(
      await macro.call({ positional: [toJinja(rows), ...(named.length === 0 ? [null] : named)], named: new Map() }),
    );
  };

  const render = async (input: Input): Promise<void> => {
    if (begun.has(input)) return;
    begun.add(input);
    const used: Input[] = [];
    const members = inputMembers(host, test, input.node, input.node, inputs, used, () => scope);
    const scope: NodeScope = host.scope(input.node, session, {
      ...members,
      this: () => new RelationValue(input.relation),
    });
    const fixed = typeof input.given.rows === 'string';
    if (fixed) parsed.origins.set(input.node.unique_id, rowsOrigin(parsed, test, input));
    const sql = fixed ? await host.template(input.node).render(scope) : await fromRows(input, scope);
    for (const other of used) await render(other);
    host.write(input.node, sql);
    ctes.set(input.node.unique_id, { id: input.node.unique_id, sql: ` ${input.cte} as (\n${sql}\n)` });
  };
  return { render };
}

/** Where SQL rows stand: their file, or their lines in the YAML. */
function rowsOrigin(parsed: ParsedProject, test: OtherNode, { given, index }: Input): { file: string; line: number } {
  const fixture = typeof given.fixture === 'string' ? parsed.fixtures.get(`${test.package_name}.${given.fixture}`) : '';
  if (fixture !== undefined && fixture !== '') return { file: fixture, line: 1 };
  const place = unitTestPlace(parsed, test, ['given', index, 'rows']);
  return { file: place?.file ?? test.original_file_path, line: (place?.line ?? 0) + 1 };
}

/** Throws UpsqlError for the first key of a row that is no column, at its place. */
function checkColumns(
  parsed: ParsedProject,
  test: OtherNode,
  rows: readonly Raw[],
  columns: ColumnTypes,
  at: readonly (string | number)[],
  where: string,
): void {
  const names = [...columns.keys()];
  for (const row of rows) {
    const wrong = Object.keys(row).find((name) => !columns.has(name.toLowerCase()));
    if (wrong === undefined) continue;
    throw fault(
      unitTestPlace(parsed, test, at, wrong),
      `'${wrong}' is no column of ${where}, in unit test '${test.name}'.`,
      didYouMean(wrong.toLowerCase(), names) ?? `Columns: ${names.join(', ')}.`,
    );
  }
}

/** A value of a row as it is compared (its text) and sorted; null for SQL's null. */
export type UnitCell = { readonly text: string; readonly order: number | string } | null;
export type UnitRow = readonly UnitCell[];

/** The rows that a unit test compares, with the columns that its expected rows name. */
export interface UnitTestRows {
  readonly columns: readonly string[];
  readonly expected: readonly UnitRow[];
  readonly actual: readonly UnitRow[];
}

function cellOf(value: unknown): UnitCell {
  if (value === null || value === undefined) return null;
  const text = str(value);
  const number = typeof value === 'string' || typeof value === 'boolean' || text === '' ? Number.NaN : Number(text);
  return { text, order: Number.isNaN(number) ? text : number };
}

/** Splits the result of the `unit` materialization's statement. */
export function unitTestRows(table: TableValue): UnitTestRows {
  const names = table.data.names.map((name) => name.toLowerCase());
  const side = names.indexOf('actual_or_expected');
  const at = names.map((_, i) => i).filter((i) => i !== side);
  const of = (which: string): UnitRow[] =>
    table.data.rows.filter((row) => row[side] === which).map((row) => at.map((i) => cellOf(row[i])));
  return { columns: at.map((i) => names[i] ?? ''), expected: of('expected'), actual: of('actual') };
}

/** Checks the expected rows' columns against the compiled query's; called when running them failed. */
export async function checkExpected(host: UnitTestHost, node: Node, session: Session): Promise<void> {
  const test = unitTestOf(host.parsed, node);
  const expect = mapOf(test.expect);
  if (!Array.isArray(expect.rows)) return;
  const columns = await createShapes(host, node, session)
    .ofQuery(node.compiled_code ?? '')
    .catch(() => undefined);
  if (columns !== undefined)
    checkColumns(
      host.parsed,
      test,
      mapsOf(expect.rows),
      columns,
      ['expect'],
      `the model '${testedModel(host.parsed, test).name}'`,
    );
}
