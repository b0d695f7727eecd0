import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { UpsqlError } from '../../../src/diagnostics/index.js';
import { repr } from '../../../src/jinja/index.js';
import { type LoadOptions, loadProject, loadSelectors, type Project, parseVars } from '../../../src/project/index.js';

const base = mkdtempSync(path.join(os.tmpdir(), 'upsql-load-'));
let n = 0;
let dir = '';
beforeEach(() => {
  dir = path.join(base, `p${++n}`);
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
}

function load(options: LoadOptions = {}): Promise<Project> {
  return loadProject({ projectDir: dir, env: { HOME: path.join(base, 'nobody') }, ...options });
}

async function failure(options: LoadOptions = {}): Promise<UpsqlError> {
  const error = await load(options).then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof UpsqlError)) throw new Error(`expected an UpsqlError, got ${String(error)}`);
  return error;
}

const PROFILES = `shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb, threads: 3}
    prod:
      type: duckdb
      path: prod.duckdb
      schema: marts
`;

describe('defaults', () => {
  it('fills in what dbt fills in, and a built-in DuckDB target', async () => {
    write({ 'dbt_project.yml': 'name: shop\nversion: 1.0\n' });
    const project = await load();
    expect(project.config).toMatchObject({
      name: 'shop',
      version: '1.0',
      modelPaths: ['models'],
      seedPaths: ['seeds'],
      testPaths: ['tests'],
      analysisPaths: ['analyses'],
      docsPaths: ['models', 'seeds', 'snapshots', 'analyses', 'macros', 'tests', 'functions'],
      targetPath: 'target',
      cleanTargets: ['target'],
      packagesInstallPath: 'dbt_packages',
    });
    expect(project.target).toMatchObject({
      name: 'dev',
      type: 'duckdb',
      profilesFile: null,
      credentials: { path: path.join(dir, 'target/shop.duckdb'), database: 'shop', schema: 'main' },
    });
    expect(project.target.threads).toBeLessThanOrEqual(4);
    expect(project.targetDir).toBe(path.join(dir, 'target'));
  });

  it('takes --target-path and DBT_TARGET_PATH before the file', async () => {
    write({ 'dbt_project.yml': 'name: shop\ntarget-path: build\n' });
    expect((await load()).targetDir).toBe(path.join(dir, 'build'));
    const env = { HOME: base, DBT_TARGET_PATH: 'from_env' };
    expect((await load({ env })).config.cleanTargets).toEqual(['from_env']);
    expect((await load({ env, targetPath: 'flag' })).targetDir).toBe(path.join(dir, 'flag'));
  });
});

describe('dbt_project.yml', () => {
  it('names the near miss of an unknown key, with its place', async () => {
    write({ 'dbt_project.yml': 'name: shop\nmodel_paths: [models]\n' });
    const [diagnostic] = (await failure()).diagnostics;
    expect(diagnostic).toMatchObject({
      code: 'unknown-key',
      hint: "Did you mean 'model-paths'?",
      place: { file: path.join(dir, 'dbt_project.yml'), line: 2, column: 1, length: 11 },
    });
  });

  it.each([
    ['name: shop\nmodel-paths: models\n', 2, 14],
    ['name: 1shop\n', 1, 7],
    ['name: config\n', 1, 7],
    ['version: 2.0\n', 1, 1],
    ['name: shop\nversion: v1\n', 2, 10],
    ['name: shop\nvars: [1]\n', 2, 7],
    ['name: shop\ndata_tests:\n', 2, 1],
    ['name: shop\nquoting: {schema: yes, ident: true}\n', 2, 24],
    ['name: shop\non-run-start: {a: b}\n', 2, 15],
    ['name: shop\ndispatch:\n  - macro_namespace: dbt_utils\n', 3, 5],
    ['name: shop\ntests: {a: 1}\ndata_tests: {b: 1}\n', 2, 1],
    ['name: shop\nsource-paths: [a]\nmodel-paths: [b]\n', 2, 1],
    ["name: shop\nrequire-dbt-version: '>=2.0.0'\n", 2, 1],
    ['name: shop\nmodels:\n\tshop: 1\n', 3, 1],
  ])('refuses %j at its place', async (text, line, column) => {
    write({ 'dbt_project.yml': text });
    const error = await failure();
    expect(error.exitCode).toBe(2);
    expect(error.diagnostics[0]?.place).toMatchObject({ line, column });
  });

  it('keeps the legacy names working, with a warning', async () => {
    write({ 'dbt_project.yml': 'name: shop\ndata-paths: [data]\ntests:\n  +severity: warn\non-run-end: select 1\n' });
    const project = await load();
    expect(project.config.seedPaths).toEqual(['data']);
    expect(project.config.configs.tests).toEqual({ '+severity': 'warn' });
    expect(project.config.onRunEnd).toEqual(['select 1']);
    expect(project.diagnostics.map((d) => [d.severity, d.code])).toEqual([['warning', 'old-key']]);
  });

  it('says how to go on without a project', async () => {
    mkdirSync(dir);
    expect((await failure()).diagnostics[0]).toMatchObject({ code: 'no-project' });
  });
});

describe('profiles.yml', () => {
  const project = 'name: shop\nprofile: shop\n';

  it('gives the chosen target', async () => {
    write({ 'dbt_project.yml': project, 'profiles.yml': PROFILES });
    expect((await load()).target).toMatchObject({ name: 'dev', threads: 3, credentials: { database: 'shop' } });
    const prod = (await load({ target: 'prod', threads: 7 })).target;
    expect(prod).toMatchObject({ threads: 7, credentials: { path: 'prod.duckdb', database: 'prod', schema: 'marts' } });
    expect((await load({ target: 'prod' })).target.threads).toBe(1);
  });

  it('goes by --profiles-dir before the project folder', async () => {
    write({ 'dbt_project.yml': project, 'profiles.yml': PROFILES });
    write({ 'other/profiles.yml': 'shop: {target: x, outputs: {x: {type: duckdb}}}\n' });
    const { target } = await load({ profilesDir: path.join(dir, 'other') });
    expect(target).toMatchObject({ name: 'x', credentials: { database: 'memory', path: ':memory:' } });
  });

  it.each([
    [{ profile: 'shpo' }, 'unknown-profile', /Did you mean 'shop'\?.*Known profiles: shop/],
    [{ target: 'prd' }, 'unknown-target', /Did you mean 'prod'\?.*Known targets: dev, prod/],
    [{ profilesDir: 'nowhere' }, 'no-profiles', /built-in/],
  ])('explains %j', async (options, code, hint) => {
    write({ 'dbt_project.yml': project, 'profiles.yml': PROFILES });
    const [diagnostic] = (await failure(options)).diagnostics;
    expect(diagnostic?.code).toBe(code);
    expect(diagnostic?.hint).toMatch(hint);
  });

  it('points at the profile that dbt_project.yml names and the file lacks', async () => {
    write({ 'dbt_project.yml': 'name: shop\nprofile: shpo\n', 'profiles.yml': PROFILES });
    const [diagnostic] = (await failure()).diagnostics;
    expect(diagnostic).toMatchObject({ code: 'unknown-profile', place: { line: 2, column: 10 } });
    expect(diagnostic?.place?.file).toMatch(/dbt_project\.yml$/);
    expect((await failure({ profile: 'nope' })).diagnostics[0]?.place).toBeUndefined();
  });

  it.each([
    ['{type: duckdb, path: a.db, database: b}', 'invalid-value'],
    ['{type: duckdb, threads: four}', 'invalid-value'],
    ['{type: duckdb, extensions: httpfs}', 'invalid-value'],
    ['{type: duckbd}', 'unknown-adapter'],
    ['{path: a.db}', 'missing-key'],
    ['{type: snowflake, account: a, database: d}', 'missing-key'],
    ['{type: snowflake, account: a, database: d, schema: s}', 'invalid-value'],
  ])('refuses the credentials %s', async (output, code) => {
    write({ 'dbt_project.yml': project, 'profiles.yml': `shop:\n  target: t\n  outputs:\n    t: ${output}\n` });
    expect((await failure()).diagnostics[0]).toMatchObject({ code, place: { line: 4 } });
  });

  it('shows no secret in what it says about a file', async () => {
    const profiles = `shop:
  target: t
  outputs:
    t:
      type: snowflake
      account: a
      database: d
      password: hunter2
      schema: [1]
      private_key: |
        -----BEGIN
        MIIsecret
`;
    write({ 'dbt_project.yml': project, 'profiles.yml': profiles });
    const text = JSON.stringify((await failure()).diagnostics);
    expect(text).not.toMatch(/hunter2|MIIsecret/);
    expect(text).toContain('account: a');
    write({ 'profiles.yml': `${profiles}   bad: [` });
    expect(JSON.stringify((await failure()).diagnostics)).not.toMatch(/hunter2|MIIsecret/);
  });

  it('warns of a key that no adapter knows', async () => {
    write({ 'dbt_project.yml': project, 'profiles.yml': 'shop: {target: t, outputs: {t: {type: duckdb, pth: a}}}\n' });
    expect((await load()).diagnostics).toMatchObject([
      { severity: 'warning', code: 'unknown-key', hint: "Did you mean 'path'?" },
    ]);
  });
});

describe('packages', () => {
  it('loads them by name, each with its own vars, under the root project’s quoting', async () => {
    write({
      'dbt_project.yml': 'name: shop\nquoting: {identifier: false}\n',
      'dbt_packages/b/dbt_project.yml': 'name: zeta\nvars: {x: 1}\nquoting: {schema: true}\n',
      'dbt_packages/c/dbt_project.yml': 'name: alpha\n',
      'dbt_packages/__cache/x': '',
    });
    const project = await load();
    expect(project.packages.map((p) => [p.name, p.isRoot])).toEqual([
      ['shop', true],
      ['alpha', false],
      ['zeta', false],
    ]);
    expect(project.packages[2]?.config).toMatchObject({ vars: { x: 1 }, quoting: { identifier: false } });
  });

  it.each([
    [{ 'dbt_packages/a/dbt_project.yml': 'name: shop\n' }, 'duplicate-package'],
    [{ 'dbt_packages/a/readme.md': '' }, 'invalid-package'],
    [
      { 'dbt_packages/a/dbt_project.yml': 'name: alpha\n', 'dbt_packages/a/packages.yml': 'packages: {a: 1}\n' },
      'invalid-packages',
    ],
    [{ 'packages.yml': 'packages:\n  - package: dbt-labs/dbt_utils\n    version: 1.0.0\n' }, 'missing-packages'],
  ])('refuses %j', async (files, code) => {
    write({ 'dbt_project.yml': 'name: shop\n', ...files });
    expect((await failure()).diagnostics[0]?.code).toBe(code);
  });
});

describe('Jinja in dbt_project.yml and profiles.yml', () => {
  it('renders with types, and leaves hooks and vars as they are', async () => {
    write({
      'dbt_project.yml': `name: shop
profile: "{{ env_var('PROFILE', 'shop') }}"
model-paths: ["{{ var('folder', 'models') }}"]
models:
  shop:
    +enabled: "{{ target.name == 'dev' }}"
    +threads: "{{ target.threads }}"
    +pre-hook: "{{ this }}"
    +meta: {v: "{{ var('n') }}", text: "a\\r\\nb\\n", one: 1.0, day: 2024-01-02}
vars: {x: "{{ later }}"}
on-run-start: "{{ hook() }}"
query-comment: "{{ later }}"
`,
      'profiles.yml': `shop:
  target: "{{ env_var('T') }}"
  outputs:
    dev: {type: duckdb, path: "{{ var('db', 'x.duckdb') }}", threads: "{{ env_var('N') | int }}"}
    bad: {type: duckdb, path: "{{ env_var('NOT_SET') }}"}
`,
    });
    const env = { HOME: base, T: 'dev', N: '5' };
    const project = await load({ env, vars: { n: 5, folder: 'm' } });
    expect(project.target).toMatchObject({ name: 'dev', threads: 5, credentials: { path: 'x.duckdb' } });
    expect(project.config.modelPaths).toEqual(['m']);
    expect(project.config.configs.models).toEqual({
      shop: {
        '+enabled': true,
        '+threads': 5,
        '+pre-hook': '{{ this }}',
        '+meta': { v: 5, text: 'a\nb', one: { value: 1 }, day: '2024-01-02' },
      },
    });
    expect(project.config.unrenderedConfigs.models).toMatchObject({ shop: { '+meta': { v: "{{ var('n') }}" } } });
    expect(project.config.vars).toEqual({ x: '{{ later }}' });
    expect(project.config.onRunStart).toEqual(['{{ hook() }}']);
    expect(project.config.queryComment).toBe('{{ later }}');
  });

  it.each([
    ['name: shop\nlog-path: "{{ env_var(\'NOPE\') }}"\n', 'missing-env-var', 2, 15],
    ['name: shop\nlog-path: "{{ env_var(\'DBT_ENV_SECRET_X\') }}"\n', 'secret-env-var', 2, 15],
    ['name: shop\nlog-path: "{{ var(\'nope\') }}"\n', 'missing-var', 2, 15],
    ['name: shop\nlog-path: "{{ 1 + }}"\n', undefined, 2, 19],
    ['name: shop\nlog-path: "{{ nope }}"\n', 'undefined-name', 2, 11],
  ])('points into %j', async (text, code, line, column) => {
    write({ 'dbt_project.yml': text });
    const [found] = (await failure({ env: { HOME: base, DBT_ENV_SECRET_X: 'hush' } })).diagnostics;
    if (code !== undefined) expect(found?.code).toBe(code);
    expect(found?.place).toMatchObject({ file: path.join(dir, 'dbt_project.yml'), line });
    expect(Math.abs((found?.place?.column ?? 0) - column)).toBeLessThanOrEqual(4);
    expect(JSON.stringify(found)).not.toContain('hush');
  });

  it('puts secrets in whole, after Jinja', async () => {
    write({
      'dbt_project.yml': 'name: shop\nprofile: shop\n',
      'profiles.yml': `shop: {target: t, outputs: {t: {type: duckdb, path: "a/{{ env_var('DBT_ENV_SECRET_P') }}/{{ env_var('DBT_ENV_SECRET_Q') }}.db"}}}\n`,
    });
    const env = { HOME: base, DBT_ENV_SECRET_P: 'p$&w', DBT_ENV_SECRET_Q: 'q' };
    expect((await load({ env })).target.credentials.path).toBe('a/p$&w/q.db');
  });

  it('gives a package no --vars', async () => {
    write({
      'dbt_project.yml': 'name: shop\n',
      'dbt_packages/a/dbt_project.yml': "name: a\nmodels: {+meta: {x: \"{{ var('v', 'none') }}\"}}\n",
    });
    const project = await load({ vars: { v: 'cli' } });
    expect(project.packages[1]?.config.configs.models).toEqual({ '+meta': { x: 'none' } });
  });
});

describe('selectors.yml', () => {
  it('is read with places', async () => {
    write({
      'dbt_project.yml': 'name: shop\n',
      'selectors.yml': "selectors:\n  - name: a\n    default: true\n    definition: \"tag:{{ var('t', 'x') }}\"\n",
    });
    const project = await load();
    expect(await loadSelectors(project)).toMatchObject([
      { name: 'a', default: true, definition: 'tag:x', place: { line: 2, column: 11 } },
    ]);
  });

  it.each([
    ['selectors: {a: 1}\n', 1, 12],
    ['selectors:\n  - definition: x\n', 2, 5],
    ['selectors:\n  - {name: a, definition: [x]}\n', 2, 27],
    ['selectors:\n  - {name: a, defintion: x}\n', 2, 5],
  ])('refuses %j', async (text, line, column) => {
    write({ 'dbt_project.yml': 'name: shop\n', 'selectors.yml': text });
    const error = await loadSelectors(await load()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UpsqlError);
    expect((error as UpsqlError).diagnostics[0]?.place).toMatchObject({ line, column });
  });
});

describe('parseVars', () => {
  it('takes YAML and JSON', () => {
    expect(parseVars('{a: 1, b: yes}')).toEqual({ a: 1, b: true });
    expect(parseVars('{"a": [1, 2]}')).toEqual({ a: [1, 2] });
    expect(parseVars("a: '2024-01-02'")).toEqual({ a: '2024-01-02' });
    expect(parseVars('{}')).toEqual({});
  });

  it('keeps dates as Python has them', () => {
    const { day, moment, zoned } = parseVars(
      '{day: 2024-01-02, moment: 2024-01-02 03:04:05.6, zoned: 2024-01-02 03:04:05 -1:30}',
    );
    expect([day, moment, zoned].map((value) => repr(value))).toEqual([
      'datetime.date(2024, 1, 2)',
      'datetime.datetime(2024, 1, 2, 3, 4, 5, 600000)',
      'datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=81000)))',
    ]);
    expect(parseVars('a: 2024-02-30')).toEqual({ a: '2024-02-30' });
  });

  it.each([
    ['a:1', /space after the colon/],
    ['[1]', /map/],
    ['{a: 1', /missing ]/],
  ])('explains %s', (text, hint) => {
    let error: unknown;
    try {
      parseVars(text);
    } catch (caught) {
      error = caught;
    }
    expect((error as UpsqlError).diagnostics[0]?.hint).toMatch(hint);
  });
});
