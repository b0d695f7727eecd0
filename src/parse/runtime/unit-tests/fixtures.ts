/** Fixtures as SQL: rows typed by the columns of what they stand in for. */
import type { Session } from '../../../adapters/adapter.js';
import { didYouMean } from '../../../diagnostics/index.js';
import { Dict, type HostFunction, str, toJinja } from '../../../jinja/index.js';
import { RelationValue } from '../../context/relation-value.js';
import type { NodeScope } from '../../context/scopes.js';
import type { Node, OtherNode } from '../../node.js';
import { unitTestPlace } from '../../nodes/unit-test-place.js';
import { renderPath } from '../../relation.js';
import { mapOf, mapsOf, type Raw } from '../../shape.js';
import type { ParsedProject } from '../../state.js';
import { fault, type UnitTestHost, unitTestOf } from './host.js';
import type { Input } from './inputs.js';
import { inputMembers } from './members.js';
import { type ColumnTypes, createShapes } from './shapes.js';

/** Renders fixtures, each once, into `ctes`. */
export function createFixtures(
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
      `Invalid column name: '${wrong}' in unit test fixture for ${where}. The unit test is '${test.name}'.`,
      didYouMean(wrong.toLowerCase(), names) ?? `Columns: ${names.join(', ')}.`,
    );
  }
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
    checkColumns(host.parsed, test, mapsOf(expect.rows), columns, ['expect'], 'expected output');
}
