import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, Session } from '../../src/adapters/adapter.js';
import { createDuckDbAdapter } from '../../src/adapters/duckdb/index.js';
import { type Diagnostic, UpsqlError } from '../../src/diagnostics/index.js';
import { generateTypes, runTypescriptModel, type TypescriptModelOptions } from '../../src/run/typescript/index.js';

let root: string;
let adapter: Adapter;
let session: Session;
let runs = 0;
const logged: string[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'upsql-typescript-'));
  adapter = createDuckDbAdapter({}, { projectRoot: root });
  await adapter.open();
  session = await adapter.session('s');
  await session.execute(`
    create schema marts;
    create table marts.orders as select * from (values
      (1::bigint, 10.50::decimal(18,2), date '2024-01-01', 'ann', true),
      (2, 20, null, 'bob', false), (9007199254740993, null, date '2024-03-01', null, null)) as t(id, amount, day, who, paid);
    create table marts.totals as select sum(i) as total, avg(i) as mean from range(10) t(i)`);
});

afterAll(async () => {
  await adapter.close();
  rmSync(root, { recursive: true });
});

function write(path: string, text: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

async function run(text: string, more: Partial<TypescriptModelOptions> = {}) {
  const name = `model_${++runs}`;
  const file = more.file ?? write(`models/${name}.ts`, text);
  const { rowsAffected } = await runTypescriptModel({
    file,
    name,
    uniqueId: `model.shop.${name}`,
    config: { refs: ['orders', 'totals'] },
    relations: new Map([
      ['orders', '"memory"."marts"."orders"'],
      ['totals', '"memory"."marts"."totals"'],
    ]),
    table: { database: 'memory', schema: 'main', identifier: name },
    target: { name: 'dev', type: 'duckdb', schema: 'main', database: 'memory' },
    session,
    adapter,
    vars: (key) => (key === 'segments' ? 3 : undefined),
    isIncremental: false,
    log: (message) => logged.push(message),
    signal: new AbortController().signal,
    targetDir: join(root, 'target'),
    projectRoot: root,
    ...more,
  });
  const table = await session.execute(`select * from main.${name}`);
  return { rowsAffected, ...table };
}

async function fault(text: string, more: Partial<TypescriptModelOptions> = {}): Promise<Diagnostic> {
  const error = await run(text, more).catch((e: unknown) => e);
  if (!(error instanceof UpsqlError) || !error.diagnostics[0]) throw error;
  return error.diagnostics[0];
}

const model = (body: string) =>
  `export default async function model({ rows, columns, db, vars, log }: any) {\n${body}\n}\n`;

describe('what a model reads', () => {
  it('gets rows with numbers for every numeric type', async () => {
    const result = await run(
      model(`
      const [first, second, third] = await rows('orders');
      log(JSON.stringify([first, second]) + typeof third.id + (await rows('totals'))[0].total);
      return [{ a: first.amount + second.amount, b: third.id }];`),
    );
    expect(logged.at(-1)).toBe(
      '[{"id":1,"amount":10.5,"day":"2024-01-01","who":"ann","paid":true},{"id":2,"amount":20,"day":null,"who":"bob","paid":false}]bigint45',
    );
    expect(result.rows).toEqual([[30.5, 9007199254740993n]]);
    expect(result.columns.map((c) => c.type)).toEqual(['DOUBLE', 'BIGINT']);
  });

  it('gets columns, and returns them', async () => {
    const result = await run(
      model(`
      const orders = await columns('orders');
      if (!(orders.columns.amount instanceof Float64Array)) throw new Error('not typed');
      return { columns: { who: orders.columns.who, double: orders.columns.amount.map((x) => 2 * x) } };`),
    );
    expect(result.rowsAffected).toBe(3);
    expect(result.rows).toEqual([
      ['ann', 21],
      ['bob', 40],
      [null, null],
    ]);
  });

  it('queries with Kysely, by the names of its refs', async () => {
    const result = await run(
      model(`
      return await db.selectFrom('orders').select((q) => [q.fn.sum('orders.amount').as('total'), q.fn.countAll().as('n')]).execute();`),
    );
    expect(result.rows).toEqual([[30.5, 3]]);
  });

  it('gets vars, config, target and isIncremental', async () => {
    const result = await run(
      `export default (c: any) => [{ a: c.vars('segments'), b: c.vars('none', 'x'), c: c.target.schema, d: c.isIncremental, e: c.config.refs.length }];`,
    );
    expect(result.rows).toEqual([[3, 'x', 'main', false, 2]]);
  });

  it("uses its helpers, packages and the engine's own modules", async () => {
    write(
      'node_modules/tiny/package.json',
      '{"name":"tiny","type":"module","exports":{"import":"./i.js","require":"./r.cjs"}}',
    );
    write('node_modules/tiny/i.js', "export const tiny = 'by import';");
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a module
    write('lib/helper.ts', "import { tiny } from 'tiny';\nexport const help = (x: number): string => `${tiny} ${x}`;");
    const result = await run(`
      import { matrixOf } from 'upsql/ml';
      import { readFileSync } from 'node:fs';
      import { help } from '../lib/helper.js';
      export default () => [{ a: help(1), b: typeof matrixOf, c: typeof readFileSync }];`);
    expect(result.rows).toEqual([['by import 1', 'function', 'function']]);
  });

  it('is compiled again only when one of its files changed', async () => {
    const file = write('models/cached.ts', "import { v } from './value.js';\nexport default () => [{ v }];");
    const value = write('models/value.ts', 'export const v = 1;');
    const bundles = () =>
      readdirSync(join(root, 'target/typescript')).filter(
        (f) => f.startsWith('model.shop.cached') && f.endsWith('.mjs'),
      );
    const uniqueId = 'model.shop.cached';
    expect((await run('', { file, uniqueId })).rows).toEqual([[1]]);
    const [bundle] = bundles();
    const made = statSync(join(root, 'target/typescript', bundle ?? '')).mtimeMs;
    expect((await run('', { file, uniqueId })).rows).toEqual([[1]]);
    expect(statSync(join(root, 'target/typescript', bundle ?? '')).mtimeMs).toBe(made);
    writeFileSync(value, 'export const v = 2;');
    expect((await run('', { file, uniqueId })).rows).toEqual([[2]]);
    expect(bundles()).toHaveLength(1);
    expect(bundles()).not.toEqual([bundle]);
  });
});

describe('what a model returns', () => {
  it('is typed by its values', async () => {
    const result = await run(
      model(`
      return { columns: {
        whole: [1, null, 3], part: [1, 2.5, NaN], big: [1n, 2, null], huge: [2n ** 70n, null, 1n], flag: [true, null, false],
        text: ['a', undefined, ''], at: [new Date('2024-01-02T03:04:05.678Z'), null, new Date(0)],
        f64: new Float64Array([1, NaN, 3]), i32: new Int32Array([1, 2, 3]), i64: new BigInt64Array([1n, 2n, 3n]),
        money: ['0.10', '12345678901234.56', null], 'odd "name"': [1, 2, 3], data: [{ a: [1] }, null, { a: 'x' }],
      }, types: { money: 'decimal(18,2)', data: 'json' } };`),
    );
    const types = Object.fromEntries(result.columns.map((c) => [c.name, c.type]));
    expect(types).toEqual({
      whole: 'BIGINT',
      part: 'DOUBLE',
      big: 'BIGINT',
      huge: 'DECIMAL(38,0)',
      flag: 'BOOLEAN',
      text: 'VARCHAR',
      at: 'TIMESTAMP',
      f64: 'DOUBLE',
      i32: 'INTEGER',
      i64: 'BIGINT',
      money: 'DECIMAL(18,2)',
      'odd "name"': 'BIGINT',
      data: 'JSON',
    });
    expect(result.rows[0]).toEqual([
      1,
      1,
      1,
      '1180591620717411303424',
      true,
      'a',
      '2024-01-02 03:04:05.678',
      1,
      1,
      1,
      '0.10',
      1,
      '{"a":[1]}',
    ]);
    expect(result.rows[1]?.slice(0, 8)).toEqual([null, 2.5, 2, null, null, null, null, null]);
    expect(result.rows[2]?.slice(0, 7)).toEqual([3, null, null, '1', false, '', '1970-01-01 00:00:00']);
  });

  it('may be rows with different keys', async () => {
    const result = await run(model("return [{ a: 1 }, { b: 'x' }, {}];"));
    expect(result.columns.map((c) => c.name)).toEqual(['a', 'b']);
    expect(result.rows).toEqual([
      [1, null],
      [null, 'x'],
      [null, null],
    ]);
  });

  it('may be empty when its types are known', async () => {
    const result = await run(model("return { columns: { a: [], b: [] }, types: { a: 'date' } };"), {
      columnTypes: { b: 'integer' },
    });
    expect(result.columns).toEqual([
      { name: 'a', type: 'DATE' },
      { name: 'b', type: 'INTEGER' },
    ]);
  });

  it.each([
    ['return;', 'invalid-model-result', 'returned nothing'],
    ['return 5;', 'invalid-model-result', 'returned a number'],
    ['return [1];', 'invalid-model-result', 'row 1 is a number'],
    ['return [{ a: 1 }, null];', 'invalid-model-result', 'row 2 is null'],
    ['return [];', 'model-without-columns', 'no rows'],
    ['return { columns: {} };', 'model-without-columns', 'no columns'],
    ['return { columns: { a: 5 } };', 'invalid-model-result', "column 'a' is a number"],
    ['return { columns: { a: [1, 2], b: [1] } };', 'unequal-column-lengths', "'a' has 2 values, 'b' has 1"],
    [
      "return { columns: { a: [1, null, 'x'] } };",
      'mixed-model-column',
      "column 'a' mixes types: a number in row 1, a string in row 3",
    ],
    ['return { columns: { a: [1n, 0.5] } };', 'mixed-model-column', 'row 2'],
    ['return [{ a: 1 }, { a: { b: 1 } }];', 'invalid-model-value', "column 'a' holds an object in row 2"],
    ['return [{ a: () => 1 }];', 'invalid-model-value', "column 'a' holds a function in row 1"],
    ["return [{ a: new Date('soon') }];", 'invalid-model-value', "column 'a' holds an invalid Date in row 1"],
    ['return [{ a: null }];', 'unknown-model-type', "column 'a' has no value"],
    ['return [{ a: 1, A: 2 }];', 'invalid-column-name', "'a' and 'A'"],
    ["return [{ '': 1 }];", 'invalid-column-name', 'no name'],
    ['return [{ __upsql_x: 1 }];', 'invalid-column-name', 'reserved'],
    ["return { columns: { amount: [1] }, types: { amuont: 'int' } };", 'invalid-model-result', "'amuont'"],
    ["return { columns: { a: ['soon'] }, types: { a: 'date' } };", 'model-not-loaded', 'soon'],
  ])('%s is a fault', async (body, code, message) => {
    const found = await fault(model(body));
    expect(found.code).toBe(code);
    expect(found.message).toContain(message);
    expect(found.message).toContain(`TypeScript model 'model_${runs}'`);
    expect(found.place?.file).toBe(join(root, `models/model_${runs}.ts`));
    expect(
      await adapter.getColumns(session, { database: 'memory', schema: 'main', identifier: `model_${runs}` }),
    ).toEqual([]);
  });
});

describe("faults point at the user's own line", () => {
  const at = (line: number, column: number) => ({ file: join(root, `models/model_${runs}.ts`), line, column });

  it('of code that throws, through helpers', async () => {
    const helper = write(
      'lib/thrower.ts',
      'interface A { a: 1 }\n\nexport function boom(): never {\n  throw new TypeError(`bad`);\n}',
    );
    const found = await fault(
      `import { boom } from '../lib/thrower.js';\ntype X = {\n  y: number;\n};\nexport default async function model() {\n  await null;\n  return inner();\n}\nfunction inner() { return boom(); }`,
    );
    expect(found).toMatchObject({ code: 'typescript-model-failed', place: { file: helper, line: 4, column: 9 } });
    expect(found.message).toContain('TypeError: bad');
    expect(found.frames?.map((f) => [f.name, f.place?.line])).toEqual([
      ['inner', 9],
      ['model', 7],
    ]);
  });

  it('of code that throws while it is imported', async () => {
    const found = await fault('const x: string[] = [];\n\nx[0].length;\nexport default () => [{ a: 1 }];');
    expect(found.place).toEqual(at(3, 6));
  });

  it('of a ref that is not declared', async () => {
    for (const call of [
      "await rows('order')",
      "await columns('order')",
      "await db.selectFrom('order').selectAll().execute()",
    ]) {
      const found = await fault(model(`  // a comment\n  const x = ${call};\n  return x;`));
      expect(found.code).toBe('undeclared-ref');
      expect(found.message).toContain(
        "reads 'order', which its config does not declare (config declares: orders, totals)",
      );
      expect(found.hint).toBe("Did you mean 'orders'?");
      expect(found.place?.line).toBe(3);
      expect(found.place?.file).toBe(at(1, 1).file);
    }
  });

  it('of a query that fails', async () => {
    const found = await fault(
      model("  const n = 1;\n  return await db.selectFrom('orders').select('nope').execute();"),
    );
    expect(found).toMatchObject({ code: 'query-failed', place: { file: at(1, 1).file, line: 3 } });
    expect(found.message).toContain('nope');
    expect(
      await fault(model("  return await rows('orders');"), { relations: new Map([['orders', 'marts.gone']]) }),
    ).toMatchObject({
      code: 'query-failed',
      place: { file: at(1, 1).file, line: 2 },
    });
  });

  it('of a var that is not set', async () => {
    const found = await fault(model("  return [{ a: vars('nope') }];"));
    expect(found).toMatchObject({ code: 'unknown-var', place: { line: 2 } });
  });

  it('of an error that brings its own diagnostic', async () => {
    const found = await fault(
      `import { mlError } from 'upsql/ml';\nexport default () => {\n  throw mlError('ml-no-rows', 'nothing to learn from', 'Bring more.');\n};`,
    );
    expect(found).toMatchObject({ code: 'ml-no-rows', hint: 'Bring more.', place: at(3, 9) });
  });

  it('of syntax, and of imports that are not there', async () => {
    expect(await fault('export default () => {\n  const é = 1; return [}\n};')).toMatchObject({
      code: 'typescript-syntax',
      place: at(2, 24),
    });
    const missing = await fault(
      "import { a } from 'no-such-package/x';\nimport { b } from './gone.js';\nexport default () => [{ a, b }];",
    );
    expect(missing).toMatchObject({
      code: 'missing-import',
      hint: 'Install it in the project: npm install no-such-package',
    });
    expect(missing.place).toMatchObject(at(1, 19));
  });

  it('of an export that is no function', async () => {
    expect(await fault('export default JSON.parse("1");')).toMatchObject({ code: 'model-without-function' });
  });

  it('of what is thrown and is no error', async () => {
    expect((await fault(model("  throw 'plain';"))).message).toContain('threw plain');
  });
});

describe('the end of the run', () => {
  it('ends a model that never settles', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    await expect(run(model('  await new Promise(() => {});'), { signal: controller.signal })).rejects.toMatchObject({
      kind: 'interrupted',
    });
  });

  it('interrupts its query', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const relations = new Map([
      ['orders', '(select count(*) from range(1000000) a, range(1000000) b where a.range * b.range % 7 = 9)'],
    ]);
    await expect(
      run(model("  return await rows('orders');"), { signal: controller.signal, relations }),
    ).rejects.toMatchObject({
      kind: 'interrupted',
    });
    expect((await session.execute('select 1')).rows).toEqual([[1]]);
  });
});

describe('generateTypes', () => {
  it('writes an interface for each relation and a Database, in a stable order', async () => {
    await session.execute(`create table marts.wide (id integer not null, "odd name" varchar, tags varchar[], seen timestamptz,
      doc json, bits blob, shape struct(x integer, "y z" decimal(4,1)[]), by_name map(varchar, integer), e enum('a', 'b'))`);
    const relation = (identifier: string) => ({ database: 'memory', schema: 'marts', identifier });
    const source = await generateTypes({
      session,
      adapter,
      relations: [
        { name: 'wide', relation: relation('wide') },
        { name: 'raw.orders', relation: relation('orders'), notNull: ['ID'] },
        { name: 'gone', relation: relation('gone') },
      ],
    });
    expect(
      source.slice(source.indexOf("// 'gone'")),
    ).toBe(`// 'gone' is not in the target yet: build it, then generate the types again.

export interface RawOrders {
  id: number;
  amount: number | null;
  day: string | null;
  who: string | null;
  paid: boolean | null;
}

export interface Wide {
  id: number;
  'odd name': string | null;
  tags: (string | null)[] | null;
  seen: string | null;
  doc: string | null;
  bits: Uint8Array | null;
  shape: { x: number | null; 'y z': (number | null)[] | null } | null;
  by_name: Record<string, number | null> | null;
  e: string | null;
}

export interface Database {
  'raw.orders': RawOrders;
  wide: Wide;
}
`);
    expect(existsSync(join(root, 'target'))).toBe(true);
  });
});
