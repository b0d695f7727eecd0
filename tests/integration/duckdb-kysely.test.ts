import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, Session } from '../../src/adapters/adapter.js';
import { createDuckDbAdapter } from '../../src/adapters/duckdb/index.js';
import { createKysely } from '../../src/adapters/kysely/index.js';

interface Database {
  orders: { id: number; amount: number; placed: string; customer: string };
  'raw.events': { order_id: number; kind: string };
}

let adapter: Adapter;
let session: Session;
let db: Kysely<Database>;

beforeAll(async () => {
  adapter = createDuckDbAdapter({}, { projectRoot: '/' });
  await adapter.open();
  session = await adapter.session('s');
  await session.execute(`
    create schema marts; create schema "raw";
    create table marts.fct_orders as select * from (values
      (1, 10.5::double, timestamp '2024-01-01', 'ann'), (2, 20, '2024-02-01', 'o''bob'), (3, null, '2024-03-01', 'ann'))
      as t(id, amount, placed, customer);
    create table "raw"."Events" as select * from (values (1, 'paid'), (1, 'sent'), (3, 'paid')) as t(order_id, kind)`);
  const relations = new Map([
    ['orders', '"memory"."marts"."fct_orders"'],
    ['raw.events', '"memory"."raw"."Events"'],
  ]);
  const unknownTable = (name: string) => new Error(`no ref '${name}'`);
  db = createKysely<Database>(session, adapter.dialect, { relations, unknownTable });
});

afterAll(() => adapter.close());

describe('createKysely', () => {
  it('reads refs by their names, with joins, references and parameters', async () => {
    const rows = await db
      .selectFrom('orders')
      .innerJoin('raw.events', 'raw.events.order_id', 'orders.id')
      .select(['orders.id', 'raw.events.kind'])
      .where('orders.placed', '<', '2024-02-15')
      .orderBy('kind')
      .execute();
    expect(rows).toEqual([
      { id: 1, kind: 'paid' },
      { id: 1, kind: 'sent' },
    ]);
  });

  it('keeps aliases, subqueries and CTEs of the same name', async () => {
    const rows = await db
      .with('recent', (q) => q.selectFrom('orders as o').selectAll('o').where('o.id', '>', 1))
      .selectFrom('recent')
      .select((q) => ['recent.id', q.selectFrom('raw.events as e').select(q.fn.countAll().as('n')).as('events')])
      .orderBy('recent.id')
      .execute();
    expect(rows).toEqual([
      { id: 2, events: 3 },
      { id: 3, events: 3 },
    ]);
    const shadowed = db.with('orders', (q) => q.selectNoFrom(sql<number>`7`.as('id')));
    expect(await shadowed.selectFrom('orders').select('orders.id').execute()).toEqual([{ id: 7 }]);
  });

  it('passes values as parameters, whatever is in them', async () => {
    const nasty = "o'bob";
    expect(await db.selectFrom('orders').select('id').where('customer', '=', nasty).execute()).toEqual([{ id: 2 }]);
    const injected = "'; drop table marts.fct_orders; --";
    expect(await db.selectFrom('orders').select('id').where('customer', '=', injected).execute()).toEqual([]);
    const at = sql<boolean>`placed = ${new Date('2024-03-01T00:00:00Z')}`;
    expect(await db.selectFrom('orders').select('id').where(at).execute()).toEqual([{ id: 3 }]);
    expect(await db.selectFrom('orders').select('id').where('id', 'in', [1, 3]).limit(1).execute()).toHaveLength(1);
  });

  it('says which names a query may use', async () => {
    const query = (db as unknown as Kysely<Record<string, { a: number }>>).selectFrom('custmers').select('a');
    await expect((async () => query.execute())()).rejects.toThrow("no ref 'custmers'");
  });

  it('streams', async () => {
    const ids: number[] = [];
    for await (const row of db.selectFrom('orders').select('id').orderBy('id').stream()) ids.push(row.id);
    expect(ids).toEqual([1, 2, 3]);
  });

  it('runs transactions on the session', async () => {
    const plain = createKysely<{ kept: { a: number } }>(session, adapter.dialect);
    await session.execute('create table kept (a int)');
    await expect(
      plain.transaction().execute(async (t) => {
        await t.insertInto('kept').values({ a: 1 }).execute();
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await plain.transaction().execute((t) => t.insertInto('kept').values({ a: 2 }).execute());
    expect(await plain.selectFrom('kept').selectAll().execute()).toEqual([{ a: 2 }]);
    const [result] = await plain.updateTable('kept').set({ a: 3 }).execute();
    expect(result?.numUpdatedRows).toBe(1n);
  });

  it('shows the catalog', async () => {
    const tables = await createKysely(session, adapter.dialect).introspection.getTables();
    const orders = tables.find((t) => t.name === 'fct_orders');
    expect(orders).toMatchObject({ schema: 'marts', isView: false });
    expect(orders?.columns.map((c) => c.name)).toEqual(['id', 'amount', 'placed', 'customer']);
  });

  it('uses upper case where the warehouse folds to it', () => {
    const upper = createKysely<Database>(
      session,
      { ...adapter.dialect, fold: 'upper' },
      { relations: new Map([['orders', 'DB.MARTS.ORDERS']]) },
    );
    const query = upper.selectFrom('orders').select(['orders.id', 'amount as Total']).where('id', '=', 1);
    expect(query.compile()).toMatchObject({
      sql: 'select "ORDERS"."ID", "AMOUNT" as "Total" from DB.MARTS.ORDERS as "ORDERS" where "ID" = ?',
      parameters: [1],
    });
  });
});
