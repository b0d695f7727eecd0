/** A parse from memory gives what a parse of all files would, whatever was changed in between. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAdapter } from '../../src/adapters/index.js';
import { dependencies, members } from '../../src/graph/graph.js';
import { builtinMacroFiles } from '../../src/macros/index.js';
import { readFileState } from '../../src/parse/cache/files.js';
import { findParse } from '../../src/parse/cache/index.js';
import { type ParsedProject, parseCached, parseProject } from '../../src/parse/index.js';
import type { Manifest, Node } from '../../src/parse/node.js';
import type { ParseOptions } from '../../src/parse/parse-project.js';
import { type LoadOptions, loadProject, type Project } from '../../src/project/index.js';
import { toJson } from '../../src/run/exact-json.js';
import { pick, type RandomBelow, randomBelow, seededRandom } from '../seeded-random.js';

const maybe = (random: RandomBelow, text: string): string => (random(2) === 0 ? text : '');
const TESTS = [
  'unique',
  'not_null',
  'positive',
  '{accepted_values: {arguments: {values: [1, 2]}, config: {severity: warn}}}',
];
const TEXTS = [
  'Plain.',
  '"{{ doc(\'id\') }}"',
  "\"About {{ doc('orders') }} {{ var('least') }}\"",
  "\"{{ env_var('SHOP_OWNER', 'me') }}\"",
];

function columnsYaml(random: RandomBelow, indent: string): string {
  const columns = ['id', 'amount'].slice(0, 1 + random(2)).map((name) => {
    const tests = TESTS.filter(() => random(3) === 0);
    return `${indent}  - {name: ${name}, description: ${pick(random, TEXTS)}, data_tests: [${tests.join(', ')}]}\n`;
  });
  return random(4) === 0 ? '' : `${indent}columns:\n${columns.join('')}`;
}

function entryYaml(random: RandomBelow, name: string): string {
  return (
    `  - name: ${name}\n${maybe(random, `    description: ${pick(random, TEXTS)}\n`)}` +
    maybe(random, `    config: {tags: [t${random(3)}], meta: {owner: o${random(3)}, ratio: ${random(3)}.0}}\n`) +
    maybe(
      random,
      "    data_tests: [{relationships: {arguments: {to: ref('raw_orders'), field: id, column_name: id}}}]\n",
    ) +
    columnsYaml(random, '    ')
  );
}

/** Properties of some models, mostly of the same ones in the same order. */
function modelsYaml(random: RandomBelow): string {
  const names = random(5) === 0 ? ['stg_plain', 'extra_gone'].slice(0, random(3)) : ['stg_orders', 'stg_plain'];
  return `models:\n${names.map((name) => entryYaml(random, name)).join('')}`.replace(/:\n$/, ': []\n');
}

const seedsYaml = (random: RandomBelow): string =>
  `seeds:\n${entryYaml(random, 'raw_orders')}${random(6) === 0 ? '    config: {enabled: false}\n'.repeat(0) : ''}`;

function sourcesYaml(random: RandomBelow): string {
  const tables = ['orders', 'refunds']
    .slice(0, random(5) === 0 ? 2 : 1)
    .map(
      (name) =>
        `      - name: ${name}\n        description: ${pick(random, TEXTS)}\n${columnsYaml(random, '        ')}` +
        maybe(random, '        config: {freshness: {warn_after: {count: 1, period: day}}, loaded_at_field: id}\n'),
    );
  return `${'# a line\n'.repeat(random(3))}sources:\n  - name: raw\n    schema: main\n    tables:\n${tables.join('')}`;
}

const exposuresYaml = (random: RandomBelow): string =>
  `${'# a line\n'.repeat(random(3))}exposures:\n  - name: other\n    type: notebook\n    owner: {name: o${random(2)}}\n` +
  `    description: ${pick(random, TEXTS)}\n    depends_on: [ref('${pick(random, ['stg_orders', 'stg_plain', 'orders'])}')]\n`;

const FILES: Readonly<Record<string, string>> = {
  'dbt_project.yml':
    'name: shop\nversion: "1.0"\nprofile: shop\nvars: {least: 1, half: 0.5, whole: 1.0}\n' +
    'on-run-start: "select \'{{ var(\\"least\\") }}\'"\nmodels: {shop: {marts: {+materialized: table}}}\n',
  'profiles.yml': 'shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n',
  'macros/cents.sql':
    '{% macro cents(c) %}({{ c }} / 100){% endmacro %}\n{% macro twice(c) %}{{ cents(c) }}{% endmacro %}\n',
  'macros/positive.sql':
    '{% test positive(model, column_name) %}select 1 from {{ model }} where {{ column_name }} < 0{% endtest %}\n',
  'seeds/raw_orders.csv': 'id,amount\n1,100\n2,250\n',
  'models/sources.yml':
    'version: 2\nsources:\n  - name: raw\n    schema: main\n    tables:\n      - name: orders\n        columns: [{name: id, data_tests: [unique]}]\n',
  'models/stg_orders.sql':
    "{{ config(tags=['a'], grants={'select': 'me'}) }}\nselect id, {{ cents('amount') }} as amount from {{ ref('raw_orders') }}\n",
  'models/random.yml': modelsYaml(randomBelow(1)),
  'models/boards.yml': exposuresYaml(randomBelow(1)),
  'seeds/seeds.yml': seedsYaml(randomBelow(1)),
  'models/stg_plain.sql': "select * from {{ source('raw', 'orders') }}\n",
  'models/marts/orders.sql':
    "{{ config(tags=[env_var('SHOP_TAG', 'none')]) }}{% set least = var('least') %}select * from {{ ref('stg_orders') }} where id >= {{ least }} and {{ env_var('SHOP_FILTER', 'true') }}\n",
  'models/marts/clock.sql':
    "{{ config(meta={'which': flags.WHICH}) }}select '{{ run_started_at }}' as at, '{{ flags.FULL_REFRESH }}' as f from {{ ref('orders') }}\n",
  'models/marts/hooked.sql':
    "{{ config(post_hook=\"select 1 from {{ ref('orders') }}\", meta={'w': 1.0, 'n': 2}) }}select 1 as id\n",
  'models/marts/tested.sql': "select id from {{ ref('orders') }}\n",
  'models/marts/wide_v1.sql': 'select 1 as id\n',
  'models/marts/wide_v2.sql': 'select 1 as id, 2 as more\n',
  'models/marts/marts.yml':
    'version: 2\nmodels:\n  - name: orders\n    description: "{{ doc(\'orders\') }}"\n    columns:\n      - name: id\n        data_tests: [not_null, unique, positive]\n' +
    "  - name: wide\n    latest_version: 1\n    versions: [{v: 1}, {v: 2}]\n  - name: tested\n    config: {meta: {owner: a, by: \"{{ env_var('SHOP_OWNER', 'me') }}\"}}\n" +
    "unit_tests:\n  - name: passes_rows\n    model: tested\n    given: [{input: ref('orders'), rows: [{id: 1}]}]\n    expect: {rows: [{id: 1}]}\n" +
    "exposures:\n  - name: board\n    type: dashboard\n    owner: {name: a}\n    depends_on: [ref('orders')]\n",
  'models/docs.md':
    '{% docs orders %}One row an order.{% enddocs %}\n{% docs id %}Key.{% enddocs %}\n{% docs unused %}Nothing.{% enddocs %}\n',
  'snapshots/kept.sql':
    "{% snapshot kept %}{{ config(unique_key='id', strategy='check', check_cols='all', target_schema='s') }}select * from {{ ref('orders') }}{% endsnapshot %}\n",
  'tests/none_missing.sql': "select * from {{ ref('orders') }} where id is null\n",
  'analyses/look.sql': "select count(*) from {{ ref('orders') }}\n",
  'dbt_packages/extra/dbt_project.yml': 'name: extra\nversion: "1.0"\nvars: {size: 3}\n',
  'dbt_packages/extra/macros/big.sql': '{% macro big() %}{{ var("size") }}{% endmacro %}\n',
  'dbt_packages/extra/models/extra_model.sql': 'select {{ extra.big() }} as n\n',
};

class Shop {
  readonly dir = mkdtempSync(join(tmpdir(), 'upsql-parse-cache-'));
  env: Record<string, string | undefined> = {};
  vars: Record<string, string | number> = {};
  args: Record<string, unknown> = { which: 'parse' };
  now = () => new Date();
  readonly said: string[] = [];
  /** What templates said in the last parse. */
  heard: string[] = [];
  /** How often a part of a kept parse was enough. */
  partials = 0;
  /** Whether the last parse found faults. */
  failed = false;

  constructor() {
    for (const [file, text] of Object.entries(FILES)) this.write(file, text);
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.dir, file)), { recursive: true });
    writeFileSync(join(this.dir, file), text);
  }

  read(file: string): string {
    return readFileSync(join(this.dir, file), 'utf8');
  }

  get kept(): string {
    return join(this.dir, 'target/partial_parse.json');
  }

  async parse(how: 'kept' | 'cold', reuse = true): Promise<ParsedProject> {
    const { project, options } = await this.load();
    if (how === 'cold') return parseProject(project, options);
    return parseCached(project, options, { reuse, onDebug: (message) => this.said.push(message) });
  }

  /** What commands get that look at little: of a parse in which files have changed, or nothing has; undefined for any other. */
  async partial(): Promise<{ readonly listing: Manifest; readonly manifest: Manifest } | undefined> {
    const { project, options } = await this.load();
    const found = findParse(project, options, { reuse: true });
    if (found.unchanged === undefined) return found.reread();
    return { listing: await found.unchanged.listing(), manifest: await found.unchanged.manifest() };
  }

  private async load(): Promise<{ readonly project: Project; readonly options: ParseOptions }> {
    const load: LoadOptions = { projectDir: this.dir, profilesDir: this.dir, env: this.env, vars: this.vars };
    const project = await loadProject(load);
    const adapter = await createAdapter(project);
    const invocation = { id: `run-${Math.random()}`, startedAt: this.now(), args: this.args };
    this.heard = [];
    const onLog = (message: string, level: string) => this.heard.push(`${level} ${message}`);
    return { project, options: { adapter, invocation, builtinMacros: builtinMacroFiles(adapter.type), onLog } };
  }

  /** How the last parse came about. */
  get last(): 'kept' | 'some' | 'all' {
    const message = this.said.at(-1) ?? '';
    if (!message.startsWith('Parsed ')) return 'all';
    return message.startsWith('Parsed 0 ') ? 'kept' : 'some';
  }

  /** Parses from memory and anew, expects the same, and says how the first came about. */
  async agree(): Promise<'kept' | 'some' | 'all'> {
    this.said.length = 0;
    const kept = await this.parse('kept');
    const { heard } = this;
    const cold = await this.parse('cold');
    expect(heard).toEqual(this.heard);
    this.failed = cold.diagnostics.some((found) => found.severity === 'error');
    if (seen(kept) !== seen(cold)) expect(JSON.parse(seen(kept))).toEqual(JSON.parse(seen(cold)));
    expect(seen(kept)).toBe(seen(cold));
    const { last, heard: said } = this;
    const partial = last === 'all' ? undefined : await this.partial();
    this.heard = said;
    if (partial !== undefined) {
      this.partials += 1;
      expect(entriesOf(partial.manifest)).toBe(entriesOf(cold.manifest));
      expect(outlineOf(partial.listing)).toEqual(outlineOf(cold.manifest));
    }
    return last;
  }
}

/** All that a parse gives, but for when it was made. */
function seen(parsed: ParsedProject): string {
  const { metadata: _, ...manifest } = parsed.manifest;
  const tables = ['origins', 'testArguments', 'places', 'fixtures', 'configCalls'] as const;
  return toJson({
    manifest,
    diagnostics: parsed.diagnostics,
    tables: tables.map((name) => Object.fromEntries<unknown>([...parsed[name]].sort(([a], [b]) => (a < b ? -1 : 1)))),
    macros: parsed.macros.kept(),
    names: [...parsed.macros.visibleNames('shop')],
    refs: [...parsed.lookup.refs].map(([name, found]) => [name, [...found].map(([owner, n]) => [owner, n.unique_id])]),
  }).replace(/"created_at":[\d.]+/g, '"created_at":0');
}

/** The sections of a manifest that are not made of its graph, in their order. */
function entriesOf(manifest: Manifest): string {
  const { metadata: _, parent_map: __, child_map: ___, ...sections } = manifest;
  const macros = Object.fromEntries(Object.entries(sections.macros).sort(([a], [b]) => (a < b ? -1 : 1)));
  return toJson({ ...sections, macros }).replace(/"created_at":[\d.]+/g, '"created_at":0');
}

/** What selection and listing look at. */
function outlineOf(manifest: Manifest): unknown {
  return [...members(manifest).values(), ...Object.values(manifest.groups)].map((member) => {
    const node = member as Node;
    return {
      id: node.unique_id,
      names: [node.resource_type, node.name, node.package_name, node.original_file_path, node.patch_path ?? null],
      fqn: node.fqn ?? null,
      tags: node.tags ?? null,
      config: node.config ?? null,
      parents: dependencies(node),
      test: node.test_metadata?.name ?? null,
      rare: [node.version ?? null, node.latest_version ?? null, node.group ?? null, node.access ?? null],
    };
  });
}

type Change = (shop: Shop, n: number) => void;

const swap = (shop: Shop, file: string, a: string, b: string) => {
  const text = shop.read(file);
  shop.write(file, text.includes(a) ? text.replace(a, b) : text.replace(b, a));
};
const exists = (shop: Shop, folder: string, name: string) => readdirSync(join(shop.dir, folder)).includes(name);

const CHANGES: readonly Change[] = [
  (shop, n) => shop.write('models/stg_plain.sql', `select ${n} as n from {{ source('raw', 'orders') }}\n`),
  (shop) => swap(shop, 'models/stg_plain.sql', "{{ source('raw', 'orders') }}", "{{ ref('raw_orders') }}"),
  (shop) => swap(shop, 'models/stg_orders.sql', "cents('amount')", "twice('amount')"),
  (shop) => swap(shop, 'models/stg_orders.sql', "['a']", "['b']"),
  // dbt keeps the options as they are written only where no tag of the text needs a render.
  (shop) =>
    swap(shop, 'models/marts/tested.sql', 'select id', "{{ config(tags=['t'], grants={'select': 'a'}) }}select id"),
  (shop) => swap(shop, 'models/stg_orders.sql', 'select id', '{% if true %}select id{% endif %}'),
  (shop) => swap(shop, 'models/marts/orders.sql', "ref('stg_orders')", "ref('stg_plain')"),
  (shop) => swap(shop, 'models/marts/orders.sql', "ref('stg_plain')", "ref('nowhere')"),
  (shop) => swap(shop, 'models/marts/tested.sql', 'select id', 'select  id'),
  (shop) => swap(shop, 'models/marts/hooked.sql', '1 as id', '2 as id'),
  (shop) => swap(shop, 'models/marts/wide_v2.sql', '2 as more', '3 as more'),
  (shop) => swap(shop, 'models/marts/clock.sql', 'as at', 'as at_time'),
  (shop) => swap(shop, 'models/marts/marts.yml', 'not_null, unique', 'not_null'),
  (shop) => swap(shop, 'models/marts/marts.yml', 'owner: a,', 'owner: b,'),
  (shop) => swap(shop, 'models/docs.md', 'One row', 'A row'),
  (shop) => swap(shop, 'models/docs.md', 'Key.', 'The key.'),
  (shop) => swap(shop, 'models/docs.md', 'Nothing.', 'Nothing at all.'),
  (shop) => swap(shop, 'models/docs.md', '{% docs unused %}', '{% docs renamed %}'),
  (shop, n) => shop.write('models/random.yml', modelsYaml(randomBelow(n))),
  (shop, n) => shop.write('models/sources.yml', sourcesYaml(randomBelow(n))),
  (shop, n) => shop.write('seeds/seeds.yml', seedsYaml(randomBelow(n))),
  (shop, n) => shop.write('models/boards.yml', exposuresYaml(randomBelow(n))),
  (shop) => swap(shop, 'macros/cents.sql', '/ 100', '/ 100.0'),
  (shop) => swap(shop, 'macros/positive.sql', '< 0', '<= 0'),
  (shop) => swap(shop, 'seeds/raw_orders.csv', '250', '275'),
  (shop) => swap(shop, 'snapshots/kept.sql', 'select *', 'select id'),
  (shop) => swap(shop, 'tests/none_missing.sql', 'is null', 'is not null'),
  (shop) => swap(shop, 'analyses/look.sql', 'count(*)', 'sum(1)'),
  (shop) => swap(shop, 'dbt_project.yml', 'least: 1', 'least: 2'),
  (shop) => swap(shop, 'dbt_packages/extra/macros/big.sql', 'var("size")', '7'),
  (shop) => swap(shop, 'dbt_packages/extra/models/extra_model.sql', 'as n', 'as m'),
  (shop, n) => {
    const names = ['SHOP_FILTER', 'SHOP_TAG', 'SHOP_OWNER', 'UNREAD'];
    shop.env = { ...shop.env, [names[n % names.length] ?? '']: String(n) };
  },
  (shop, n) => {
    shop.vars = n % 2 === 0 ? {} : { least: n };
  },
  (shop, n) => {
    shop.args = { which: n % 2 === 0 ? 'parse' : 'build', full_refresh: n % 3 === 0 };
  },
  (shop) => {
    if (exists(shop, 'models', 'added.sql')) rmSync(join(shop.dir, 'models/added.sql'));
    else shop.write('models/added.sql', 'select 1 as id\n');
  },
  (shop) => {
    const there = exists(shop, 'models/marts', 'tested.sql');
    const [from, to] = there ? ['tested', 'renamed'] : ['renamed', 'tested'];
    renameSync(join(shop.dir, `models/marts/${from}.sql`), join(shop.dir, `models/marts/${to}.sql`));
  },
  (shop) => {
    if (exists(shop, 'macros', 'names.sql')) rmSync(join(shop.dir, 'macros/names.sql'));
    else
      shop.write(
        'macros/names.sql',
        '{% macro generate_alias_name(custom, node) %}{{ node.name }}_{{ node.raw_code | length }}{% endmacro %}\n',
      );
  },
  (shop) => {
    if (exists(shop, 'models', 'graph.sql')) rmSync(join(shop.dir, 'models/graph.sql'));
    else shop.write('models/graph.sql', '{% for id in graph.nodes %}-- {{ id }}\n{% endfor %}select 1 as id\n');
  },
  (shop) => {
    if (exists(shop, 'dbt_packages', 'more')) rmSync(join(shop.dir, 'dbt_packages/more'), { recursive: true });
    else {
      cpSync(join(shop.dir, 'dbt_packages/extra'), join(shop.dir, 'dbt_packages/more'), { recursive: true });
      shop.write('dbt_packages/more/dbt_project.yml', 'name: more\nversion: "1.0"\nvars: {size: 4}\n');
      rmSync(join(shop.dir, 'dbt_packages/more/models'), { recursive: true });
    }
  },
  () => undefined,
];

/** Makes a change, unless an earlier one took its file away. */
function make(shop: Shop, change: Change | undefined, n: number): void {
  try {
    change?.(shop, n);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

describe('a kept parse', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    [1, 'times'],
    [2, 'times'],
    [3, 'contents'],
  ])('equals a parse of everything after random changes (seed %i, files judged by %s)', async (seed, judged) => {
    // Files that were touched a moment ago are judged by their contents.
    if (judged === 'times') vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    const shop = new Shop();
    const random = seededRandom(seed);
    const ways = { kept: 0, some: 0, all: 0 };
    for (let step = 0; step < 20; step++) {
      const change = CHANGES[Math.floor(random() * CHANGES.length)];
      make(shop, change, step);
      if (random() < 0.2) make(shop, CHANGES[Math.floor(random() * CHANGES.length)], step);
      ways[await shop.agree()] += 1;
      // Faults are not kept: back, so that the next steps have something to start from.
      if (shop.failed) make(shop, change, step);
    }
    expect(ways.some).toBeGreaterThan(3);
    expect(ways.all).toBeGreaterThan(3);
  });

  it.each(CHANGES.map((_, i) => i))('follows change %i and its way back', async (i) => {
    const shop = new Shop();
    const apply = () => CHANGES[i]?.(shop, i);
    await shop.agree();
    apply();
    await shop.agree();
    await shop.agree();
    apply();
    await shop.agree();
  });

  it.each([12, 13])('equals a parse of everything after random edits of YAML (seed %i)', async (seed) => {
    const shop = new Shop();
    const random = randomBelow(seed);
    const edits: readonly Change[] = [
      ({ write }, n) => write.call(shop, 'models/random.yml', modelsYaml(randomBelow(n))),
      ({ write }, n) => write.call(shop, 'models/sources.yml', sourcesYaml(randomBelow(n))),
      ({ write }, n) => write.call(shop, 'seeds/seeds.yml', seedsYaml(randomBelow(n))),
      ({ write }, n) => write.call(shop, 'models/boards.yml', exposuresYaml(randomBelow(n))),
      (_, n) => {
        for (const file of ['models/random.yml', 'models/boards.yml', 'seeds/seeds.yml', 'models/sources.yml'].slice(
          n % 4,
        ))
          shop.write(file, `# ${n}\n${shop.read(file).replace(/owner: \w+|name: o\d/g, (found) => `${found}${n}`)}`);
      },
      (_, n) => shop.write('models/random.yml', shop.read('models/random.yml').replace(/Plain[.\d]*/g, `Plain.${n}`)),
      (_, n) => swap(shop, 'models/docs.md', 'Key.', `Key ${n}.`),
      (_, n) => shop.write('seeds/raw_orders.csv', `id,amount\n${n},100\n`),
      (_, n) => shop.write('models/stg_plain.sql', `select ${n} as n from {{ source('raw', 'orders') }}\n`),
    ];
    const ways = { kept: 0, some: 0, all: 0 };
    await shop.agree();
    for (let step = 0; step < 10; step++) {
      for (let i = 0; i <= random(2); i++) pick(random, edits)(shop, seed * 1000 + random(1000));
      ways[await shop.agree()] += 1;
      expect(shop.failed).toBe(false);
    }
    expect(ways.some).toBeGreaterThan(4);
    expect(shop.partials).toBeGreaterThan(2);
  });

  it('is used when nothing has changed, and for edits of a SQL file', async () => {
    const shop = new Shop();
    // The clock is read at each parse again, and nothing else.
    expect(await shop.agree()).toBe('all');
    expect(await shop.agree()).toBe('some');
    expect(shop.said.at(-1)).toMatch(/^Parsed 1 of/);
    rmSync(join(shop.dir, 'models/marts/clock.sql'));
    expect(await shop.agree()).toBe('all');
    expect(await shop.agree()).toBe('kept');
    shop.write('models/stg_plain.sql', "select 7 as n from {{ ref('raw_orders') }}\n");
    expect(await shop.agree()).toBe('some');
    shop.write('models/stg_plain.sql', "{{ config(tags='z') }}select 7 as n\n");
    expect(await shop.agree()).toBe('all');
  });

  it('is left aside where a variable of the environment that was read has changed, and for no other', async () => {
    const shop = new Shop();
    rmSync(join(shop.dir, 'models/marts/clock.sql'));
    await shop.agree();
    for (const name of ['SHOP_TAG', 'SHOP_OWNER']) {
      shop.env = { ...shop.env, [name]: 'new' };
      expect(await shop.agree()).toBe('all');
    }
    shop.env = { ...shop.env, UNREAD: 'new' };
    expect(await shop.agree()).toBe('kept');
    shop.env = {};
    expect(await shop.agree()).toBe('all');
  });

  it('follows flags that a model reads', async () => {
    const shop = new Shop();
    await shop.agree();
    shop.args = { which: 'parse', full_refresh: true };
    expect(await shop.agree()).toBe('some');
    // Now another command, whose name is in the model's config.
    shop.args = { which: 'build' };
    expect(await shop.agree()).toBe('all');
  });

  it('is left aside with partial parsing off, and kept all the same', async () => {
    const shop = new Shop();
    await shop.parse('kept', false);
    const first = readFileSync(shop.kept, 'utf8');
    await shop.parse('kept', false);
    expect(shop.said.filter((message) => message.startsWith('Parsed '))).toEqual([]);
    expect(first.length).toBeGreaterThan(1000);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2)],
    ['without its first line', (text: string) => text.slice(text.indexOf('\n') + 1)],
    ['with a changed byte', (text: string) => text.replace('One row an order.', 'One row an ordex.')],
    ['of another tool', () => 'not JSON at all'],
    ['empty', () => ''],
    ['JSON of something else', () => '{"metadata": {}}\n'],
  ])('is passed over when it is %s', async (_, damage) => {
    const shop = new Shop();
    await shop.agree();
    writeFileSync(shop.kept, damage(readFileSync(shop.kept, 'utf8')));
    expect(await shop.agree()).toBe('all');
    expect(shop.said.join('\n')).toContain("can't be used");
    expect(await shop.agree()).toBe('some');
  });

  it('leaves nothing behind where it cannot be written', async () => {
    const shop = new Shop();
    shop.write('target/partial_parse.json/in_the_way', '');
    expect(await shop.agree()).toBe('all');
    expect(readdirSync(join(shop.dir, 'target'))).toEqual(['partial_parse.json']);
  });

  it('is not made of a project with errors', async () => {
    const shop = new Shop();
    shop.write('models/stg_plain.sql', "select * from {{ ref('nowhere') }}\n");
    await shop.agree();
    expect(readdirSync(shop.dir)).not.toContain('target');
  });

  it('holds no value of an environment variable that it was checked against', async () => {
    const shop = new Shop();
    shop.env = { SHOP_FILTER: 'id_of_tenant_4711 > 0' };
    await shop.agree();
    expect(readFileSync(shop.kept, 'utf8')).not.toContain('tenant_4711');
  });

  it('sees a change that leaves size and modification time as they were', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    const shop = new Shop();
    rmSync(join(shop.dir, 'models/marts/clock.sql'));
    await shop.agree();
    expect(await shop.agree()).toBe('kept');
    const file = join(shop.dir, 'analyses/look.sql');
    const { atime, mtime, size } = statSync(file);
    shop.write('analyses/look.sql', shop.read('analyses/look.sql').replace('count', 'bount'));
    utimesSync(file, atime, mtime);
    expect(statSync(file).size).toBe(size);
    expect(await shop.agree()).toBe('some');
  });

  it('reads no file whose times show that it is the same, and every one where they are lost', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    const shop = new Shop();
    const stamps = join(shop.dir, 'target/partial_parse.stamps.json');
    await shop.agree();
    const first = readFileSync(stamps, 'utf8');
    const project = await loadProject({ projectDir: shop.dir, profilesDir: shop.dir, env: {} });
    const { hashes } = readFileState(project);
    const known = { hashes: [...hashes], stamps: JSON.parse(first).stamps };
    expect(readFileState(project, known)).toMatchObject({ hashes, hashed: 0 });
    expect(readFileState(project, { ...known, stamps: [] }).hashed).toBe(hashes.size);
    writeFileSync(stamps, 'damaged');
    await shop.agree();
    writeFileSync(stamps, JSON.stringify({ ...JSON.parse(first), of: 'another parse' }));
    expect(await shop.agree()).toBe('some');
  });

  it('keeps print() as quiet or as loud as the command wants it', async () => {
    const shop = new Shop();
    rmSync(join(shop.dir, 'models/marts/clock.sql'));
    shop.write(
      'models/prints.sql',
      "{{ config(tags=['p']) }}{{ print('printed') }}{{ log('logged', true) }}select 1 as id\n",
    );
    for (const print of [true, false, false, true, true]) {
      shop.args = { which: 'parse', print };
      await shop.agree();
      expect(shop.heard).toEqual(print ? ['info printed', 'info logged'] : ['info logged']);
    }
    expect(shop.last).toBe('kept');
  });

  it('tells a deprecation when its date has come', async () => {
    const shop = new Shop();
    rmSync(join(shop.dir, 'models/marts/clock.sql'));
    shop.write('models/random.yml', 'models:\n  - name: stg_plain\n    deprecation_date: 2031-05-01\n');
    await shop.agree();
    expect(await shop.agree()).toBe('kept');
    shop.now = () => new Date('2031-05-02');
    expect(await shop.agree()).toBe('all');
    expect((await shop.parse('kept')).diagnostics.map((d) => d.code)).toContain('deprecated-model');
    expect(shop.last).toBe('kept');
  });

  it('says the same messages again', async () => {
    const shop = new Shop();
    shop.write('models/warns.sql', "{{ exceptions.warn('old thing') }}{{ log('hello') }}select 1 as id\n");
    rmSync(join(shop.dir, 'models/marts/clock.sql'));
    await shop.agree();
    expect(await shop.agree()).toBe('kept');
    expect((await shop.parse('kept')).diagnostics.map((d) => d.message)).toContain('old thing');
  });
});
