/** Commands on a project in which nothing has changed say and write what they would if they had parsed it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileBin, upsql } from '../unit/cli/compiled-bin.js';

beforeAll(compileBin);

let dir = '';

const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(dir, file)), { recursive: true });
  writeFileSync(join(dir, file), text);
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'upsql-kept-manifest-'));
  write('dbt_project.yml', 'name: shop\nversion: "1.0"\nflags: {use_colors: false}\n');
  write('seeds/raw.csv', 'id,amount\n1,1.5\n2,2.5\n');
  write('models/a.sql', "{{ config(tags=['x'], meta={'ratio': 1.0}) }}select * from {{ ref('raw') }}\n");
  write('models/b.sql', "{{ log('reading b', true) }}{{ exceptions.warn('b is old') }}select * from {{ ref('a') }}\n");
  write('models/ab.yml', 'models:\n  - name: a\n    columns: [{name: id, data_tests: [unique, not_null]}]\n');
  write('models/solo.sql', "select id from {{ ref('raw') }}\n");
  write('models/wide_v1.sql', 'select 1 as id\n');
  write('models/wide_v2.sql', 'select 2 as id\n');
  write('models/from_source.sql', "select * from {{ source('raw_files', 'events') }}\n");
  write(
    'models/more.yml',
    'groups: [{name: finance, owner: {name: a}}]\n' +
      'sources: [{name: raw_files, tables: [{name: events, columns: [{name: id, data_tests: [unique]}]}]}]\n' +
      'exposures: [{name: board, type: dashboard, owner: {name: a}, depends_on: [ref("a")]}]\n' +
      'models:\n  - {name: wide, latest_version: 1, group: finance, access: private, versions: [{v: 1}, {v: 2}]}\n' +
      'unit_tests: [{name: rows_pass, model: solo, given: [{input: ref("raw"), rows: [{id: 1}]}], expect: {rows: [{id: 1}]}}]\n',
  );
});

const manifest = (): string => {
  const text = readFileSync(join(dir, 'target/manifest.json'), 'utf8');
  const { metadata, ...rest } = JSON.parse(text);
  expect(text.startsWith('{"metadata": {')).toBe(true);
  expect(Object.keys(metadata)).toContain('invocation_id');
  return JSON.stringify(rest).replace(/"created_at":[\d.]+/g, '"created_at":0');
};
const invocation = (): string =>
  JSON.parse(readFileSync(join(dir, 'target/manifest.json'), 'utf8')).metadata.invocation_id;
/** A command's outcome without its clock. */
const run = (...args: string[]) => {
  const { code, stdout, stderr } = upsql(dir, args);
  const plain = (text: string) => text.replace(/^\d\d:\d\d:\d\d/gm, '').replace(/in [\d.]+s/g, '');
  return { code, stdout: plain(stdout), stderr: plain(stderr) };
};
/** Runs a command that finds a kept parse, and again one that parses everything; expects the same. */
const agree = (...args: string[]) => {
  const kept = run(...args);
  const made = manifest();
  const id = invocation();
  const parsed = run(...args, '--no-partial-parse');
  expect(kept).toEqual(parsed);
  expect(made).toBe(manifest());
  // What ends with an error writes no manifest.
  if (kept.code === 0) expect(id).not.toBe(invocation());
  return kept;
};

describe('with nothing changed', () => {
  it.each([
    ['parse'],
    ['ls', '--output', 'json'],
    ['ls', '-s', 'a+', '--output', 'path'],
    ['ls', '-s', 'config.meta.ratio:1.0', 'test_type:generic'],
    ['ls', '-s', 'nothing_of_that_name'],
    ['ls', '--output', 'name', '-s', 'tag:x', 'path:seeds'],
    ['ls', '-s', '@a', 'config.materialized:view', '--exclude', 'test_name:unique', '--output', 'path'],
    ['ls', '-s', 'file:a.sql+', 'package:this', 'fqn:shop.b', 'resource_type:seed', 'access:protected', 'version:none'],
    [
      'ls',
      '-s',
      'source:raw_files+',
      'exposure:*',
      'group:finance',
      'unit_test:*',
      'test_type:unit',
      'source:raw_filez',
    ],
    ['ls', '-s', 'a+1', '--indirect-selection', 'cautious', '--resource-type', 'test', 'model'],
    ['ls', '-s', 'wide.v2', 'version:latest', 'version:prerelease'],
    ['compile', '-s', 'b'],
    ['parse', '--warn-error'],
    ['parse', '--log-level', 'warn'],
  ])('%s %s %s %s gives what a parse of everything gives', (...args) => {
    run('parse');
    agree(...args.filter((word) => word !== undefined));
  });

  it('a copied manifest has the invocation of its command, whatever was written in between', () => {
    run('parse');
    const first = manifest();
    expect(run('build', '-s', 'raw+').code).toBe(0);
    expect(manifest()).not.toBe(first);
    agree('parse');
    expect(manifest()).toBe(first);
    agree('ls');
  });

  it('selectors.yml counts', () => {
    run('parse');
    write('selectors.yml', 'selectors:\n  - name: tagged\n    definition: tag:x\n    default: true\n');
    expect(agree('ls').stdout.trim().split('\n')).toEqual(['shop.a', 'shop.not_null_a_id', 'shop.unique_a_id']);
    agree('parse');
    expect(Object.keys(JSON.parse(manifest()).selectors)).toEqual(['tagged']);
    write('selectors.yml', 'selectors:\n  - name: tagged\n    definition: nonsense:x\n');
    expect(agree('parse').code).toBe(2);
  });

  it.each(['partial_parse.manifest.json', 'partial_parse.stamps.json', 'partial_parse.json'])(
    'a damaged %s is made anew',
    (name) => {
      run('parse');
      const file = join(dir, 'target', name);
      const whole = readFileSync(file, 'utf8');
      for (const damaged of [whole.slice(0, whole.length / 2), whole.replace('shop', 'shog'), '']) {
        writeFileSync(file, damaged);
        expect(run('parse').code).toBe(0);
        agree('parse');
        expect(readFileSync(file, 'utf8').length).toBeGreaterThan(50);
      }
    },
  );

  it('changes of single files are told from the rest', () => {
    write('models/b.sql', "select * from {{ ref('a') }}\n");
    write('models/c.sql', 'select 1 as id\n');
    run('parse');
    write('models/b.sql', "select 'é' as name from {{ ref('c') }}\n");
    agree('parse');
    run('parse');
    write('models/c.sql', 'select 2 as id\n');
    write(
      'models/a.sql',
      "{{ config(tags=['x'], meta={'ratio': 1.0}) }}select id from {{ ref('raw') }} -- same tags\n",
    );
    const { stdout } = run('parse', '--debug');
    expect(stdout).toContain('Parsed 2 of ');
    expect(JSON.parse(manifest()).child_map['model.shop.c']).toEqual(['model.shop.b']);
    agree('ls', '-s', 'c+');
  });

  it('changes of properties, docs and seeds are told from the rest', () => {
    write('models/b.sql', "select * from {{ ref('a') }}\n");
    write('models/docs.md', '{% docs id %}The key.{% enddocs %}\n');
    const properties = (description: string, tests: string) =>
      write(
        'models/ab.yml',
        `models:\n  - name: a\n    columns: [{name: id, description: "${description}", data_tests: [${tests}]}]\n`,
      );
    properties("{{ doc('id') }}", 'unique');
    run('parse');
    const again = (files: number) => {
      expect(run('parse', '--debug').stdout).toContain(`Parsed ${files} of `);
      agree('parse');
      agree('ls', '-s', 'a');
    };
    write('models/docs.md', '{% docs id %}The first key.{% enddocs %}\n');
    again(1);
    expect(manifest()).toContain('The first key.');
    run('parse');
    write('seeds/raw.csv', 'id,amount\n1,2.5\n');
    properties('Another.', 'unique');
    again(2);
    run('parse');
    properties('Another.', 'unique, not_null');
    expect(run('parse', '--debug').stdout).toContain('Parsed 1 of ');
    // Kept with its new test.
    expect(run('parse', '--debug').stdout).not.toContain('Parsed 1 of ');
    agree('parse');
    const listed = agree('ls', '-s', 'a').stdout.trim().split('\n');
    expect(listed).toEqual(['shop.a', 'shop.not_null_a_id', 'shop.unique_a_id']);
  });

  it('each line of an answer is a message of its own in a JSON log', () => {
    const lines = upsql(dir, ['ls', '-s', 'a', 'raw', '--log-format', 'json']).stdout.trim().split('\n');
    const answers = lines.map((line) => JSON.parse(line)).filter(({ info }) => info.code === 'Z052');
    expect(answers.map(({ data }) => data.msg)).toEqual([
      'shop.a',
      'shop.raw',
      'shop.not_null_a_id',
      'shop.unique_a_id',
    ]);
  });

  it('leaves no temporary files', () => {
    for (let i = 0; i < 3; i++) run('parse');
    expect(readdirSync(join(dir, 'target')).sort()).toEqual([
      'manifest.json',
      'partial_parse.json',
      'partial_parse.manifest.json',
      'partial_parse.stamps.json',
    ]);
  });
});
