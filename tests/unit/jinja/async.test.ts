import { expect, test } from 'vitest';
import {
  HostFunction,
  JinjaError,
  Macro,
  MacroTemplate,
  ReturnSignal,
  type Scope,
  setLimits,
  Template,
  toJinja,
} from '../../../src/jinja/index.js';

const wait = () => new Promise<void>((done) => setTimeout(done, 1));
/** A function that gives its argument a little later. */
const later = new HostFunction('later', async ({ positional }) => {
  await wait();
  return positional[0];
});
const failing = new HostFunction('failing', async () => {
  await wait();
  throw new Error('the warehouse is down');
});
const returning = new HostFunction('return', ({ positional }) => {
  throw new ReturnSignal(positional[0]);
});
const values: Record<string, unknown> = { later, failing, return: returning, xs: toJinja([1, 2, 3]), yes: true };
const scope: Scope = { lookup: (name) => (Object.hasOwn(values, name) ? values[name] : undefined) };
const render = (text: string) => Template.parse({ text, file: 'model.sql' }).render(scope);

test.each([
  ['{{ later(1) }}', '1'],
  ['a{{ later("b") }}c{{ later("d") }}', 'abcd'],
  ['{{ later(later(1) + later(2)) }}', '3'],
  ['{{ later([later(1), {"a": later(2)}]) }}', "[1, {'a': 2}]"],
  ['{% for x in later(xs) %}{{ later(x) }}{{ loop.index }},{% endfor %}', '11,22,33,'],
  ['{% for x in xs if later(x) > 1 %}{{ x }}{% endfor %}', '23'],
  ['{% for x in xs if later(x) > 1 %}{{ loop.index }}{{ x }}{{ loop.last }}{% endfor %}', '12False23True'],
  ['{% for x in [1, [2]] recursive %}{{ loop(later(x)) if x is iterable else later(x) }}{% endfor %}', '12'],
  ['{% set x = later(5) %}{{ x }}', '5'],
  ['{% set x %}a{{ later("b") }}{% endset %}{{ x }}', 'ab'],
  ['{% filter upper %}a{{ later("b") }}{% endfilter %}', 'AB'],
  ['{% macro m(a=later(7)) %}{{ later(a) }}{% endmacro %}{{ m() }}{{ m(8) }}', '78'],
  ['{% macro m() %}[{{ caller(later(1)) }}]{% endmacro %}{% call(x) m() %}{{ later(x) }}{% endcall %}', '[1]'],
  ['{% macro f(n) %}{{ later(n) }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}', '3210'],
  ['{% do later(1) %}{% if later(true) %}y{% endif %}{{ "a" if later(false) else "b" }}', 'yb'],
  ['{{ later(0) or later("x") }}{{ later(1) and later("y") }}{{ 1 < later(2) < 3 }}', 'xyTrue'],
  ['{{ later(xs)|join("-") }}{{ xs|join(later("+")) }}{{ later(1) is odd }}{{ later({"a": 1}).a }}', '1-2-31+2+3True1'],
  ['{{ later(*[later(1)]) }}{{ later(**{}) }}', '1None'],
  ['{% with a = later(1) %}{{ a }}{% endwith %}', '1'],
  ['{% for x in xs %}{% if later(x) == 2 %}{% break %}{% endif %}{{ x }}{% endfor %}', '1'],
  ['{% block b %}{{ later(1) }}{% endblock %}', '1'],
])('promises are waited for: %s', async (text, expected) => {
  expect(await render(text)).toBe(expected);
});

test('a promise in a sync render is an error that says so, with its place', () => {
  const template = Template.parse({ text: 'select\n{{ later(1) }}', file: 'model.sql' });
  expect(() => template.renderSync(scope)).toThrow(/'later' needs the warehouse/);
  try {
    template.renderSync(scope);
  } catch (error) {
    expect(error).toMatchObject({ place: { line: 2, column: 4 } });
  }
});

test('the failure of a promise that a sync render does not want stays quiet', async () => {
  const template = Template.parse({ text: '{{ failing() }}', file: 'model.sql' });
  expect(() => template.renderSync(scope)).toThrow(/needs the warehouse/);
  await wait();
  await wait();
});

test('a failing promise is an error at the place of its call', async () => {
  const error = await render('{% for x in xs %}\n  {{ failing() }}{% endfor %}').catch((e) => e);
  expect(error).toBeInstanceOf(JinjaError);
  expect(error).toMatchObject({ message: 'the warehouse is down', place: { line: 2, column: 6 } });
});

test('many renders run at the same time', async () => {
  const template = Template.parse({ text: '{% for x in xs %}{{ later(x) }}{% endfor %}', file: 'model.sql' });
  const all = await Promise.all(Array.from({ length: 200 }, () => template.render(scope)));
  expect(new Set(all)).toEqual(new Set(['123']));
});

test('limits hold for each render on its own, however many run at the same time', async () => {
  const deep = MacroTemplate.parse({
    text: '{% macro deep(n) %}{{ later(n) }}{% if n %}{{ deep(n - 1) }}{% endif %}{% endmacro %}',
    file: 'm.sql',
  });
  const own: Scope = { lookup: (name) => (name === 'deep' ? bound : scope.lookup(name)) };
  const bound = deep.bind(own, 'async');
  const template = Template.parse({
    text: '{{ deep(5) }}{% for i in range(50) %}{{ later("") }}{% endfor %}',
    file: 'model.sql',
  });
  const before = setLimits({ recursionDepth: 10, loopIterations: 60 });
  try {
    const all = await Promise.all(Array.from({ length: 100 }, () => template.render(own)));
    expect(new Set(all)).toEqual(new Set(['543210']));
    const endless = await Template.parse({ text: '{{ deep(99) }}', file: 'model.sql' })
      .render(own)
      .catch((e) => e);
    expect(endless).toMatchObject({ kind: 'LimitError' });
    const long = await render('{% for i in range(61) %}{{ later(i) }}{% endfor %}').catch((e) => e);
    expect(long).toMatchObject({ kind: 'LimitError' });
  } finally {
    setLimits(before);
  }
});

test('return() gives any value, from sync and async macros, and not beyond the macro of the host', async () => {
  const source = '{% macro m(x) %}text{% for i in [1] %}{{ return([x, i]) }}{% endfor %}{% endmacro %}';
  const macro = MacroTemplate.parse({ text: source, file: 'm.sql' });
  const args = { positional: [5], named: new Map() };
  expect(macro.bind(scope, 'sync').call(args)).toEqual([5, 1]);
  expect(await macro.bind(scope, 'async').call(args)).toEqual([5, 1]);
});

test('return() in the body of a call block ends the macro that called its caller, as in dbt', async () => {
  const wrapper = MacroTemplate.parse({ text: '{% macro w() %}{{ caller() }}{% endmacro %}', file: 'w.sql' });
  const outer = MacroTemplate.parse({
    text: '{% macro o() %}a{% call w() %}{{ return("x") }}{% endcall %}b{% endmacro %}',
    file: 'o.sql',
  });
  for (const mode of ['sync', 'async'] as const) {
    const w = wrapper.bind(scope, mode);
    const own: Scope = { lookup: (name) => (name === 'w' ? w : scope.lookup(name)) };
    expect(await outer.bind(own, mode).call({ positional: [], named: new Map() })).toBe('axb');
  }
});

test('a bound macro tells its name and parameters, and its extras', () => {
  const macro = MacroTemplate.parse({ text: '{% macro m(a, b=1) %}{{ kwargs }}{% endmacro %}', file: 'm.sql' });
  const bound = macro.bind(scope, 'sync');
  expect(bound).toBeInstanceOf(Macro);
  expect(bound).toMatchObject({
    name: 'm',
    parameters: ['a', 'b'],
    extras: { kwargs: true, varargs: false, caller: false },
  });
  expect(bound.call({ positional: [], named: new Map([['z', 1]]) })).toBe("{'z': 1}");
});

test('a macro sees the scope it is bound to, and its own name from there', () => {
  const macro = MacroTemplate.parse({
    text: '{% macro m(n) %}{{ v }}{{ m(n - 1) if n }}{% endmacro %}',
    file: 'm.sql',
  });
  const own: Scope = {
    lookup: (name) => (name === 'v' ? 'v' : name === 'm' ? new HostFunction('m', () => 'override') : undefined),
  };
  expect(macro.bind(own, 'sync').call({ positional: [1], named: new Map() })).toBe('voverride');
});

test('undefined is lenient where the host asks for it, as in the parse phase of dbt', () => {
  const template = Template.parse({
    text: '{{ a.b.c(1)["d"] }}{{ a() }}{{ a[0] }}{{ xs.no.more }}{{ none.a.b }}{{ (1 if false).x }}|{{ a is defined }}',
    file: 'm.sql',
  });
  expect(template.renderSync(scope, { lenient: true })).toBe('|False');
  expect(() => template.renderSync(scope)).toThrow("'a' is undefined");
  expect(() => Template.parse({ text: '{{ a + 1 }}', file: 'm' }).renderSync(scope, { lenient: true })).toThrow(
    JinjaError,
  );
});
