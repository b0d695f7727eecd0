import { expect, test } from 'vitest';
import { problem, UpsqlError } from '../../../src/diagnostics/index.js';
import { HostFunction, JinjaError, MacroTemplate, type Scope, scopeOf, Template } from '../../../src/jinja/index.js';

const empty: Scope = { lookup: () => undefined };

function failure(text: string, scope: Scope = empty, where: { line?: number; column?: number } = {}): JinjaError {
  try {
    Template.parse({ text, file: 'model.sql', ...where }).renderSync(scope);
  } catch (error) {
    if (error instanceof JinjaError) return error;
    throw error;
  }
  throw new Error('no error');
}

test.each([
  ['{{ a.b }}', 1, 4],
  ['line\n  {{ x }} {{ a.b }}', 2, 14],
  ['{% if x %}\n\n{{ 1 +\n "a" }}{% endif %}{{ 1 / 0 }}', 4, 24],
  ['{{ [1, 2]|map("nope")|list }}', 1, 23],
  ['{{ "a" + 1 }}', 1, 8],
  ['{{ (1 + 2) / (3 - 3) }}', 1, 12],
  ['{% set a, b = [1] %}', 1, 8],
  ['{% for x in 5 %}{% endfor %}', 1, 13],
  ['{{ d.x.y }}', 1, 4],
  ['{{ range("a") }}', 1, 4],
  ['{{ s | nofilter }}', 1, 8],
  ['{% set x = %}', 1, 12],
  ['text {% if true %} text', 1, 9],
  ['{% for x in [1] %}\n{% if x %}\n{% endfor %}', 3, 4],
  ['{{ "open }}', 1, 4],
  ['a\n{# never closed', 2, 1],
  ['{% raw %} {{ x }}', 1, 1],
  ['{{ a b }}', 1, 6],
  ['{{ 1 $ }}', 1, 6],
])('the place of the error in %j', (text, line, column) => {
  const scope = scopeOf({ s: 'text', d: 5 });
  const error = failure(text, { lookup: (name) => (name === 'd' ? undefined : scope.lookup(name)) });
  expect(error.diagnostics[0]?.place).toMatchObject({ file: 'model.sql', line, column });
});

test('places count from where the text stands in its file', () => {
  expect(failure('{{ a.b }}', empty, { line: 10, column: 5 }).place).toMatchObject({ line: 10, column: 8 });
  expect(failure('x\n{{ a.b }}', empty, { line: 10, column: 5 }).place).toMatchObject({ line: 11, column: 4 });
});

test('the text of a whole template comes with the error, that of a part does not', () => {
  expect(failure('{{ a.b }}').diagnostics[0]?.source).toBe('{{ a.b }}');
  expect(failure('{{ a b }}').diagnostics[0]?.source).toBe('{{ a b }}');
  expect(failure('{{ a.b }}', empty, { line: 10 }).diagnostics[0]?.source).toBe(undefined);
});

test('windows line ends do not move the place', () => {
  expect(failure('a\r\nb\r\n  {{ a.b }}').place).toMatchObject({ line: 3, column: 6 });
});

test('errors say what is wrong and what to do', () => {
  expect(failure('{{ a.b }}')).toMatchObject({
    kind: 'UndefinedError',
    code: 'jinja-undefined',
    message: "'a' is undefined",
  });
  expect(failure('{{ x | uper }}').diagnostics[0]?.hint).toBe("Did you mean 'upper'?");
  expect(failure('{% fro x in y %}{% endfor %}').diagnostics[0]?.hint).toBe("Did you mean 'for'?");
  expect(failure('{% if x %}').diagnostics[0]?.hint).toBe("Close it with '{% endif %}'.");
  expect(failure('{% macro m(a) %}{% endmacro %}{{ m(b=1) }}').diagnostics[0]?.hint).toBe('Its parameters are a.');
  expect(failure('{% macro m() %}{% endmacro %}{{ m(b=1) }}')).toMatchObject({ code: 'jinja-type' });
});

test('the stack of macros, innermost first, each with the place of its call', () => {
  const text =
    '{% macro inner(x) %}\n{{ x.y.z }}{% endmacro %}{% macro outer() %}\n  {{ inner(5) }}{% endmacro %}\n\n{{ outer() }}';
  const error = failure(text);
  expect(error.place).toMatchObject({ line: 2, column: 6 });
  expect(error.frames).toEqual([
    { name: 'inner', place: { file: 'model.sql', line: 3, column: 6 } },
    { name: 'outer', place: { file: 'model.sql', line: 5, column: 4 } },
  ]);
});

test('the stack goes through files and through async macros', async () => {
  const macros = new Map<string, HostFunction>();
  const scope: Scope = { lookup: (name) => macros.get(name) };
  const inner = MacroTemplate.parse({
    text: '{% macro inner() %}{{ 1 / 0 }}{% endmacro %}',
    file: 'macros/inner.sql',
    line: 7,
  });
  const outer = MacroTemplate.parse({
    text: '{% macro outer() %}\n{{ inner() }}{% endmacro %}',
    file: 'macros/outer.sql',
  });
  for (const mode of ['sync', 'async'] as const) {
    macros.set('inner', inner.bind(scope, mode));
    macros.set('outer', outer.bind(scope, mode));
    const template = Template.parse({ text: 'select {{ outer() }}', file: 'model.sql' });
    const error = await (async () => (mode === 'sync' ? template.renderSync(scope) : template.render(scope)))().catch(
      (e) => e,
    );
    expect(error).toBeInstanceOf(JinjaError);
    expect(error.place).toMatchObject({ file: 'macros/inner.sql', line: 7, column: 25 });
    expect(error.frames).toEqual([
      { name: 'inner', place: { file: 'macros/outer.sql', line: 2, column: 4 } },
      { name: 'outer', place: { file: 'model.sql', line: 1, column: 11 } },
    ]);
  }
});

test('an endless recursion does not fill the screen', () => {
  expect(failure('{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}').frames.length).toBeLessThanOrEqual(30);
});

test("the host's errors get a place and keep their code, hint, exit code and cause", () => {
  const own = new UpsqlError(problem('unknown-ref', "no model 'x'", { hint: "Did you mean 'y'?" }), 1);
  const ref = new HostFunction('ref', () => {
    throw own;
  });
  const error = failure("select *\nfrom {{ ref('x') }}", { lookup: (name) => (name === 'ref' ? ref : undefined) });
  expect(error).toMatchObject({ code: 'unknown-ref', message: "no model 'x'", exitCode: 1, cause: own });
  expect(error.diagnostics[0]).toMatchObject({ hint: "Did you mean 'y'?", place: { line: 2, column: 9 } });
});

test("a host's error that has a place of its own stays as it is", () => {
  const own = new UpsqlError(problem('sql', 'bad', { place: { file: 'other.sql', line: 3, column: 4 } }));
  const ref = new HostFunction('ref', () => {
    throw own;
  });
  const template = Template.parse({ text: '{{ ref() }}', file: 'model.sql' });
  expect(() => template.renderSync({ lookup: () => ref })).toThrow(own);
});

test('what a host throws that is no error goes through', () => {
  const signal = { skip: true };
  const skip = new HostFunction('skip', () => {
    throw signal;
  });
  const template = Template.parse({ text: '{% macro m() %}{{ skip() }}{% endmacro %}{{ m() }}', file: 'model.sql' });
  let thrown: unknown;
  try {
    template.renderSync({ lookup: () => skip });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBe(signal);
});
