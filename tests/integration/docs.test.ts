import { existsSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validator } from '../unit/artifacts/schemas.js';
import { compileBin, startUpsql } from '../unit/cli/compiled-bin.js';
import { makeProject, type TestProject } from './test-project.js';

beforeAll(compileBin);

const files = {
  'dbt_project.yml': 'name: shop\nversion: "1.0"\nprofile: shop\nasset-paths: [pictures]\n',
  'pictures/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'seeds/raw.csv': 'id,name\n1,a\n2,b\n3,c\n',
  'models/staging/stg_raw.sql': "select id, name from {{ ref('raw') }}",
  'models/marts/orders.sql': `{{ config(materialized='table', tags=['daily'], persist_docs={'relation': true, 'columns': true}) }}
-- </script><b>not markup</b>
select id, name, 1.5::decimal(10,2) as price from {{ ref('stg_raw') }}`,
  'models/eph.sql': "{{ config(materialized='ephemeral') }}select * from {{ ref('orders') }}",
  'models/Mixed.sql': '{{ config(alias=\'Mixed Case\') }}select 1 as "Some Column"',
  'models/s.yml': `models:
  - name: orders
    description: "Orders, **one row** each. </script><script>document.title='broken'</script>"
    columns:
      - {name: id, description: The key., data_tests: [unique, not_null]}
      - {name: name, data_tests: [{accepted_values: {arguments: {values: [a, b, c]}}}]}
sources:
  - name: lake
    schema: main
    tables: [{name: raw, description: The loaded rows.}, {name: missing}]
exposures:
  - {name: board, type: dashboard, owner: {email: a@b.c}, depends_on: [ref('orders')]}
`,
};

function built(): TestProject {
  const project = makeProject(files);
  expect(project.upsql('build').code).toBe(0);
  return project;
}

describe('docs generate', () => {
  it('writes what the warehouse has of every node and source, as dbt does, with the number of rows', () => {
    const project = built();
    const ran = project.upsql('docs', 'generate');
    expect(ran.code).toBe(0);
    const catalog = project.artifact('catalog.json');
    const isValid = validator('catalog');
    expect(isValid(catalog), JSON.stringify(isValid.errors)).toBe(true);
    expect(Object.keys(catalog.nodes).sort()).toEqual([
      'model.shop.Mixed',
      'model.shop.orders',
      'model.shop.stg_raw',
      'seed.shop.raw',
    ]);
    expect(Object.keys(catalog.sources)).toEqual(['source.shop.lake.raw']);
    expect(catalog.nodes['model.shop.orders']).toEqual({
      unique_id: 'model.shop.orders',
      metadata: {
        type: 'BASE TABLE',
        schema: 'main',
        name: 'orders',
        database: 'shop',
        comment: expect.stringContaining('**one row** each'),
        owner: null,
      },
      columns: {
        id: { type: 'INTEGER', index: 1, name: 'id', comment: 'The key.' },
        name: { type: 'VARCHAR', index: 2, name: 'name', comment: '' },
        price: { type: 'DECIMAL(10,2)', index: 3, name: 'price', comment: null },
      },
      stats: {
        row_count: { id: 'row_count', label: 'Rows', value: 3, include: true, description: expect.any(String) },
        has_stats: {
          id: 'has_stats',
          label: 'Has Stats?',
          value: true,
          include: false,
          description: expect.any(String),
        },
      },
    });
    expect(catalog.nodes['model.shop.stg_raw'].stats.has_stats.value).toBe(false);
    expect(catalog.nodes['model.shop.Mixed']).toMatchObject({ metadata: { name: 'Mixed Case', type: 'VIEW' } });
    expect(catalog.errors).toBeNull();
    expect(project.artifact('manifest.json').nodes['model.shop.orders'].compiled_code).toContain(
      '"shop"."main"."stg_raw"',
    );
    expect(project.artifact('run_results.json').args.which).toBe('generate');
    expect(project.exists('target/index.html')).toBe(true);
    expect(project.exists('target/pictures/logo.svg')).toBe(true);
    expect(project.exists('target/static_index.html')).toBe(false);
  });

  it('takes a selection, an empty catalog, and no compiling', () => {
    const project = built();
    project.upsql('docs', 'generate', '--select', 'orders', 'source:lake');
    expect(Object.keys(project.artifact('catalog.json').nodes)).toEqual(['model.shop.orders']);
    expect(Object.keys(project.artifact('catalog.json').sources)).toEqual(['source.shop.lake.raw']);
    const compiled = project.artifact('manifest.json');
    expect(project.upsql('docs', 'generate', '--no-compile').code).toBe(0);
    expect(project.artifact('manifest.json')).toEqual(compiled);
    expect(Object.keys(project.artifact('catalog.json').nodes)).toHaveLength(4);
    expect(project.upsql('docs', 'generate', '--empty-catalog').code).toBe(0);
    expect(project.artifact('catalog.json')).toMatchObject({ nodes: {}, sources: {} });
  });

  it('makes no docs of a project that does not compile', () => {
    const project = makeProject({ 'models/bad.sql': "select {{ no_such_macro('x') }}" });
    const ran = project.upsql('docs', 'generate');
    expect(ran.code).toBe(2);
    expect(ran.text).toMatch(/models\/bad\.sql:1:\d+/);
    expect(project.exists('target/catalog.json')).toBe(false);
  });

  it('asks for whole schemas when there are many relations', () => {
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`models/m${i}.sql`, `select ${i} as n`]));
    const project = makeProject(many);
    expect(project.upsql('run').code).toBe(0);
    expect(project.upsql('docs', 'generate').code).toBe(0);
    expect(Object.keys(project.artifact('catalog.json').nodes)).toHaveLength(120);
  });
});

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly text: string;
}

function ask(address: string, path: string): Promise<Answer> {
  return new Promise((done, failed) => {
    // `path` as it is: a URL would take its dots out.
    const { hostname, port } = new URL(address);
    get({ hostname, port, path }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => done({ status: response.statusCode, type: response.headers['content-type'], text }));
    }).on('error', failed);
  });
}

describe('docs serve', () => {
  it('serves the page and the artifacts on this machine, and nothing outside the target folder', async () => {
    const project = built();
    project.write('secret.json', '{}');
    const child = startUpsql(project.dir, ['docs', 'serve', '--port', '0', '--no-browser'], { HOME: project.dir });
    try {
      const address = await new Promise<string>((done, failed) => {
        let said = '';
        child.stdout.on('data', (part: Buffer) => {
          said += String(part);
          const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(said);
          if (found !== null) done(found[0]);
        });
        child.on('exit', () => failed(new Error(said)));
      });
      expect(await ask(address, '/')).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
      const manifest = await ask(address, '/manifest.json');
      expect(JSON.parse(manifest.text).metadata.project_name).toBe('shop');
      for (const path of [
        '/../secret.json',
        '/%2e%2e/secret.json',
        '/..%2fsecret.json',
        '/nothing.json',
        '/partial_parse',
        '/%',
      ]) {
        expect((await ask(address, path)).status, path).toBe(404);
      }
    } finally {
      const ended = new Promise((done) => child.on('exit', done));
      child.kill('SIGINT');
      expect(await ended).toBe(0);
    }
  });

  it('says what is missing', () => {
    const project = makeProject({ 'models/a.sql': 'select 1 as n' });
    const ran = project.upsql('docs', 'serve', '--port', '0');
    expect(ran.code).toBe(2);
    expect(ran.text).toContain('There is nothing to show yet');
    expect(project.upsql('docs', 'serve', '--port', '70000').code).toBe(2);
  });
});

const executablePath = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path): path is string => path !== undefined && existsSync(path));

describe.skipIf(executablePath === undefined)(
  'the page (skipped where there is no Chromium; see CHROMIUM_PATH)',
  () => {
    let browser: Browser;
    let address: string;
    const errors: string[] = [];

    beforeAll(async () => {
      const project = built();
      project.upsql('docs', 'generate', '--static');
      const file = join(project.dir, 'target/static_index.html');
      address = pathToFileURL(file).href;
      expect(readFileSync(file, 'utf8')).not.toContain('https://cdn');
      browser = await chromium.launch({
        executablePath: executablePath ?? '',
        args: [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      });
    });
    afterAll(() => browser?.close());

    async function open(hash: string, width = 1200, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('request', (request) => !/^(file|data):/.test(request.url()) && errors.push(request.url()));
      await page.goto(address + hash);
      await page.waitForSelector('h1');
      return page;
    }

    /** Red, green and blue. */
    const background = (page: Page): Promise<number[]> =>
      page.evaluate<number[]>('getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)');

    it('shows a model with its columns, types, tests, rows, lineage and code', async () => {
      const page = await open('#!/model/model.shop.orders');
      expect(await page.title()).toBe('orders · shop');
      const text = await page.locator('main').textContent();
      for (const part of [
        'Orders, one row each.',
        'decimal(10,2)',
        'The key.',
        'accepted_values: a, b, c',
        '"shop"."main"."orders"',
      ]) {
        expect(text).toContain(part);
      }
      expect(text).toMatch(/Rows\s*3/);
      expect(await page.locator('.lineage .box').allTextContents()).toEqual(
        expect.arrayContaining(['model stg_rawstg_raw', 'model ordersorders', 'exposure boardboard']),
      );
      expect(await page.locator('.code code').textContent()).toContain("{{ ref('stg_raw') }}");
      await page.getByRole('button', { name: 'Compiled' }).click();
      expect(await page.locator('.code code').textContent()).toContain('from "shop"."main"."stg_raw"');
      await page.locator('.lineage .box', { hasText: 'stg_raw' }).click();
      await page.waitForFunction(`document.title.startsWith('stg_raw')`);
      await page.close();
    });

    it('finds by name, column and tag, with the keyboard', async () => {
      const page = await open('#!/overview');
      await page.keyboard.press('/');
      await page.keyboard.type('pric');
      expect(await page.locator('.results li').allTextContents()).toEqual([
        expect.stringMatching(/orders\s*column price/),
      ]);
      await page.keyboard.press('Enter');
      await page.waitForFunction(`document.title.startsWith('orders')`);
      await page.keyboard.press('/');
      await page.getByRole('searchbox').fill('nothing like it');
      expect(await page.locator('.results').textContent()).toBe('Nothing found.');
      await page.close();
    });

    it('fits a narrow screen, where the list is behind a button, and follows the dark scheme', async () => {
      const page = await open('#!/model/model.shop.orders', 360, 'dark');
      const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect(over).toBeLessThanOrEqual(0);
      const side = page.locator('.side');
      await page.waitForFunction(`getComputedStyle(document.querySelector('.side')).visibility === 'hidden'`);
      await page.getByRole('button', { name: 'Menu' }).click();
      await side.getByText('stg_raw').click();
      await page.waitForFunction(`document.title.startsWith('stg_raw')`);
      const lightness = await background(page);
      expect(Math.max(...lightness)).toBeLessThan(60);
      await page.getByRole('button', { name: 'Colours: auto' }).click();
      const light = await background(page);
      expect(Math.min(...light)).toBeGreaterThan(200);
      await page.close();
    });

    it('has a page for everything, says so when there is none, and loads nothing from elsewhere', async () => {
      for (const hash of [
        '#!/source/source.shop.lake.raw',
        '#!/exposure/exposure.shop.board',
        '#!/seed/seed.shop.raw',
        '#!/model/model.shop.gone',
        '#!/overview',
      ]) {
        const page = await open(hash);
        expect((await page.locator('main').textContent())?.length, hash).toBeGreaterThan(20);
        await page.close();
      }
      expect(errors).toEqual([]);
    });
  },
);
