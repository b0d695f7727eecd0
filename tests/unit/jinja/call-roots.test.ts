import { describe, expect, test } from 'vitest';
import { hostFunction, type Scope, Template } from '../../../src/jinja/index.js';
import { callRoots } from '../../../src/jinja/interpret/call-roots.js';
import { parse } from '../../../src/jinja/syntax/parser.js';

const roots = (text: string) => {
  const found = callRoots([parse({ text, file: 'case.sql' })]);
  return found && { names: [...found.names], members: found.members, dispatched: [...found.dispatched] };
};

describe('where the calls of a template lead', () => {
  test('names, members of names, dispatched macros', () => {
    const text =
      "{% set x = var('a') %}{{ x.upper() }}{{ dbt.hash(f(b)) }}{{ adapter.dispatch('m', 'p')(c) }}{{ 'a'.join(d) }}";
    expect(roots(text)).toEqual({
      names: ['var', 'dbt', 'f', 'b', 'c', 'd'],
      members: [['dbt', 'hash']],
      dispatched: ['m'],
    });
  });

  test.each([
    '{% set f = run_query %}{{ f() }}',
    '{% for f in [run_query] %}{{ f() }}{% endfor %}',
    "{{ adapter.get_relation('a', 'b', 'c') }}",
    '{{ pass(adapter) }}',
    '{{ adapter.dispatch(name)() }}',
    '{{ x[0]() }}',
    '{% set a = context %}{{ a.load_relation(this) }}',
    '{{ f(1).load() }}',
    '{% call statement("x") %}select 1{% endcall %}',
  ])('only a render can tell: %s', (text) => expect(roots(text)).toBeUndefined());
});

test('an async render waits where the scope says that a call does not answer at once', async () => {
  const scope = (answers: boolean): Scope => ({
    lookup: (name) => (name === 'f' ? hostFunction('f', [], () => (answers ? 1 : Promise.resolve(1))) : undefined),
    answers: ({ names }) => answers && [...names].every((name) => name === 'f'),
  });
  const template = () => Template.parse({ text: '{{ f() + 1 }}', file: 'case.sql' });
  for (const answers of [true, false]) {
    expect(await template().render(scope(answers), { once: true })).toBe('2');
    expect(await template().renderNativeAsync(scope(answers), { once: true })).toBe(2);
  }
});
