import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Diagnostic, UpsqlError } from '../../../src/diagnostics/index.js';
import { readTypescriptModel } from '../../../src/parse/typescript/index.js';

const read = (text: string) => readTypescriptModel(text, 'm.ts');

function fault(text: string): Diagnostic {
  try {
    read(text);
  } catch (error) {
    if (error instanceof UpsqlError && error.diagnostics[0]) return error.diagnostics[0];
    throw error;
  }
  throw new Error('no fault');
}

const BODY = '\nexport default async function model() { return []; }\n';

describe('readTypescriptModel', () => {
  it('reads every kind of literal', () => {
    const model = read(`
      import type { ModelConfig } from 'upsql/model';
      export const config = {
        materialized: 'incremental', refs: ['orders', \`pkg.users\`], 'unique_key': ["id"], tags: [] as string[],
        sources: ['raw.events'], meta: { a: -1.5, b: null, c: true, 'd-e': [[1], { f: +2 }], g: undefined }, x: 1e3 as const,
      } as const satisfies ModelConfig;${BODY}`);
    expect(model?.config).toEqual({
      materialized: 'incremental',
      refs: ['orders', 'pkg.users'],
      unique_key: ['id'],
      tags: [],
      sources: ['raw.events'],
      meta: { a: -1.5, b: null, c: true, 'd-e': [[1], { f: 2 }] },
      x: 1000,
    });
    expect(model?.refs).toEqual(['orders', 'pkg.users']);
    expect(model?.sources).toEqual([['raw', 'events']]);
  });

  it('knows where things stand', () => {
    const text = `// é😀\nexport const config: ModelConfig = {\n  refs: ['a',\n    'bee'],\n  sources: ['s.t'],\n};${BODY}`;
    expect(read(text)?.places).toEqual({
      config: { file: 'm.ts', line: 2, column: 14, length: 19 },
      model: { file: 'm.ts', line: 7, column: 16, length: 37 },
      refs: [
        { file: 'm.ts', line: 3, column: 10, length: 3 },
        { file: 'm.ts', line: 4, column: 5, length: 5 },
      ],
      sources: [{ file: 'm.ts', line: 5, column: 13, length: 5 }],
    });
  });

  it.each([
    ['export const config = {}; const model = async () => []; export default model;'],
    ['export const config = {}; export default () => [];'],
    ['const config = {}; function model() { return []; } export { config, model as default };'],
    ["import { model } from './model.js'; export const config = {}; export default model;"],
    ['export const config = {}; export default cached(async () => []);'],
    ['export const config = {}; export default (async () => []) satisfies Model;'],
    ['export const config = <const>({}); export default function () { return []; }'],
  ])('takes %s', (text) => {
    expect(read(text)).toMatchObject({ config: {}, refs: [], sources: [] });
  });

  it.each([
    ['export function helper() {}'],
    ['// no config\nexport default function helper() {}'],
    ['interface A { config: string }\nexport type { A };'],
    ['export type config = { a: 1 };'],
    ['const config = {}; export default function helper() { return config; }'],
  ])('passes over %s, which exports no config', (text) => {
    expect(read(text)).toBeNull();
  });

  it('passes over declaration files', () => {
    expect(readTypescriptModel(`export const config = {};${BODY}`, 'x/types.d.ts')).toBeNull();
  });

  it.each([
    ['refs: NAMES', 'NAMES', "the variable 'NAMES'"],
    ['refs: [...NAMES]', '...NAMES', 'a spread (...)'],
    ['...base', '...base', 'a spread (...)'],
    ["description: 'a' + 'b'", "'a' + 'b'", 'a calculation'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a model
    ['description: `a${1}`', '`a${1}`', 'a template with a value in it'],
    ['enabled: process.env.X', 'process.env.X', 'a property of another value'],
    ['tags: tagsOf()', 'tagsOf()', 'a function call'],
    ['[key]: 1', 'key', 'a computed key'],
    ['run() {}', 'run() {}', "the function 'run'"],
    ['get a() { return 1 }', 'get a', "the function 'a'"],
    ['meta: { a: 1, a: 2 }', 'a: 2', "'a' a second time"],
    ['meta: { a: 10n }', '10n', 'a bigint'],
    ['meta: { a: /x/ }', '/x/', 'a regular expression'],
    ['tags: [1,,2]', '[1,,2]', 'a list with a gap'],
    ['x: !true', '!true', 'a calculation'],
  ])('refuses %s in config, and says where', (entry, at, message) => {
    const text = `export const config = {\n  name: 'x',\n  ${entry},\n};${BODY}`;
    const { code, message: said, place, hint } = fault(text);
    expect(code).toBe('model-config-not-literal');
    expect(said).toContain(message);
    expect(hint).toBeTruthy();
    const line = text.split('\n')[2] ?? '';
    expect(place).toMatchObject({ file: 'm.ts', line: 3, column: line.indexOf(at) + 1 });
  });

  it.each([
    ['export const config = {};', 'model-without-function', 1],
    ['export const config = {};\nexport default { rows: [] };', 'model-without-function', 2],
    ['export const config = {};\nexport default class Model {}', 'model-without-function', 2],
    ['export const config = {};\nconst model = 1;\nexport default model;', 'model-without-function', 3],
    [`\nexport const config = makeConfig();${BODY}`, 'model-config-not-literal', 2],
    [`\nexport let config;${BODY}`, 'model-config-not-literal', 2],
    [`export const config = {\n  materialized: 'view' };${BODY}`, 'invalid-model-config', 2],
    [`export const config = {\n  refs: 'orders' };${BODY}`, 'invalid-model-config', 2],
    [`export const config = {\n  refs: [\n 1] };${BODY}`, 'invalid-model-config', 3],
    [`export const config = {\n  sources: ['events'] };${BODY}`, 'invalid-model-config', 2],
    ['export const config = {\n  a: 1,,\n};', 'typescript-syntax', 2],
  ])('%s is %s', (text, code, line) => {
    const found = fault(text);
    expect(found.code).toBe(code);
    expect(found.place?.line).toBe(line);
  });

  it('reads the models of this repository', () => {
    for (const name of ['user_segments', 'churn_scores']) {
      const file = `models/ml/${name}.ts`;
      expect(readTypescriptModel(readFileSync(file, 'utf8'), file)?.config.materialized).toBe('table');
    }
  });
});
