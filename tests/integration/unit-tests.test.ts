import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin, upsqlOnTerminal } from '../unit/cli/compiled-bin.js';
import { makeProject, statusesOf, type TestProject } from './test-project.js';

beforeAll(compileBin);

const shop = {
  'models/raw.sql': "select 1 as id, 'ann' as customer, 10.5::decimal(10,2) as amount",
  'models/paid.sql': "{{ config(materialized='ephemeral') }}\nselect * from {{ ref('raw') }} where amount is not null",
  'models/totals.sql': "select customer, sum(amount) as total from {{ ref('paid') }} group by customer",
  'models/report.sql': "select * from {{ ref('totals') }}",
};

const shopWith = (unitTests: string, more: Readonly<Record<string, string>> = {}): TestProject =>
  makeProject({ ...shop, 'models/u.yml': `unit_tests:\n${unitTests}`, ...more });

const TOTALS = `  - name: adds_up
    model: totals
    given:
      - input: ref('paid')
        rows: [{customer: ann, amount: 1}, {customer: ann, amount: 2.5}, {customer: bob}]
    expect:
      rows: [{customer: ann, total: 3.5}, {customer: bob, total: null}]
`;

describe('fixtures', () => {
  it('have the columns of an ephemeral model and of what is not built yet', () => {
    const project = shopWith(TOTALS);
    const ran = project.upsql('test', '-s', 'test_type:unit');
    expect(ran.text).toContain('PASS totals::adds_up');
    expect(ran.code).toBe(0);
    expect(project.exists('shop.duckdb.wal')).toBe(false);
  });

  it('have the declared columns where neither relation nor query tells them', () => {
    const source = `sources:
  - name: erp
    tables:
      - name: items
        columns: [{name: id, data_type: integer}, {name: price, data_type: "decimal(8,2)"}]
unit_tests:
  - name: from_source
    model: items
    given: [{input: "source('erp', 'items')", rows: [{price: 1.239}]}]
    expect: {rows: [{id: null, price: 1.24}]}
`;
    const project = makeProject({
      'models/items.sql': "select * from {{ source('erp', 'items') }}",
      'models/u.yml': source,
    });
    expect(project.upsql('test').text).toContain('PASS items::from_source');
    project.write('models/u.yml', source.replace(', data_type: integer', ''));
    const ran = project.upsql('test');
    expect(ran.code).toBe(1);
    expect(ran.text).toContain("The columns of 'items' are not known");
    expect(ran.text).toContain('models/u.yml:9:21');
    expect(ran.text).toContain('hint: Build it first (upsql run --empty --select items)');
  });

  it('have the columns of files that a source reads', () => {
    const project = makeProject({
      'data/items.csv': 'id,price\n1,2.5\n',
      'models/items.sql': "select id, price * 2 as price from {{ source('files', 'items') }}",
      'models/u.yml': `sources:
  - name: files
    config: {meta: {external_location: "read_csv('data/{name}.csv')"}}
    tables: [{name: items}]
unit_tests:
  - name: doubles
    model: items
    given: [{input: "source('files', 'items')", rows: [{id: 3, price: 4.5}]}]
    expect: {rows: [{id: 3, price: 9}]}
`,
    });
    expect(project.upsql('build').text).toContain('PASS items::doubles');
  });

  it('are not emptied by --empty', () => {
    const project = shopWith(TOTALS);
    const ran = project.upsql('build', '--empty');
    expect(ran.code).toBe(0);
    expect(statusesOf(project).totals).toBe('success');
    expect(ran.text).toContain('PASS totals::adds_up');
  });

  it('come from the environment that is deferred to', () => {
    const project = shopWith(TOTALS.replace("ref('paid')", "ref('raw')").replace('totals', 'sums'), {
      'models/sums.sql': "select customer, sum(amount) as total from {{ ref('raw') }} group by customer",
      'models/raw.sql':
        "{{ config(materialized='table') }}\n{% if var('built', true) %}select 'x' as customer, 1.5::decimal(10,2) as amount{% else %}{{ no_such_macro() }}{% endif %}",
      'profiles.yml':
        'shop:\n  target: prod\n  outputs:\n    prod: {type: duckdb, path: shop.duckdb, schema: prod}\n    dev: {type: duckdb, path: shop.duckdb, schema: dev}\n',
    });
    expect(project.upsql('build').code).toBe(0);
    project.write('prod/manifest.json', project.read('target/manifest.json'));
    const vars = ['-t', 'dev', '--vars', '{built: false}', '-s', 'test_type:unit'];
    expect(project.upsql('test', ...vars).text).toContain("The columns of 'raw' are not known");
    expect(project.upsql('test', ...vars, '--defer', '--state', 'prod').text).toContain('PASS sums::adds_up');
  });

  it('are read anew when their files change', () => {
    const project = shopWith(
      TOTALS.replace(/rows: \[\{customer: ann, amount: 1\}.*/, 'format: csv\n        fixture: paid'),
      {
        'tests/fixtures/paid.csv': 'customer,amount\nann,3.5\nbob,\n',
      },
    );
    expect(project.upsql('test').text).toContain('PASS totals::adds_up');
    project.write('tests/fixtures/paid.csv', 'customer,amount\nann,3\nbob,\n');
    expect(project.upsql('test').text).toContain('3.50→3.00');
  });

  it('replace relations of one name in two schemas', () => {
    const project = makeProject({
      'models/a/x.sql': "{{ config(schema='a', alias='items') }} select 1 as id",
      'models/b/y.sql': "{{ config(schema='b', alias='items') }} select 2 as id",
      'models/both.sql': "select x.id as x, y.id as y from {{ ref('x') }} x cross join {{ ref('y') }} y",
      'models/u.yml': `unit_tests:
  - name: apart
    model: both
    given: [{input: ref('x'), rows: [{id: 5}]}, {input: ref('y'), rows: [{id: 6}]}]
    expect: {rows: [{x: 5, y: 6}]}
`,
    });
    expect(project.upsql('test').text).toContain('PASS both::apart');
  });
});

describe('expected rows', () => {
  it('may name their columns in any order and leave some out, which are null then', () => {
    const project = shopWith(
      TOTALS.replace(
        '{customer: ann, total: 3.5}, {customer: bob, total: null}',
        '{total: 3.5, customer: ann}, {Customer: bob}',
      ),
    );
    expect(project.upsql('test').text).toContain('PASS totals::adds_up');
  });
});

describe('a package', () => {
  it('has unit tests, fixtures and variables of its own, and macros that a test overrides', () => {
    const project = makeProject({
      'packages.yml': 'packages:\n  - local: sub\n',
      'dbt_packages/sub/dbt_project.yml': 'name: sub\nversion: "1.0"\nvars: {factor: 2}\n',
      'dbt_packages/sub/macros/m.sql': '{% macro plus() %}1{% endmacro %}',
      'dbt_packages/sub/models/times.sql':
        "select id * {{ var('factor') }} + {{ plus() }} + {{ sub.plus() }} as n from {{ ref('numbers') }}",
      'dbt_packages/sub/models/numbers.sql': 'select 1 as id',
      'dbt_packages/sub/tests/fixtures/numbers.csv': 'id\n5\n',
      'dbt_packages/sub/models/u.yml': `unit_tests:
  - name: plain
    model: times
    given: [{input: ref('numbers'), format: csv, fixture: numbers}]
    expect: {rows: [{n: 12}]}
  - name: overridden
    model: times
    overrides: {macros: {plus: 10, sub.plus: 100}, vars: {factor: 3}}
    given: [{input: "ref('sub', 'numbers')", rows: [{id: 5}]}]
    expect: {rows: [{n: 125}]}
`,
    });
    const ran = project.upsql('build');
    expect(ran.text).toContain('PASS times::plain');
    expect(ran.text).toContain('PASS times::overridden');
    const { unit_tests: tests } = project.artifact('manifest.json');
    expect(Object.keys(tests)).toEqual(['unit_test.sub.times.plain', 'unit_test.sub.times.overridden']);
  });
});

describe('build', () => {
  it('runs a unit test before its model, and skips the model and what is below when it fails', async () => {
    const project = shopWith(TOTALS.replace('total: 3.5', 'total: 4'));
    const ran = project.upsql('build');
    expect(ran.code).toBe(1);
    const { results } = project.artifact('run_results.json') as { results: { unique_id: string; status: string }[] };
    expect(Object.fromEntries(results.map((r) => [r.unique_id, r.status]))).toEqual({
      'model.shop.raw': 'success',
      'unit_test.shop.totals.adds_up': 'fail',
      'model.shop.totals': 'skipped',
      'model.shop.report': 'skipped',
    });
    expect(ran.text).toContain('Skipped 2 nodes because of unit_test totals.adds_up');
    expect(await project.rows("select table_name from information_schema.tables where table_name = 'totals'")).toEqual(
      [],
    );
  });

  it('is retried from the unit test that failed', () => {
    const project = shopWith(TOTALS.replace('total: 3.5', 'total: 4'));
    expect(project.upsql('build').code).toBe(1);
    project.write('models/u.yml', `unit_tests:\n${TOTALS}`);
    expect(project.upsql('retry').code).toBe(0);
    expect(statusesOf(project)).toEqual({ totals: 'success', report: 'success' });
    const { results } = project.artifact('run_results.json') as { results: { unique_id: string; status: string }[] };
    expect(results[0]).toMatchObject({ unique_id: 'unit_test.shop.totals.adds_up', status: 'pass' });
  });

  it('leaves unit tests away with --exclude-resource-type', () => {
    const project = shopWith(TOTALS.replace('total: 3.5', 'total: 4'));
    expect(project.upsql('build', '--exclude-resource-type', 'unit_test').code).toBe(0);
    expect(statusesOf(project)).toEqual({ raw: 'success', totals: 'success', report: 'success' });
  });

  it('is run by test, not by build, when it is selected without its model, as in dbt', () => {
    const project = shopWith(TOTALS);
    expect(project.upsql('build', '-s', 'unit_test:adds_up').text).toContain('Nothing to do');
    const ran = project.upsql('test', '-s', 'unit_test:adds_up');
    expect(ran.code).toBe(0);
    expect(ran.text).toContain('PASS totals::adds_up');
  });

  it('fails a test on a model that is broken at the line of the model', () => {
    const project = shopWith(TOTALS, {
      'models/totals.sql': "select customer,\n  sum(amout) as total\nfrom {{ ref('paid') }} group by customer",
    });
    const ran = project.upsql('test');
    expect(ran.code).toBe(1);
    expect(ran.text).toContain('models/totals.sql:2:7');
    expect(ran.text).toContain("hint: Did you mean 'amount'?");
  });
});

describe('the diff', () => {
  const differing = TOTALS.replace(
    'rows: [{customer: ann, total: 3.5}, {customer: bob, total: null}]',
    'rows: [{customer: ann, total: 4}, {customer: cat, total: 1}, {customer: bob, total: null}]',
  );

  it('is a table in the summary', () => {
    const ran = shopWith(differing).upsql('test');
    expect(ran.text).toContain('totals::adds_up: 1 missing, 1 changed rows');
    expect(ran.text).toContain(`
    @@  | customer | total
    →   | ann      | 4.00→3.50
        | bob      | NULL
    --- | cat      | 1.00
`);
  });

  it('is coloured on a terminal', () => {
    const { stdout } = upsqlOnTerminal(shopWith(differing).dir, ['test']);
    expect(stdout).toContain('\u001b[31m4.00\u001b[39m\u001b[33m→\u001b[39m\u001b[32m3.50\u001b[39m');
  });

  it('is data in the JSON log', () => {
    const ran = shopWith(differing).upsql('test', '--log-format', 'json');
    const event = ran.stdout
      .split('\n')
      .filter((line) => line.includes('"UnitTestDiff"'))
      .map((line) => JSON.parse(line).data)[0];
    expect(event.columns).toEqual(['customer', 'total']);
    expect(event.rows).toEqual([
      { kind: 'changed', expected: ['ann', '4.00'], actual: ['ann', '3.50'] },
      { kind: 'missing', row: ['cat', '1.00'] },
    ]);
    expect(event.node_info.unique_id).toBe('unit_test.shop.totals.adds_up');
  });
});

describe('mistakes', () => {
  const entry = (parts: { model?: string; given?: string; expect?: string; more?: string }): string => `  - name: t
    model: ${parts.model ?? 'totals'}
    given:
      - ${parts.given ?? "{input: ref('paid'), rows: []}"}
    expect: ${parts.expect ?? '{rows: []}'}
${parts.more ?? ''}`;

  interface Mistake {
    readonly what: string;
    readonly yaml: string;
    readonly files?: Readonly<Record<string, string>>;
    readonly says: readonly string[];
    readonly code: number;
  }

  const mistakes: readonly Mistake[] = [
    {
      what: 'an unknown model',
      yaml: entry({ model: 'total' }),
      says: ["'total', which does not exist", "Did you mean 'totals'?", 'models/u.yml:2:11'],
      code: 2,
    },
    {
      what: 'an input that does not exist',
      yaml: entry({ given: "{input: ref('payd'), rows: []}" }),
      says: ["The input ref('payd') of unit test 't' does not exist", "Did you mean 'paid'?", 'models/u.yml:5:17'],
      code: 1,
    },
    {
      what: 'an input that is no reference',
      yaml: entry({ given: '{input: paid, rows: []}' }),
      says: ['paid is no input', "Write ref('model')", 'models/u.yml:5:17'],
      code: 1,
    },
    {
      what: 'a ref without an input',
      yaml: '  - name: t\n    model: totals\n    given: []\n    expect: {rows: []}\n',
      says: [
        "no input for ref('paid'), which 'totals' reads",
        "Add to given: {input: ref('paid'), rows: []}",
        'models/u.yml:4:12',
      ],
      code: 1,
    },
    {
      what: 'a column that the input has not',
      yaml: entry({ given: "{input: ref('paid'), rows: [{customer: a}, {amuont: 1}]}" }),
      says: [
        "Invalid column name: 'amuont' in unit test fixture for 'paid'",
        "Did you mean 'amount'?",
        'models/u.yml:5:53',
      ],
      code: 1,
    },
    {
      what: 'a column that the query has not',
      yaml: entry({ expect: '{rows: [{totl: 1}]}' }),
      says: [
        "Invalid column name: 'totl' in unit test fixture for expected output",
        "Did you mean 'total'?",
        'models/u.yml:6:22',
      ],
      code: 1,
    },
    {
      what: 'a column that a fixture file has wrong',
      yaml: entry({ given: "{input: ref('paid'), format: csv, fixture: paid}" }),
      files: { 'tests/fixtures/paid.csv': 'customer,amout\na,1\n' },
      says: ["Invalid column name: 'amout' in unit test fixture for 'paid'", 'tests/fixtures/paid.csv:1:10'],
      code: 1,
    },
    {
      what: 'a value of the wrong type',
      yaml: entry({ given: "{input: ref('paid'), rows: [{amount: much}]}" }),
      says: [
        'Could not convert string "much"',
        'Check the values in given and expect',
        'unit test t (models/u.yml:2:11)',
      ],
      code: 1,
    },
    {
      what: 'a fixture file that does not exist',
      yaml: entry({ given: "{input: ref('paid'), format: csv, fixture: payd}" }),
      files: { 'tests/fixtures/paid.csv': 'customer\n' },
      says: ["fixture 'payd', which does not exist", "Did you mean 'paid'?", 'models/u.yml:5:52'],
      code: 2,
    },
    {
      what: 'a fixture file of another format',
      yaml: entry({ given: "{input: ref('paid'), format: csv, fixture: paid}" }),
      files: { 'tests/fixtures/paid.sql': 'select 1' },
      says: ["The fixture 'paid' is a .sql file", 'Write format: sql'],
      code: 2,
    },
    {
      what: 'a fixture file without a format',
      yaml: entry({ given: "{input: ref('paid'), fixture: paid}" }),
      files: { 'tests/fixtures/paid.csv': 'customer\n' },
      says: ['A fixture file has the format csv or sql', 'models/u.yml:5:39'],
      code: 2,
    },
    {
      what: 'ragged CSV in a file',
      yaml: entry({ given: "{input: ref('paid'), format: csv, fixture: paid}" }),
      files: { 'tests/fixtures/paid.csv': 'customer,amount\na,1\nb,2,3\n' },
      says: ['A row has 3 values for 2 columns', 'tests/fixtures/paid.csv:3:1'],
      code: 2,
    },
    {
      what: 'ragged CSV in the YAML',
      yaml: entry({
        given:
          "input: ref('paid')\n        format: csv\n        rows: |\n          customer,amount\n          a,1\n          b,2,3",
      }),
      says: ['A row has 3 values for 2 columns', 'models/u.yml:10:1', 'quote a value that has a comma'],
      code: 2,
    },
    {
      what: 'CSV with an open quote',
      yaml: entry({ given: "{input: ref('paid'), format: csv, fixture: paid}" }),
      files: { 'tests/fixtures/paid.csv': 'customer\n"a\n' },
      says: ['This is no CSV', 'tests/fixtures/paid.csv:'],
      code: 2,
    },
    {
      what: 'rows that are no maps',
      yaml: entry({ expect: '{rows: [1]}' }),
      says: ['A row is a map of columns to values', 'models/u.yml:6:21'],
      code: 2,
    },
    {
      what: 'a TypeScript model',
      yaml: entry({ model: 'typed', given: "{input: ref('raw'), rows: []}" }),
      files: {
        'models/typed.ts':
          "export const config = { refs: ['raw'] };\nexport default async () => ({ columns: { id: [1] } });\n",
      },
      says: ["Unit test 't' is on 'typed', which is no SQL model", 'models/u.yml:2:11'],
      code: 1,
    },
    {
      what: 'no expected rows',
      yaml: entry({ expect: '{format: dict}' }),
      says: ['The expected rows are missing', 'Write rows: [] for none'],
      code: 2,
    },
    {
      what: 'an input without rows that is no seed',
      yaml: entry({ given: "{input: ref('paid')}" }),
      says: ["The input ref('paid') has no rows, and is not a seed", 'Write rows: [] for none'],
      code: 2,
    },
    {
      what: 'an unknown format',
      yaml: entry({ given: "{input: ref('paid'), format: json, rows: '[]'}" }),
      says: ['expected dict, csv or sql', 'models/u.yml:5:38'],
      code: 2,
    },
    {
      what: 'an unknown key',
      yaml: entry({ more: '    expected: {}\n' }),
      says: ["'expected'", "Did you mean 'expect'?", 'models/u.yml:7:5'],
      code: 2,
    },
    {
      what: 'two tests of one name',
      yaml: entry({}) + entry({}),
      says: ["Unit test 't' of 'totals' is there twice", 'models/u.yml:7:11'],
      code: 2,
    },
    {
      what: 'versions of a model that has none',
      yaml: entry({ more: '    versions: {include: [1]}\n' }),
      says: ["names versions, and the model 'totals' has none"],
      code: 2,
    },
    {
      what: 'versions included and excluded',
      yaml: entry({ more: '    versions: {include: [1], exclude: [2]}\n' }),
      says: ['Versions are either included or excluded', 'models/u.yml:7:39'],
      code: 2,
    },
    {
      what: 'an incremental model without a word on which run',
      yaml: entry({ model: 'inc', given: "{input: ref('raw'), rows: []}" }),
      files: {
        'models/inc.sql':
          "{{ config(materialized='incremental') }} select * from {{ ref('raw') }} {% if is_incremental() %} where false {% endif %}",
      },
      says: ['does not say which run it tests', 'is_incremental: true'],
      code: 2,
    },
    {
      what: 'an incremental run without this',
      yaml: entry({
        model: 'inc',
        given: "{input: ref('raw'), rows: []}",
        more: '    overrides: {macros: {is_incremental: true}}\n',
      }),
      files: {
        'models/inc.sql':
          "{{ config(materialized='incremental') }} select * from {{ ref('raw') }} {% if is_incremental() %} where false {% endif %}",
      },
      says: ['without the rows that are there already', 'Add an input: this'],
      code: 2,
    },
  ];

  it.each(mistakes)('$what', ({ yaml, files, says, code }) => {
    const ran = shopWith(yaml, files).upsql('test');
    for (const text of says) expect(ran.text).toContain(text);
    expect(ran.code).toBe(code);
  });

  it('warns of an input that the model does not read, of one given twice, and of a macro that is not there', () => {
    const project = shopWith(
      `  - name: t
    model: totals
    overrides: {macros: {bonuss: 1}}
    given:
      - {input: ref('paid'), rows: []}
      - {input: ref('raw'), rows: []}
      - {input: ref('paid'), rows: []}
    expect: {rows: []}
`,
      { 'macros/m.sql': '{% macro bonus() %}1{% endmacro %}' },
    );
    const ran = project.upsql('test');
    expect(ran.text).toContain("'totals' does not read ref('raw'), an input of unit test 't'");
    expect(ran.text).toContain("hint: It reads ref('paid').");
    expect(ran.text).toContain("ref('paid') is given twice in unit test 't'");
    expect(ran.text).toContain('models/u.yml:8:17');
    expect(ran.text).toContain("overrides 'bonuss', which is no macro. Did you mean 'bonus'?");
    expect(ran.text).toContain('models/u.yml:4:34');
    expect(ran.code).toBe(0);
  });
});
