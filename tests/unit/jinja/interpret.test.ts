import { describe, expect, test } from 'vitest';
import { JinjaError, type Scope, Template } from '../../../src/jinja/index.js';
import { interpretable } from '../../../src/jinja/interpret/interpretable.js';
import { parse as syntax } from '../../../src/jinja/syntax/parser.js';
import { pick, type RandomBelow, randomBelow } from '../../seeded-random.js';
import { type Case, load, parse, scope } from './judge.js';

const names = (text: string) => {
  const found = interpretable(syntax({ text, file: 'case.sql' }));
  return found === undefined ? undefined : [...found];
};

describe('what can be rendered without compiling', () => {
  test.each([
    ['text', []],
    ["{{ config(a='b') }} select * from {{ ref('x') }}", ['config', 'ref']],
    ["{% set x = var('x') %}{% for y in x %}{{ y }}{{ loop.last }}{% endfor %}", ['var']],
    ['{% for y in a %}{{ y }}{% endfor %}{{ y }}', ['a', 'y']],
    ['{% if a %}{% set x = 1 %}{% else %}{% set x = 2 %}{% endif %}{{ x }}', ['a']],
    ['{% set ns = namespace(a=1) %}{% for x in [1] %}{% set ns.a = x %}{% endfor %}{{ ns.a }}', ['namespace']],
    ['{% for x in a %}{% set y = x %}{{ y }}{% endfor %}{% for x in a %}{{ loop.index }}{% endfor %}', ['a']],
    ['{{ loop }}', ['loop']],
    ['{{ f(*a, b=1, **c) }}', ['f', 'a', 'c']],
  ])('%s', (text, wanted) => expect(names(text)).toEqual(wanted));

  test.each([
    ['a name that one branch sets', '{% if a %}{% set x = 1 %}{% endif %}{{ x }}'],
    ['a name that is read before it is set', '{{ x }}{% set x = 1 %}'],
    ['a name that a loop reads before it is set', '{% for i in a %}{{ x }}{% endfor %}{% set x = 1 %}'],
    ['a name that a loop sets as well', '{% set x = 1 %}{% for i in a %}{% set x = 2 %}{{ x }}{% endfor %}{{ x }}'],
    ['one variable of two loops', '{% for i in a %}{% for i in b %}{{ i }}{% endfor %}{% endfor %}'],
    ['loop as a name', '{% set loop = 1 %}{{ loop }}'],
    ['a condition of a loop', '{% for i in a if i %}{{ i }}{% endfor %}'],
    ['a macro', '{% macro m() %}{% endmacro %}{{ m() }}'],
    ['a block of text', '{% set x %}a{% endset %}{{ x }}'],
    ['an unknown filter', '{{ x | nothing }}'],
    ['a chain that is very long', `{{ ${'a + '.repeat(5000)}a }}`],
  ])('not %s', (_what, text) => expect(names(text)).toBeUndefined());
});

/** The text of a render, or all that its error says. */
function told(render: () => string): unknown {
  try {
    return render();
  } catch (error) {
    if (!(error instanceof JinjaError)) throw error;
    return error.diagnostics.map(({ source: _, ...rest }) => rest);
  }
}

function agree(template: () => Template, values: () => Scope, lenient: boolean): void {
  const compiled = told(() => template().renderSync(values(), { lenient }));
  const interpreted = told(() => template().renderSync(values(), { lenient, once: true }));
  expect(interpreted).toEqual(compiled);
}

test('errors have the same message and place as in the compiled form, strict and lenient', () => {
  const items: Case[] = [...load('cases.json'), ...load('random.json')];
  let interpreted = 0;
  for (const item of items) {
    for (const lenient of [false, true]) {
      try {
        parse(item.template);
      } catch {
        continue;
      }
      if (names(item.template) !== undefined) interpreted++;
      agree(
        () => parse(item.template),
        () => scope(item),
        lenient,
      );
    }
  }
  expect(interpreted).toBeGreaterThan(600);
});

test('random templates of statements agree in what they print and in their errors', () => {
  const random = randomBelow(7);
  let interpreted = 0;
  for (let i = 0; i < 1200; i++) {
    const text = randomTemplate(random, 3);
    if (names(text) !== undefined) interpreted++;
    const values = () => {
      const map = new Map<string, unknown>([
        ['a', [1, 2, 3]],
        ['b', 'text'],
        ['c', 0],
      ]);
      return { lookup: (name: string) => map.get(name) };
    };
    for (const lenient of [false, true]) {
      agree(() => Template.parse({ text, file: 'case.sql' }), values, lenient);
    }
  }
  expect(interpreted).toBeGreaterThan(300);
});

const NAMES = ['a', 'b', 'c', 'x', 'y', 'z'];

function randomExpression(random: RandomBelow, depth: number): string {
  const inner = () => randomExpression(random, depth - 1);
  if (depth === 0) return pick(random, [...NAMES, '1', '0', "'s'", 'none', 'true', '[1, 2]', 'loop.index', '()']);
  return [
    () => `(${inner()} ${pick(random, ['+', '-', '~', '*', '//', '%', 'and', 'or'])} ${inner()})`,
    () => `(${inner()} if ${inner()} else ${inner()})`,
    () => `(${inner()} if ${inner()})`,
    () => `(${inner()}) | ${pick(random, ['length', 'upper', 'default(1)', "join('-')", 'first'])}`,
    () => `((${inner()}) is ${pick(random, ['defined', 'none', 'string', 'odd'])})`,
    () => `(${inner()})${pick(random, ['[0]', '.upper()', '.nothing', "['k']", '(1)'])}`,
    () => `(not ${inner()})`,
    () => `(${inner()} ${pick(random, ['==', '!=', '<', '>=', 'in', 'not in'])} ${inner()})`,
    () => `{'k': ${inner()}}`,
  ][random(9)]?.() as string;
}

function randomTemplate(random: RandomBelow, depth: number): string {
  let text = '';
  for (let i = 0; i <= random(3); i++) text += randomStatement(random, depth);
  return text;
}

function randomStatement(random: RandomBelow, depth: number): string {
  const expression = () => randomExpression(random, random(3));
  const inner = () => (depth === 0 ? 'end' : randomTemplate(random, depth - 1));
  switch (random(6)) {
    case 0:
      return `text\n`;
    case 1:
      return `{% set ${pick(random, NAMES)} = ${expression()} %}`;
    case 2:
      return `{% if ${expression()} %}${inner()}{% elif ${expression()} %}${inner()}{% else %}${inner()}{% endif %}`;
    case 3:
      return `{% for ${pick(random, [...NAMES, 'x, y'])} in ${pick(random, ['a', 'b', '[1, 2]', expression()])} %}${inner()}{% else %}none{% endfor %}`;
    default:
      return `{{ ${expression()} }}`;
  }
}
