import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { UpsqlError } from '../../../src/diagnostics/index.js';
import { Float, floatRepr } from '../../../src/jinja/values/float.js';
import { readYaml, type YamlValue } from '../../../src/project/index.js';

interface Case {
  readonly text: string;
  readonly value?: unknown;
  readonly error?: boolean;
}

const cases = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'fixtures/yaml_cases.json'), 'utf8'),
) as readonly Case[];

/** The form in which fixtures/make_yaml_cases.py writes a value. */
function form(value: YamlValue): unknown {
  if (value instanceof Float) return { float: floatRepr(value.value) };
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number') return Number.isInteger(value) ? { int: String(value) } : { float: floatRepr(value) };
  if (Array.isArray(value)) return { list: value.map(form) };
  if (value === null || typeof value !== 'object') return value;
  return { map: Object.entries(value).map(([key, inner]) => [key, form(inner)]) };
}

function failure(text: string): UpsqlError {
  try {
    readYaml(text, 'f.yml');
  } catch (error) {
    if (error instanceof UpsqlError) return error;
    throw error;
  }
  throw new Error('expected an error');
}

describe('reads as PyYAML does', () => {
  it.each(cases.map((c) => [JSON.stringify(c.text), c] as const))('%s', (_, c) => {
    if (c.error === true) expect(() => readYaml(c.text, 'f.yml')).toThrow(UpsqlError);
    else expect(form(readYaml(c.text, 'f.yml').value)).toEqual(c.value);
  });
});

describe('places', () => {
  const document = readYaml(
    'version: 2\nmodels:\n  - name: a\n    columns:\n      - name: "b"\n    config:\n',
    'f.yml',
  );

  it.each([
    [['version'], 1, 10, 1],
    [['models', 0, 'name'], 3, 11, 1],
    [['models', 0, 'columns', 0, 'name'], 5, 15, 3],
    [['models', 0, 'config'], 6, 5, 6],
    [['models', 0, 'nowhere'], 3, 5, 7],
  ] as const)('of the value at %j', (at, line, column, length) => {
    expect(document.locate(at)).toEqual({ file: 'f.yml', line, column, length });
  });

  it('of a key', () => {
    expect(document.locateKey(['models', 0, 'columns'])).toMatchObject({ line: 4, column: 5, length: 7 });
  });
});

describe('quoted texts whose next lines stand further left than YAML allows', () => {
  it.each([
    ["a:\n  - b: 'one\ntwo\n\n  three'\n    c: 1\n", [{ b: 'one two\nthree', c: 1 }]],
    ['a:\n  b: "it\'s \\"one\\",\n  two"\n  c: 1\n', { b: 'it\'s "one", two', c: 1 }],
    ["a:\n  b: ['it''s\none', 'two\nthree']\n  c: 1\n", { b: ["it's one", 'two three'], c: 1 }],
  ])('are read as PyYAML reads them: %j', (text, a) => {
    const document = readYaml(text, 'f.yml');
    expect(document.value).toEqual({ a });
    const last = Array.isArray(a) ? ['a', 0, 'c'] : ['a', 'c'];
    const lines = text.split('\n');
    expect(document.locateKey(last)).toMatchObject({
      line: lines.length - 1,
      column: (lines.at(-2) ?? '').indexOf('c:') + 1,
    });
    expect(document.text).toBe(text);
  });
});

describe('mistakes', () => {
  it.each([
    ['a:\n\tb: 1\n', 2, 1, /tab/, /spaces/],
    ['a: {{ x }}\n', 1, 4, /Jinja/, /quotes/],
    ['a: {{ x }} y\n', 1, 4, /Jinja/, /quotes/],
    ['a: b: c\n', 1, 4, /second ": "/, /Quote/],
    ["a: 'x\n", 1, 4, /quoted/, /closing/],
    ['a: [1, 2\n', 1, 4, /not closed/, /]/],
    ['a: 1\nb\nc: 2\n', 2, undefined, /colon/, /key: value/],
    ['a: @x\n', 1, 4, /@/, /quotes/],
    ['a: *nope\n', 1, 4, /nope/, /anchor|&nope/],
    ['a:\n  - name: x\n   d: y\n    c: 1\n', 3, 4, /neither/, /same column/],
    ['a:\n  - name: x\n    c:\n      - n: 1\n     - n: 2\n', 5, 6, /indentation/, /same column/],
  ])('in %j are told with what to do', (text, line, column, message, hint) => {
    const [found] = failure(text).diagnostics;
    expect(found?.message).toMatch(message);
    expect(found?.hint).toMatch(hint);
    expect(found?.place?.line).toBe(line);
    if (column !== undefined) expect(found?.place?.column).toBe(column);
  });

  it('warns of a key given twice', () => {
    const { value, diagnostics } = readYaml('a: 1\nb: 2\na: 3\n', 'f.yml');
    expect(value).toEqual({ a: 3, b: 2 });
    expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'duplicate-key', place: { line: 3, column: 1 } }]);
  });

  it('refuses aliases that stand for more values than memory holds, and ones that hold themselves', () => {
    let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
    for (let i = 1; i < 12; i++)
      text += `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]\n`;
    expect(failure(text).diagnostics[0]?.code).toBe('yaml-size');
    expect(failure('a: &a [*a]\n').diagnostics[0]?.code).toBe('yaml-alias');
  });

  it('refuses control characters and nesting without end', () => {
    expect(failure('a: 1\nb: x\u0000y\n').diagnostics[0]?.place).toMatchObject({ line: 2, column: 5 });
    expect(failure(`a: ${'['.repeat(20_000)}`).diagnostics[0]?.code).toMatch(/^yaml-/);
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    expect(failure(deep).diagnostics[0]?.code).toMatch(/^yaml-/);
  });

  it('takes __proto__ as a key like any other', () => {
    const { value } = readYaml('__proto__: {polluted: 1}\n', 'f.yml');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
