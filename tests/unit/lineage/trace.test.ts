import { beforeAll, describe, expect, it } from 'vitest';
import { kindOf } from '../../../src/lineage/column.js';
import type { QueryReader } from '../../../src/lineage/query.js';
import { createQueryReader } from '../../../src/lineage/read/sqlparser.js';
import { traceQuery } from '../../../src/lineage/trace.js';

let duckdb: QueryReader;
let snowflake: QueryReader;
beforeAll(async () => {
  duckdb = await createQueryReader('duckdb');
  snowflake = await createQueryReader('snowflake');
});

const TABLES: Readonly<Record<string, readonly string[]>> = {
  orders: ['id', 'customer_id', 'amount', 'items', 'info'],
  customers: ['id', 'name', 'customer_id'],
};

/** `name: kind source.column ...` of every column; a column whose sources are not all known ends in ` ?`. */
function trace(sql: string, reader = duckdb): string[] {
  const { columns, complete } = traceQuery(reader.read(sql), (parts) => {
    const name = parts.at(-1)?.toLowerCase() ?? '';
    return { id: name, columns: TABLES[name] ?? [], complete: name in TABLES };
  });
  const lines = columns.map((column) => {
    const sources = [...column.sources.values()].map(({ relation, column: name }) => `${relation}.${name}`);
    const unknown = column.unknown === undefined ? [] : ['?'];
    return `${column.name}: ${[kindOf(column), ...sources, ...unknown].join(' ')}`;
  });
  return complete ? lines : [...lines, '...'];
}

const uses = (sql: string): string[] =>
  traceQuery(duckdb.read(sql), (parts) => ({
    id: parts.at(-1) ?? '',
    columns: TABLES[parts.at(-1) ?? ''] ?? [],
    complete: true,
  })).uses.map(({ relation, column }) => `${relation}.${column}`);

describe('kinds', () => {
  it.each([
    ['select id from orders', ['id: passthrough orders.id']],
    ['select ID as Id from orders', ['Id: passthrough orders.id']],
    ['select o.id as order_id from orders as o', ['order_id: renamed orders.id']],
    ['select (amount) as total from db.shop.orders', ['total: renamed orders.amount']],
    ['select cast(amount as int) as amount from orders', ['amount: transformed orders.amount']],
    ['select amount / id as x, 1 as one from orders', ['x: transformed orders.amount orders.id', 'one: generated']],
    ['select sum(amount) as total from orders', ['total: aggregated orders.amount']],
    ['select count(*) as n from orders', ['n: aggregated']],
    [
      'select sum(amount) over (partition by customer_id) as s from orders',
      ['s: transformed orders.amount orders.customer_id'],
    ],
    ['select row_number() over (order by id) as rn from orders', ['rn: transformed orders.id']],
    ['select count(distinct id) filter (where amount > 1) as n from orders', ['n: aggregated orders.id orders.amount']],
    ['select amount + 1 from orders', ['null: transformed orders.amount']],
  ])('%s', (sql, expected) => {
    expect(trace(sql)).toEqual(expected);
  });
});

describe('scopes', () => {
  it.each([
    [
      'with a as (select *, amount * 2 as twice from orders) select twice, id as i from a',
      ['twice: transformed orders.amount', 'i: renamed orders.id'],
    ],
    [
      'with a as materialized (select id from orders), b as (select max(id) as highest from a) select highest + 1 as t from b',
      ['t: aggregated orders.id'],
    ],
    ['select x.total from (select sum(amount) as total from orders) as x', ['total: aggregated orders.amount']],
    [
      'select * exclude (items, info) replace (amount + 1 as amount) from orders',
      ['id: passthrough orders.id', 'customer_id: passthrough orders.customer_id', 'amount: transformed orders.amount'],
    ],
    [
      'select c.*, o.amount from orders o join customers c on o.customer_id = c.id',
      [
        'id: passthrough customers.id',
        'name: passthrough customers.name',
        'customer_id: passthrough customers.customer_id',
        'amount: passthrough orders.amount',
      ],
    ],
    [
      'select customer_id, name from orders left join customers using (customer_id)',
      ['customer_id: passthrough orders.customer_id', 'name: passthrough customers.name'],
    ],
    [
      'select customer_id from orders full join customers using (customer_id)',
      ['customer_id: transformed orders.customer_id customers.customer_id'],
    ],
    [
      'select * from orders semi join customers using (customer_id)',
      [
        'id: passthrough orders.id',
        'customer_id: passthrough orders.customer_id',
        'amount: passthrough orders.amount',
        'items: passthrough orders.items',
        'info: passthrough orders.info',
      ],
    ],
    [
      'select id, amount from orders union all select id, customer_id from customers',
      ['id: passthrough orders.id customers.id', 'amount: renamed orders.amount customers.customer_id'],
    ],
    [
      'select id from orders union all by name select name, id from customers',
      ['id: passthrough orders.id customers.id', 'name: passthrough customers.name'],
    ],
    ['select id from orders except select id from customers', ['id: passthrough orders.id']],
    [
      'select (select max(name) from customers c where c.id = o.customer_id) as name from orders o',
      ['name: aggregated customers.name'],
    ],
    [
      'select amount * 2 as twice, twice + 1 as more from orders',
      ['twice: transformed orders.amount', 'more: transformed orders.amount'],
    ],
    [
      'with recursive r(n) as (select id from orders union all select n + 1 from r) select n from r',
      ['n: transformed orders.id'],
    ],
    ['select v.b from (values (1, 2)) as v(a, b)', ['b: generated']],
    [
      'from customers',
      [
        'id: passthrough customers.id',
        'name: passthrough customers.name',
        'customer_id: passthrough customers.customer_id',
      ],
    ],
  ])('%s', (sql, expected) => {
    expect(trace(sql)).toEqual(expected);
  });
});

describe('structs, lists and lateral relations', () => {
  it.each([
    [
      "select info.a.b as b, info['c'] as c, orders.info.d from orders",
      ['b: transformed orders.info', 'c: transformed orders.info', 'd: transformed orders.info'],
    ],
    ['select unnest(items) as item from orders', ['item: transformed orders.items']],
    ['select i.item from orders, unnest(orders.items) as i(item)', ['item: transformed orders.items']],
    ['select l.twice from orders o, lateral (select o.amount * 2 as twice) as l', ['twice: transformed orders.amount']],
    ['select list_transform(items, id -> id + amount) as x from orders', ['x: transformed orders.items orders.amount']],
    ["select {'key': amount} as s from orders", ['s: transformed orders.amount']],
    ['select o from orders o', ['o: transformed orders.id orders.customer_id orders.amount orders.items orders.info']],
  ])('%s', (sql, expected) => {
    expect(trace(sql)).toEqual(expected);
  });

  it('reads what is Snowflake only', () => {
    expect(
      trace(
        `select o.info:a.b::string as b, f.value:sku::string as sku from orders o, lateral flatten(input => o.items) f
         qualify row_number() over (partition by id order by amount) = 1`,
        snowflake,
      ),
    ).toEqual(['b: transformed orders.info', 'sku: transformed orders.items']);
  });
});

describe('what is not known', () => {
  it('takes a name for a column of the only relation whose columns are not known', () => {
    expect(trace('select x, name from elsewhere, customers')).toEqual([
      'x: passthrough elsewhere.x',
      'name: passthrough customers.name',
    ]);
  });

  it('is marked rather than guessed', () => {
    expect(trace('select x from a, b')).toEqual(['x: transformed ?']);
    expect(trace('select * from elsewhere')).toEqual(['...']);
    expect(trace("select columns(c -> c like 'x%') from orders")).toEqual(['...']);
    expect(trace('select orders.nope from orders')).toEqual(['nope: transformed ?']);
    expect(trace('select customer_id from orders, customers')).toEqual([
      'customer_id: passthrough orders.customer_id customers.customer_id ?',
    ]);
  });

  it('says why a statement is no query', () => {
    expect(() => duckdb.read('select 1; select 2')).toThrow(/single query/);
    expect(() => duckdb.read('selec 1')).toThrow(/Expected/);
  });
});

describe('uses', () => {
  it('has every column that is named, and none that only a star passes on', () => {
    expect(
      uses(
        `with o as (select * from orders) select o.id from o
         join customers c on o.customer_id = c.customer_id where amount > 1`,
      ).sort(),
    ).toEqual(['customers.customer_id', 'orders.amount', 'orders.customer_id', 'orders.id']);
    expect(uses('select * exclude (id) from orders')).toEqual([]);
    expect(uses('select 1 as x from orders group by amount order by items').sort()).toEqual([
      'orders.amount',
      'orders.items',
    ]);
  });
});

describe('columns()', () => {
  it('is each column that the pattern fits, in place', () => {
    expect(trace("select name, columns('_id$|^amount') from orders o join customers c using (id)")).toEqual([
      'name: passthrough customers.name',
      'customer_id: passthrough orders.customer_id',
      'amount: passthrough orders.amount',
      'customer_id: passthrough customers.customer_id',
    ]);
    expect(trace("select columns('(?i)^NAME') from customers")).toEqual(['name: passthrough customers.name']);
    expect(trace("select columns('n') from nowhere")).toEqual(['...']);
  });

  it("is one expression a column where it stands in one, under the column's name or the alias", () => {
    expect(trace('select max(columns(* exclude (info, items))) from orders')).toEqual([
      'id: aggregated orders.id',
      'customer_id: aggregated orders.customer_id',
      'amount: aggregated orders.amount',
    ]);
    expect(trace(`select coalesce(columns('amount'), id) as "filled_\\0" from orders`)).toEqual([
      'filled_amount: transformed orders.amount orders.id',
    ]);
    expect(trace('select columns(c.*) from orders o join customers c on true')).toEqual([
      'id: passthrough customers.id',
      'name: passthrough customers.name',
      'customer_id: passthrough customers.customer_id',
    ]);
  });
});

describe('pivot and unpivot', () => {
  it('gives each value its column of the aggregate, and keeps the rest as the group', () => {
    const pivot = "from orders pivot (sum(amount) for items in ('a' as first, 'b', 3))";
    expect(trace(`select * ${pivot}`)).toEqual([
      'id: passthrough orders.id',
      'customer_id: passthrough orders.customer_id',
      'info: passthrough orders.info',
      'first: aggregated orders.amount orders.items',
      'b: aggregated orders.amount orders.items',
      '3: aggregated orders.amount orders.items',
    ]);
    expect(trace(`select first as one ${pivot}`)).toEqual(['one: aggregated orders.amount orders.items']);
    expect(
      trace("select b_total, b_n from orders pivot (sum(amount) as total, count(id) as n for items in ('b'))"),
    ).toEqual(['b_total: aggregated orders.amount orders.items', 'b_n: aggregated orders.id orders.items']);
    expect(uses(`select 1 ${pivot}`)).toEqual(['orders.items', 'orders.amount']);
  });

  it('knows what an unlisted column is made of, where only the data tells which there are', () => {
    const pivot = 'from (select id, amount, items from orders) pivot (sum(amount) for items in (any)) as p';
    expect(trace(`select id, p.surprise ${pivot}`, snowflake)).toEqual([
      'id: passthrough orders.id',
      'surprise: aggregated orders.amount orders.items',
    ]);
    expect(trace(`select * ${pivot}`, snowflake)).toEqual(['id: passthrough orders.id', '...']);
  });

  it('makes names and values of columns', () => {
    expect(trace('select * from customers unpivot (value for field in (name, customer_id)) as u')).toEqual([
      'id: passthrough customers.id',
      'field: generated',
      'value: transformed customers.name customers.customer_id',
    ]);
  });
});

it('takes a file that a table function reads for the relation', () => {
  expect(trace("select line, upper(l.line) as u from read_csv('raw.csv', columns = {'line': 'varchar'}) as l")).toEqual(
    ['line: passthrough raw.csv.line', 'u: transformed raw.csv.line'],
  );
  expect(trace("select read_json.x from read_json('raw/*.json')")).toEqual(['x: passthrough raw/*.json.x']);
  expect(trace("select x from read_parquet(['a', 'b']) as p")).toEqual(['x: generated']);
});

it('follows a named column through stars of one relation whose columns are not known', () => {
  const renamed =
    'with source as (select * from nowhere), renamed as (select id as key, upper(name) as label from source)';
  expect(trace(`${renamed} select * from renamed`)).toEqual([
    'key: renamed nowhere.id',
    'label: transformed nowhere.name',
  ]);
  expect(trace('select a, b from (select * exclude (b), 1 as c from nowhere) as t')).toEqual([
    'a: passthrough nowhere.a',
    'b: transformed ?',
  ]);
  expect(trace('select a, c from (select *, 1 as c from (select * from nowhere) as x) as t')).toEqual([
    'a: passthrough nowhere.a',
    'c: generated',
  ]);
  // It may be of either.
  expect(trace('select a from (select * from nowhere, elsewhere) as t')).toEqual(['a: transformed ?']);
  expect(trace('select a from (select * from nowhere union all select * from elsewhere) as t')).toEqual([
    'a: transformed ?',
  ]);
});
