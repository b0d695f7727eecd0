import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Float } from '../../../src/jinja/values/float.js';
import type { YamlValue } from '../../../src/project/index.js';
import { parsePlainYaml } from '../../../src/project/plain-yaml.js';
import { readFullYaml, readYaml, type YamlPath } from '../../../src/project/yaml.js';
import { pick, type RandomBelow, randomBelow } from '../../seeded-random.js';

function* paths(value: YamlValue, at: YamlPath = []): Generator<[YamlPath, YamlValue | undefined]> {
  yield [at, value];
  yield [[...at, 'nowhere'], undefined];
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* paths(item, [...at, i]);
  else if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
    for (const [key, inner] of Object.entries(value)) yield* paths(inner, [...at, key]);
}

/** Whether the text is a plain one; if so both readers must agree in all that they say of it. */
function agrees(text: string): boolean {
  const plain = parsePlainYaml(text);
  if (plain === undefined) return false;
  const quick = readYaml(text, 'f.yml');
  const full = readFullYaml(text, 'f.yml');
  expect([text, quick.value]).toEqual([text, full.value]);
  // The order of keys counts as well.
  const written = (value: YamlValue) =>
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}` : inner));
  expect(written(quick.value)).toBe(written(full.value));
  expect(full.diagnostics).toEqual([]);
  for (const [at, value] of paths(full.value)) {
    // How far a list or a map is underlined may differ where a comment or white space follows it.
    const isScalar = value !== null && value !== undefined && (typeof value !== 'object' || value instanceof Float);
    const place = (document: typeof full) => {
      const { length, ...start } = document.locate(at);
      return [text, at, isScalar ? { ...start, length } : start, at.length > 0 && isScalar && document.locateKey(at)];
    };
    expect(place(quick)).toEqual(place(full));
  }
  return true;
}

function* yamlFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* yamlFiles(file);
    else if (/\.ya?ml$/.test(entry.name)) yield file;
  }
}

describe('the reader of plain YAML', () => {
  it('agrees with the full one on the files of projects, most of which are plain', () => {
    const root = path.join(import.meta.dirname, '../../..');
    const folders = ['models', 'seeds', 'tests', 'examples'].map((name) => path.join(root, name));
    const extra = process.env.UPSQL_YAML_FILES;
    const files = [...folders, ...(extra === undefined ? [] : [extra])].flatMap((folder) => {
      try {
        return [...yamlFiles(folder)];
      } catch {
        return [];
      }
    });
    const plain = files.filter((file) => agrees(readFileSync(file, 'utf8')));
    expect(files.length).toBeGreaterThan(20);
    expect(plain.length / files.length).toBeGreaterThan(0.7);
  });

  it("agrees with the full one on texts whose values PyYAML's are known", () => {
    const file = path.join(import.meta.dirname, 'fixtures/yaml_cases.json');
    const cases = JSON.parse(readFileSync(file, 'utf8')) as readonly { text: string; error?: boolean }[];
    const plain = cases.filter(({ text }) => parsePlainYaml(text) !== undefined);
    expect(plain.every(({ error }) => error !== true)).toBe(true);
    expect(plain.filter(({ text }) => agrees(text)).length).toBeGreaterThan(20);
  });

  it('agrees with the full one on random documents, and on those with a character changed', () => {
    const random = randomBelow(11);
    let plain = 0;
    for (let i = 0; i < 4000; i++) {
      const text = randomBlock(random, 0, 3);
      if (agrees(text)) plain++;
      const at = random(text.length);
      const changed = text.slice(0, at) + pick(random, [...':-# \n"\'[]{},|>a&*!?%@`~=1']) + text.slice(at + random(2));
      try {
        agrees(changed);
      } catch (error) {
        throw new Error(`${JSON.stringify(changed)}: ${error instanceof Error ? error.message : error}`);
      }
    }
    expect(plain).toBeGreaterThan(700);
  });

  it.each([
    'a: &x 1\nb: *x',
    'a: 1\na: 2',
    '<<: {a: 1}',
    'a: b: c',
    'a: text\n  that goes on',
    'a: "text\n  that goes on"',
    'a: {{ x }}',
    'a: |+\n  x\n\n',
    'a: >\n  x\n   deeper\n',
    'a:\tb',
    '? a\n: b',
    'a: !!str 1',
    '--- \na: 1',
    '- - a',
    'a: [x,\n  y]',
    'a: @x',
    'a: "\\x41"',
    ' a: 1',
    'a:\n    b: 1\n  c: 2',
    'text',
    '',
  ])('leaves %j to the full one', (text) => expect(parsePlainYaml(text)).toBeUndefined());
});

const SCALARS = [
  ...[
    'a',
    'some text',
    'not_null',
    'yes',
    'Off',
    '~',
    'null',
    '1',
    '010',
    '1_000',
    '0x1f',
    '-1',
    '+2',
    '1.0',
    '.5',
    '-.5',
  ],
  ...[
    '1e3',
    '1.5e+3',
    '2020-01-01',
    '2020-01-01 10:00:00',
    '1:30',
    "'quoted'",
    "'it''s'",
    '"double"',
    '"a \\"b\\" \\n"',
  ],
  ...[
    'a#b',
    'x # comment',
    'a:b',
    'http://x.y/z?a=b',
    '(x)',
    '$x',
    'a, b',
    'a - b',
    'a [b]',
    '/x/y',
    'ü',
    '=',
    '<',
    '-',
    '.',
  ],
  ...[
    '[a, b]',
    '[]',
    '{}',
    '{a: 1, b: [x, {c: d}]}',
    '[a, ]',
    '[ a , "b" ]',
    '[-1, .5, a b]',
    '{a: }',
    '[a: b]',
    "{'a': b}",
  ],
  ...[
    '[x] # comment',
    '[- a]',
    '[a b - c]',
    '[a,b]',
    '{a: b,c: d}',
    '[1.0, 1e3, yes]',
    '',
    ' ',
    '# comment',
    'a  ',
    'a:',
    '-a',
    '- a',
  ],
];
const KEYS = [
  'a',
  'b',
  'name',
  'some_key',
  '"quoted key"',
  "'k'",
  '+tags',
  'yes',
  'null',
  'on',
  'a-b',
  'a.b',
  'no space',
  '1',
];

function randomBlock(random: RandomBelow, indent: number, depth: number): string {
  const space = ' '.repeat(indent);
  const isList = random(3) === 0;
  let text = '';
  for (let i = 0; i <= random(4); i++) {
    if (random(8) === 0) text += pick(random, ['\n', `${space}# comment\n`, '# comment\n', '  # comment\n', '   \n']);
    const head = isList ? '-' : `${pick(random, KEYS)}${random(3) === 0 ? i : ''}:`;
    const deeper = indent + pick(random, [1, 2, 2, 2, 4]);
    if (depth > 0 && random(3) === 0) {
      const inner = randomBlock(random, isList || random(2) === 0 ? deeper : indent, depth - 1);
      if (isList && random(2) === 0) text += `${space}- ${randomBlock(random, indent + 2, depth - 1).trimStart()}`;
      else text += `${space}${head}\n${inner}`;
    } else if (random(6) === 0) {
      const line = () => `${' '.repeat(deeper)}${pick(random, ['text', 'a: b', '# c', "it's", '- x', '{{ y }}'])}\n`;
      text += `${space}${head} ${pick(random, ['|', '|-', '>', '>-', '| # c', '|+', '|2'])}\n${line()}${pick(random, ['', '\n', line(), `\n${line()}`, `\n\n${line()}`, ` ${line()}`])}`;
    } else text += `${space}${head}${pick(random, [' ', ' ', ' ', '  ', ''])}${pick(random, SCALARS)}\n`;
  }
  return random(4) === 0 && depth === 3 ? text.trimEnd() : text;
}
