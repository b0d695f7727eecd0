import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { kindOf } from '../../../src/lineage/column.js';
import type { QueryReader } from '../../../src/lineage/query.js';
import { createDuckdbReader } from '../../../src/lineage/read/duckdb.js';
import { createSqlparserReader } from '../../../src/lineage/read/sqlparser.js';
import { traceQuery } from '../../../src/lineage/trace.js';

let duckdb: QueryReader;
let sqlparser: QueryReader;
let snowflake: QueryReader;
/** What DuckDB itself calls the columns of a query. */
let namesOf: (sql: string) => Promise<readonly string[]>;
beforeAll(async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`
    create table orders (id int, customer_id int, amount double, items int[], info struct(a int, b struct(c int)));
    insert into orders values (1, 2, 3.5, [1, 2], {a: 1, b: {c: 2}});
    create table customers (id int, name varchar, customer_id int);
    insert into customers values (1, 'x', 2)`);
  namesOf = async (sql) => (await connection.runAndReadAll(sql)).columnNames();
  const execute = async (sql: string, options: { readonly parameters?: readonly unknown[] } = {}) => ({
    columns: [],
    rowsAffected: 0,
    rows: (await connection.runAndReadAll(sql, options.parameters?.map(String))).getRows() as string[][],
  });
  duckdb = createDuckdbReader({ execute } as unknown as Parameters<typeof createDuckdbReader>[0]);
  sqlparser = await createSqlparserReader('duckdb');
  snowflake = await createSqlparserReader('snowflake');
});

const TABLES: Readonly<Record<string, readonly string[]>> = {
  orders: ['id', 'customer_id', 'amount', 'items', 'info'],
  customers: ['id', 'name', 'customer_id'],
};

/** `name: kind source.column ...` of every column; a column whose sources are not all known ends in ` ?`. */
async function trace(sql: string, reader = duckdb): Promise<string[]> {
  const { columns, complete } = traceQuery(await reader.read(sql), (parts) => {
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

const uses = async (sql: string): Promise<string[]> =>
  traceQuery(await duckdb.read(sql), (parts) => ({
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
  ])('%s', async (sql, expected) => {
    expect(await trace(sql)).toEqual(expected);
    expect(await trace(sql, sqlparser)).toEqual(expected);
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
  ])('%s', async (sql, expected) => {
    expect(await trace(sql)).toEqual(expected);
    expect(await trace(sql, sqlparser)).toEqual(expected);
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
  ])('%s', async (sql, expected) => {
    expect(await trace(sql)).toEqual(expected);
    expect(await trace(sql, sqlparser)).toEqual(expected);
  });

  it('reads what is Snowflake only', async () => {
    expect(
      await trace(
        `select o.info:a.b::string as b, f.value:sku::string as sku from orders o, lateral flatten(input => o.items) f
         qualify row_number() over (partition by id order by amount) = 1`,
        snowflake,
      ),
    ).toEqual(['b: transformed orders.info', 'sku: transformed orders.items']);
  });
});

describe('what is not known', () => {
  it('takes a name for a column of the only relation whose columns are not known', async () => {
    expect(await trace('select x, name from elsewhere, customers')).toEqual([
      'x: passthrough elsewhere.x',
      'name: passthrough customers.name',
    ]);
  });

  it('is marked rather than guessed', async () => {
    expect(await trace('select x from a, b')).toEqual(['x: transformed ?']);
    expect(await trace('select * from elsewhere')).toEqual(['...']);
    expect(await trace("select columns(c -> md5(c) = 'x') from orders")).toEqual(['...']);
    expect(await trace('select orders.nope from orders')).toEqual(['nope: transformed ?']);
    expect(await trace('select customer_id from orders, customers')).toEqual([
      'customer_id: passthrough orders.customer_id customers.customer_id ?',
    ]);
  });

  it('says why a statement is no query', async () => {
    await expect(duckdb.read('select 1; select 2')).rejects.toThrow(/single query/);
    await expect(duckdb.read('selec 1')).rejects.toThrow(/syntax error/);
    await expect(sqlparser.read('select 1; select 2')).rejects.toThrow(/single query/);
    await expect(sqlparser.read('selec 1')).rejects.toThrow(/Expected/);
  });
});

describe('uses', () => {
  it('has every column that is named, and none that only a star passes on', async () => {
    expect(
      (
        await uses(
          `with o as (select * from orders) select o.id from o
         join customers c on o.customer_id = c.customer_id where amount > 1`,
        )
      ).sort(),
    ).toEqual(['customers.customer_id', 'orders.amount', 'orders.customer_id', 'orders.id']);
    expect(await uses('select * exclude (id) from orders')).toEqual([]);
    expect((await uses('select 1 as x from orders group by amount order by items')).sort()).toEqual([
      'orders.amount',
      'orders.items',
    ]);
  });
});

describe('columns()', () => {
  it('is each column that the pattern fits, in place', async () => {
    expect(await trace("select name, columns('_id$|^amount') from orders o join customers c using (id)")).toEqual([
      'name: passthrough customers.name',
      'customer_id: passthrough orders.customer_id',
      'amount: passthrough orders.amount',
      'customer_id: passthrough customers.customer_id',
    ]);
    expect(await trace("select columns('(?i)^NAME') from customers")).toEqual(['name: passthrough customers.name']);
    expect(await trace("select columns('n') from nowhere")).toEqual(['...']);
  });

  it("is one expression a column where it stands in one, under the column's name or the alias", async () => {
    expect(await trace('select max(columns(* exclude (info, items))) from orders')).toEqual([
      'id: aggregated orders.id',
      'customer_id: aggregated orders.customer_id',
      'amount: aggregated orders.amount',
    ]);
    expect(await trace(`select coalesce(columns('amount'), id) as "filled_\\0" from orders`)).toEqual([
      'filled_amount: transformed orders.amount orders.id',
    ]);
    expect(await trace('select columns(c.*) from orders o join customers c on true')).toEqual([
      'id: passthrough customers.id',
      'name: passthrough customers.name',
      'customer_id: passthrough customers.customer_id',
    ]);
  });
});

describe('pivot and unpivot', () => {
  it('gives each value its column of the aggregate, and keeps the rest as the group', async () => {
    const pivot = "from orders pivot (sum(amount) for items in ('a' as first, 'b', 3))";
    expect(await trace(`select * ${pivot}`)).toEqual([
      'id: passthrough orders.id',
      'customer_id: passthrough orders.customer_id',
      'info: passthrough orders.info',
      'first: aggregated orders.amount orders.items',
      'b: aggregated orders.amount orders.items',
      '3: aggregated orders.amount orders.items',
    ]);
    expect(await trace(`select first as one ${pivot}`)).toEqual(['one: aggregated orders.amount orders.items']);
    expect(
      await trace("select b_total, b_n from orders pivot (sum(amount) as total, count(id) as n for items in ('b'))"),
    ).toEqual(['b_total: aggregated orders.amount orders.items', 'b_n: aggregated orders.id orders.items']);
    expect(await uses(`select 1 ${pivot}`)).toEqual(['orders.items', 'orders.amount']);
  });

  it('knows what an unlisted column is made of, where only the data tells which there are', async () => {
    const pivot = 'from (select id, amount, items from orders) pivot (sum(amount) for items in (any)) as p';
    expect(await trace(`select id, p.surprise ${pivot}`, snowflake)).toEqual([
      'id: passthrough orders.id',
      'surprise: aggregated orders.amount orders.items',
    ]);
    expect(await trace(`select * ${pivot}`, snowflake)).toEqual(['id: passthrough orders.id', '...']);
  });

  it('makes names and values of columns', async () => {
    expect(await trace('select * from customers unpivot (value for field in (name, customer_id)) as u')).toEqual([
      'id: passthrough customers.id',
      'field: generated',
      'value: transformed customers.name customers.customer_id',
    ]);
  });
});

it('takes a file that a table function reads for the relation', async () => {
  expect(
    await trace("select line, upper(l.line) as u from read_csv('raw.csv', columns = {'line': 'varchar'}) as l"),
  ).toEqual(['line: passthrough raw.csv.line', 'u: transformed raw.csv.line']);
  expect(await trace("select read_json.x from read_json('raw/*.json')")).toEqual(['x: passthrough raw/*.json.x']);
  expect(await trace("select x from read_parquet(['a', 'b']) as p")).toEqual(['x: generated']);
});

it('follows a named column through stars of one relation whose columns are not known', async () => {
  const renamed =
    'with source as (select * from nowhere), renamed as (select id as key, upper(name) as label from source)';
  expect(await trace(`${renamed} select * from renamed`)).toEqual([
    'key: renamed nowhere.id',
    'label: transformed nowhere.name',
  ]);
  expect(await trace('select a, b from (select * exclude (b), 1 as c from nowhere) as t')).toEqual([
    'a: passthrough nowhere.a',
    'b: transformed ?',
  ]);
  expect(await trace('select a, c from (select *, 1 as c from (select * from nowhere) as x) as t')).toEqual([
    'a: passthrough nowhere.a',
    'c: generated',
  ]);
  // It may be of either.
  expect(await trace('select a from (select * from nowhere, elsewhere) as t')).toEqual(['a: transformed ?']);
  expect(await trace('select a from (select * from nowhere union all select * from elsewhere) as t')).toEqual([
    'a: transformed ?',
  ]);
});

/** As `trace`, and sure that the names are those that DuckDB gives: in `open`, of columns that only the data tells. */
async function traced(sql: string, open: readonly string[] = []): Promise<string[]> {
  const query = await duckdb.read(sql);
  const { columns, complete, more } = traceQuery(query, (parts) => ({
    id: parts.at(-1) ?? '',
    columns: TABLES[parts.at(-1) ?? ''] ?? [],
    complete: true,
  }));
  const all = complete ? columns : [...columns, ...open.flatMap((name) => more?.(name) ?? [])];
  expect(all.map(({ name }) => name)).toEqual(await namesOf(sql));
  return all.map((column) => {
    const sources = [...column.sources.values()].map(({ relation, column: name }) => `${relation}.${name}`);
    return `${column.name}: ${[kindOf(column), ...sources, ...(column.unknown === undefined ? [] : ['?'])].join(' ')}`;
  });
}

describe('what only DuckDB has', () => {
  const pivoted = ['id: passthrough orders.id', '2: aggregated orders.amount orders.customer_id'];
  it.each<[sql: string, expected: readonly string[], open?: readonly string[]]>([
    // PIVOT and UNPIVOT as statements
    ['pivot orders on customer_id in (2) using sum(amount) group by id', pivoted],
    ['pivot (select id, amount, customer_id from orders) on customer_id using sum(amount) order by id', pivoted, ['2']],
    ['with p as (pivot orders on customer_id in (2) using sum(amount) group by id) from p', pivoted],
    ["/* pivot a on 'b' */ pivot orders on customer_id /* c */ using sum(amount) group by id -- d", pivoted, ['2']],
    [
      'pivot customers on id in (1, 2), customer_id in (3) using max(name) as m, count(*) as n group by name',
      [
        'name: passthrough customers.name',
        '1_3_m: aggregated customers.name customers.id customers.customer_id',
        '1_3_n: aggregated customers.id customers.customer_id',
        '2_3_m: aggregated customers.name customers.id customers.customer_id',
        '2_3_n: aggregated customers.id customers.customer_id',
      ],
    ],
    [
      "pivot customers on id, customer_id || '-' || id using count(*) group by name",
      ['name: passthrough customers.name', '1_2-1: aggregated customers.id customers.customer_id'],
      ['1_2-1'],
    ],
    [
      'select k, v from (unpivot orders on amount, id into name k value v)',
      ['k: generated', 'v: transformed orders.amount orders.id'],
    ],
    [
      'unpivot customers on columns(* exclude (name))',
      [
        'name: passthrough customers.name',
        'name_1: generated',
        'value: transformed customers.id customers.customer_id',
      ],
    ],
    [
      'unpivot (select id, amount, customer_id from orders) on (id, amount), (customer_id, amount) into name k value v, w',
      ['k: generated', 'v: transformed orders.id orders.customer_id', 'w: transformed orders.amount'],
    ],
    [
      "select * from customers unpivot include nulls (v for k in (columns('id')))",
      ['name: passthrough customers.name', 'k: generated', 'v: transformed customers.id customers.customer_id'],
    ],
    // stars and columns()
    ["select * like '%_id' from orders", ['customer_id: passthrough orders.customer_id']],
    ["select * not like '%i%' from orders", ['amount: passthrough orders.amount']],
    ["select o.* exclude (id) ilike '%ID' from orders o", ['customer_id: passthrough orders.customer_id']],
    ["select * glob 'a*' from orders", ['amount: passthrough orders.amount']],
    ["select * similar to '(am|x).*' from orders", ['amount: passthrough orders.amount']],
    ["select columns(c -> c like 'a%') from orders", ['amount: passthrough orders.amount']],
    [
      "select columns(lambda c: not (upper(c) = 'ID' or starts_with(c, 'i')) and c not in ('amount')) + 1 from orders",
      ['customer_id: transformed orders.customer_id'],
    ],
    ["select columns(['amount']) from orders", ['amount: passthrough orders.amount']],
    [
      'select max(columns(\'(id)$\')) as "m_\\1" from customers',
      ['m_id: aggregated customers.id', 'm_id: aggregated customers.customer_id'],
    ],
    [
      "select coalesce(*columns('id$')) as c, name from customers",
      ['c: transformed customers.id customers.customer_id', 'name: passthrough customers.name'],
    ],
    ['select * exclude (id, name) rename (customer_id as c) from customers', ['c: renamed customers.customer_id']],
    [
      'select * exclude (o.items, o.info) replace (id as amount) from orders o',
      ['id: passthrough orders.id', 'customer_id: passthrough orders.customer_id', 'amount: renamed orders.id'],
    ],
    [
      'select id, info.* from orders',
      ['id: passthrough orders.id', 'a: transformed orders.info', 'b: transformed orders.info'],
      ['a', 'b'],
    ],
    ['select unnest(info) from orders', ['a: transformed orders.info', 'b: transformed orders.info'], ['a', 'b']],
    // relations
    [
      'select c.id, o.amount from customers c positional join orders o',
      ['id: passthrough customers.id', 'amount: passthrough orders.amount'],
    ],
    [
      'select o.id, name from orders o asof join customers c on o.customer_id = c.customer_id and o.id >= c.id',
      ['id: passthrough orders.id', 'name: passthrough customers.name'],
    ],
    ['from orders select id where amount > 0', ['id: passthrough orders.id']],
    [
      'from customers where id > 1 union all by name select id as extra from orders',
      [
        'id: passthrough customers.id',
        'name: passthrough customers.name',
        'customer_id: passthrough customers.customer_id',
        'extra: renamed orders.id',
      ],
    ],
    ['select id from orders using sample 10 percent (bernoulli)', ['id: passthrough orders.id']],
    ['select id from orders tablesample reservoir(20%) order by all limit 50%', ['id: passthrough orders.id']],
    [
      'select o.id, l.x from orders o left join lateral (select o.amount * 2 as x) l on true',
      ['id: passthrough orders.id', 'x: transformed orders.amount'],
    ],
    [
      `with recursive t(n, up) using key (n) as (
         select id, customer_id from orders union select t.n + 1, c.id from t join customers c on c.id = t.up
       ) select n, up from t`,
      ['n: transformed orders.id', 'up: renamed orders.customer_id customers.id'],
    ],
    // expressions
    [
      'select [x + amount for x in items if x > id] as xs, id ** 2 as sq from orders',
      ['xs: transformed orders.items orders.id orders.amount', 'sq: transformed orders.id'],
    ],
    [
      "select twice: id * 2, name.upper().replace('A', 'B') as u from customers",
      ['twice: transformed customers.id', 'u: transformed customers.name'],
    ],
    [
      `select id, row_number() over w as n, lag(amount) over (order by items) as p from orders
       window w as (partition by customer_id order by id) qualify n = 1`,
      [
        'id: passthrough orders.id',
        'n: transformed orders.customer_id orders.id',
        'p: transformed orders.amount orders.items',
      ],
    ],
    [
      'select arg_max(name, id) as top, count() as n from customers group by all',
      ['top: aggregated customers.name customers.id', 'n: aggregated'],
    ],
  ])('%s', async (sql, expected, open = []) => {
    expect((await traced(sql, open)).sort()).toEqual([...expected].sort());
  });
});

describe('what only Snowflake has', () => {
  const pattern = 'pattern (up down+) define down as down.amount < lag(amount)';
  it.each<[sql: string, expected: readonly string[]]>([
    ["select * ilike '%ID' from orders", ['id: passthrough orders.id', 'customer_id: passthrough orders.customer_id']],
    [
      "select * ilike '%_id' replace (id as customer_id) rename (customer_id as key) from orders",
      ['key: renamed orders.id'],
    ],
    [
      'select id, object_construct(* exclude (items, info)) as o, hash(o.*) as h, count(*) as n from orders o group by all',
      [
        'id: passthrough orders.id',
        'o: transformed orders.id orders.customer_id orders.amount',
        'h: transformed orders.id orders.customer_id orders.amount orders.items orders.info',
        'n: aggregated',
      ],
    ],
    [
      "select $1:a.b::string as b, t.$2 as c, metadata$filename as f from @raw.stage/path (pattern => 'x') t",
      ['b: transformed stage/path.$1', 'c: renamed stage/path.$2', 'f: renamed stage/path.metadata$filename'],
    ],
    ['select $3 as c from orders', ['c: renamed orders.amount']],
    [
      'select f.*, f.value:sku as sku from orders o, lateral flatten(input => o.items, outer => true) f',
      [
        ...['SEQ', 'KEY', 'PATH', 'INDEX', 'VALUE', 'THIS'].map((name) => `${name}: transformed orders.items`),
        'sku: transformed orders.items',
      ],
    ],
    [
      'select g.value from orders o, table(flatten(o.items)) f, lateral flatten(f.value:parts) g',
      ['value: transformed orders.items'],
    ],
    [
      `select * from orders match_recognize (partition by customer_id order by id
         measures first(up.amount) as top, match_number() as n one row per match ${pattern})`,
      ['customer_id: passthrough orders.customer_id', 'top: aggregated orders.amount', 'n: aggregated'],
    ],
    [
      `select m.id, m.what from orders match_recognize (partition by customer_id order by id
         measures classifier() as what all rows per match ${pattern}) m`,
      ['id: passthrough orders.id', 'what: generated'],
    ],
    [
      `select id, level from orders start with customer_id is null connect by prior id = customer_id`,
      ['id: passthrough orders.id', 'level: generated'],
    ],
    [
      'select dateadd(day, amount, id) as d, last_day(id, month) as l from orders',
      ['d: transformed orders.amount orders.id', 'l: transformed orders.id'],
    ],
    ['select column1 as a, $2 as b from values (1, 2), (3, 4)', ['a: generated', 'b: generated']],
    ["select id from identifier('shop.orders')", ['id: passthrough orders.id']],
    [
      'select * from (select id, amount, name from orders natural join customers) unpivot (v for k in (id, amount))',
      ['name: passthrough customers.name', 'k: generated', 'v: transformed orders.id orders.amount'],
    ],
    [
      'select id from customers union by name select id, name from customers',
      ['id: passthrough customers.id', 'name: passthrough customers.name'],
    ],
  ])('%s', async (sql, expected) => {
    expect(await trace(sql, snowflake)).toEqual(expected);
  });
});
