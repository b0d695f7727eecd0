import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Adapter, DatabaseError, type Session } from '../../../src/adapters/adapter.js';
import { type Diagnostic, excerpt } from '../../../src/diagnostics/index.js';
import type { Node } from '../../../src/parse/node.js';
import { databaseProblem } from '../../../src/run/database-problem.js';
import { failureOf } from '../../../src/run/failure.js';
import { engineOf, memoryDuckDb, project } from './engine.js';
import { nodeOf } from './fixtures.js';

let adapter: Adapter;
let session: Session;
beforeAll(async () => {
  adapter = await memoryDuckDb();
  session = await adapter.session('main');
  await session.execute('create table people as select 1 as id, 2 as amount');
});
afterAll(() => adapter.close());

/** The diagnostic for what DuckDB says to a model's compiled SQL inside the statement that builds it. */
async function problemOf(node: Node, others: readonly Node[] = []): Promise<Diagnostic> {
  const sql = `create view "${node.name}" as (\n${node.compiled_code}\n);`;
  const error = await session.execute(sql).catch((thrown: unknown) => thrown);
  if (!(error instanceof DatabaseError)) throw new Error(`expected a database error, got ${String(error)}`);
  const engine = engineOf([node, ...others], adapter);
  const origin = (owner: Node) => ({ file: join('/shop', owner.original_file_path), line: 1 });
  return databaseProblem(error, node, { project, manifest: engine.manifest, origin });
}

const compiled = (name: string, raw: string, sql: string, more: Partial<Node> = {}): Node =>
  nodeOf(name, {
    raw_code: raw,
    compiled: true,
    compiled_code: sql,
    compiled_path: `target/compiled/shop/models/${name}.sql`,
    ...more,
  });

describe('databaseProblem', () => {
  it("points at the model's own line, and names the column that was meant", async () => {
    const raw = "{{ config(materialized='view') }}\nselect\n  id,\n  amont\nfrom {{ ref('people') }}";
    const found = await problemOf(compiled('m', raw, '\nselect\n  id,\n  amont\nfrom people'));
    expect(found.place).toEqual({ file: '/shop/models/m.sql', line: 4, column: 3, length: 5 });
    expect(found.source).toBeUndefined();
    expect(found.frames).toEqual([
      { name: 'compiled SQL', place: expect.objectContaining({ line: 4, column: 3 }) as unknown },
    ]);
    expect(found.message).toMatch(/^Binder Error: Referenced column "amont" not found/);
    expect(found.message).not.toContain('LINE');
    expect(found.hint).toBe("Did you mean 'amount'?");
  });

  it('points at the compiled SQL where the line came from a macro', async () => {
    const found = await problemOf(compiled('m', '{{ macro_sql() }}', 'select id\n     , amont\nfrom people'));
    expect(found.place?.file).toMatch(/target\/compiled\/shop\/models\/m\.sql$/);
    expect(found.place).toMatchObject({ line: 2, column: 8 });
    expect(excerpt(found.source ?? '', found.place ?? { file: '', line: 0, column: 0 })).toContain('^^^^^');
    expect(found.frames?.[0]).toMatchObject({ name: 'model m', place: { file: '/shop/models/m.sql' } });
  });

  it('points into the ephemeral model whose text it was', async () => {
    const inner = nodeOf('inner_model', { raw_code: "-- {{ 'x' }}\nselect amont from people" });
    const cte = ' __dbt__cte__inner_model as (\n-- x\nselect amont from people\n)';
    const sql = `with ${cte.trim()} select * from __dbt__cte__inner_model`;
    const node = compiled('m', "select * from {{ ref('inner_model') }}", sql.replace(cte.trim(), cte), {
      extra_ctes: [{ id: inner.unique_id, sql: cte }],
    });
    const found = await problemOf(node, [inner]);
    expect(found.place).toMatchObject({ file: '/shop/models/inner_model.sql', line: 2, column: 8 });
  });

  it('tells to use ref() for a table that is a model', async () => {
    const found = await problemOf(compiled('m', 'select * from orders', 'select * from orders'), [nodeOf('orders')]);
    expect(found.hint).toContain("{{ ref('orders') }}");
    expect(found.place).toMatchObject({ file: '/shop/models/m.sql', line: 1, column: 15, length: 6 });
  });

  it('tells to build a model that is not there yet', async () => {
    const node = compiled('m', "select * from {{ ref('orders') }}", 'select * from "memory"."main"."orders"', {
      depends_on: { macros: [], nodes: ['model.shop.orders'] },
    });
    expect((await problemOf(node, [nodeOf('orders')])).hint).toContain('--select +m');
  });

  it('proposes the near-miss of a model, and not a system table', async () => {
    const node = compiled('m', 'select * from order_s', 'select * from order_s');
    expect((await problemOf(node, [nodeOf('orders')])).hint).toBe("Did you mean {{ ref('orders') }}?");
    const far = compiled('m', 'select * from pg_clas', 'select * from pg_clas');
    expect((await problemOf(far)).hint).toBeUndefined();
  });

  it('says what to do about a missing schema', async () => {
    const error = new DatabaseError('Catalog Error: Schema with name staging does not exist!', 'select 1');
    const node = compiled('m', 'select 1', 'select 1');
    const found = databaseProblem(error, node, engineOf([node], adapter));
    expect(found.hint).toContain('create schema staging');
  });

  it('points at a syntax error with the token that was not understood', async () => {
    const found = await problemOf(compiled('m', 'select id\nfrm people', 'select id\nfrm people'));
    expect(found.place).toMatchObject({ line: 2, column: 5, length: 6 });
  });
});

describe('a statement that is not the compiled SQL', () => {
  const node = compiled('m', 'select 1 as id', 'select 1 as id');
  const engine = () => ({ ...engineOf([node], adapter), origin: () => ({ file: '/shop/models/m.sql', line: 1 }) });
  const failed = async (sql: string): Promise<DatabaseError> => {
    const error = await session.execute(sql).catch((thrown: unknown) => thrown);
    if (error instanceof DatabaseError) return error;
    throw new Error('expected a database error');
  };

  it("is shown at the user's own line that asked for it, without the calls of the engine's macros", async () => {
    const calls = [
      { name: 'statement', place: { file: 'dbt/macros/adapter/statement.sql', line: 30, column: 12 } },
      { name: 'run_query', place: { file: '/shop/macros/ops.sql', line: 2, column: 7 } },
      { name: 'ops', place: { file: '/shop/models/m.sql', line: 4, column: 3 } },
    ];
    const found = databaseProblem(await failed('select 1;\nselect nope from people'), node, engine(), calls);
    expect(found.place).toEqual({ file: '/shop/macros/ops.sql', line: 2, column: 7 });
    expect(found.message).toMatch(/\nin the statement: select nope from people$/);
    expect(found.frames?.map((frame) => frame.name)).toEqual(['ops']);
  });

  it('is shown itself where nobody but the engine asked for it', async () => {
    const found = databaseProblem(await failed('insert into people\nselect nope'), node, engine());
    expect(found.place).toMatchObject({ file: '<statement of m>', line: 2, column: 8 });
    expect(found.source).toBe('insert into people\nselect nope');
    expect(found.frames?.map((frame) => frame.name)).toEqual(['model m']);
  });
});

describe('failureOf', () => {
  it('heads the message with the node, as dbt does', () => {
    const node = compiled('m', 'select 1', 'select 1');
    const engine = engineOf([node], adapter);
    const failure = failureOf(new DatabaseError('Out of Memory Error: too much', 'select 1'), node, engine);
    expect(failure.message).toBe('Database Error in model m (models/m.sql)\n  Out of Memory Error: too much');
  });

  it('finds a database error that a stage in between wrapped', () => {
    const node = compiled('m', 'select 1', 'select 1');
    const inner = new DatabaseError('Binder Error: x', 'select 1');
    const failure = failureOf(new Error('in macro', { cause: inner }), node, engineOf([node], adapter));
    expect(failure.diagnostics[0]?.code).toBe('database-error');
  });

  it('keeps the stack of a fault of its own', () => {
    const node = compiled('m', 'select 1', 'select 1');
    const failure = failureOf(new TypeError('x is not a function'), node, engineOf([node], adapter));
    expect(failure.diagnostics[0]).toMatchObject({ code: 'internal-error', message: 'x is not a function' });
    expect(failure.diagnostics[0]?.source).toContain('database-problem.test.ts');
  });
});
