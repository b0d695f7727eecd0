import { describe, expect, test } from 'vitest';
import {
  HostFunction,
  HostObject,
  JinjaError,
  renderString,
  setLimits,
  Template,
  toJinja,
} from '../../../src/jinja/index.js';

class Safe extends HostObject {
  readonly secret = 'do not show';
  override getAttribute(name: string): unknown {
    return name === 'name' ? 'safe' : undefined;
  }
}

const values: Record<string, unknown> = {
  s: 'text',
  n: 1,
  xs: toJinja([1, 2]),
  d: toJinja({ a: 1 }),
  obj: new Safe(),
  fn: new HostFunction('fn', () => 'called'),
};

/** The text, or the kind of the error; anything but a JinjaError is a hole. */
function attempt(template: string): string {
  try {
    return Template.parse({ text: template, file: 'hostile.sql' }).renderSync({
      lookup: (name) => (Object.hasOwn(values, name) ? values[name] : undefined),
    });
  } catch (error) {
    if (error instanceof JinjaError) return `! ${error.kind}`;
    throw error;
  }
}

describe('nothing of the host can be reached', () => {
  test.each([
    ["{{ ''.constructor.constructor('return process')() }}", '! UndefinedError'],
    ["{{ ''['constructor']['constructor']('return process')() }}", '! UndefinedError'],
    ['{{ s.constructor }}|{{ n.constructor }}|{{ xs.constructor }}|{{ d.constructor }}|{{ fn.constructor }}|', '|||||'],
    ['{{ s.__proto__ }}|{{ xs.__proto__ }}|{{ d.__proto__ }}|{{ obj.__proto__ }}|{{ fn.__proto__ }}|', '|||||'],
    ["{{ d['__proto__'] }}|{{ d['constructor'] }}|{{ d['hasOwnProperty'] }}|", '|||'],
    ["{{ xs['length'] }}|{{ s['length'] }}|{{ xs.length }}|{{ fn.length }}|", '||||'],
    ['{{ fn.prototype }}|{{ fn.call }}|{{ fn.apply }}|{{ fn.bind }}|', '||||'],
    ["{{ fn.call('x') }}", '! UndefinedError'],
    ['{{ fn.__call__ }}|{{ fn.caller }}|{{ fn.arguments }}|', '|||'],
    ['{{ obj.secret }}|{{ obj.name }}|{{ obj.getAttribute }}|', '|safe||'],
    ["{{ obj['secret'] }}|{{ obj|attr('secret') }}|", '||'],
    ["{{ obj|attr('constructor') }}|{{ s|attr('__proto__') }}|", '||'],
    ['{{ range.constructor }}|{{ range(3).constructor }}|{{ dict.constructor }}|', '|||'],
    ["{{ range.constructor('return 1')() }}", '! UndefinedError'],
    ['{{ process }}{{ globalThis }}{{ require }}{{ module }}{{ global }}{{ window }}', ''],
    ['{{ R }}{{ S }}{{ C }}{{ p }}{{ o }}{{ e }}{{ t }}{{ arguments }}{{ eval }}{{ Function }}', ''],
    ['{{ this }}{{ self }}{{ toString }}{{ valueOf }}{{ constructor }}{{ __proto__ }}{{ hasOwnProperty }}', ''],
    ['{{ process.env.HOME }}', '! UndefinedError'],
    ["{% set __proto__ = {'x': 1} %}{{ __proto__.x }}{{ {}.x }}|", '1|'],
    ["{% set constructor = 5 %}{{ constructor }}{{ ''.constructor }}|", '5|'],
    ["{{ {'__proto__': {'polluted': 1}} }}{{ {}.polluted }}", "{'__proto__': {'polluted': 1}}"],
    ["{% do d.update({'__proto__': 1}) %}{{ d }}", "{'a': 1, '__proto__': 1}"],
    ['{{ dict(__proto__=1, constructor=2) }}', "{'__proto__': 1, 'constructor': 2}"],
    ['{% set ns = namespace(__proto__=1) %}{% set ns.constructor = 2 %}{{ ns.constructor }}{{ ns.toString }}|', '2|'],
    ['{% set s.constructor = 1 %}', '! TemplateRuntimeError'],
    ["{{ '{0.__class__.__mro__}'.format(s) }}", '! SecurityError'],
    ["{{ '{0.constructor}'.format(s) }}|", '|'],
    ["{{ '{a.__proto__}'.format(a=obj) }}|", '|'],
    ["{{ '%(constructor)s' % d }}", '! KeyError'],
    ["{{ xs|map(attribute='constructor')|list }}", '[Undefined, Undefined]'],
    ["{{ xs|map('constructor')|list }}", '! TemplateRuntimeError'],
    ['{{ s|constructor }}', '! TemplateAssertionError'],
    ['{{ s|__proto__ }}', '! TemplateAssertionError'],
    ['{{ s is constructor }}', '! TemplateAssertionError'],
    ["{{ xs|select('constructor')|list }}", '! TemplateRuntimeError'],
    ["{{ [obj]|sort(attribute='secret')|length }}|{{ [obj]|groupby('secret')|length }}", '1|1'],
    ["{{ [obj]|selectattr('secret')|list }}", '[]'],
    ["{{ ''.__class__.__mro__[1].__subclasses__() }}", '! SecurityError'],
    ['{{ fn.__globals__ }}|{{ fn.__code__ }}|{{ fn.func_globals }}|', '|||'],
    [
      '{% macro m() %}{% endmacro %}{{ m.constructor }}{{ m.call }}{{ m.body }}|{{ m.__init__.__globals__ }}',
      '! SecurityError',
    ],
    ['{% for x in xs %}{{ loop.constructor }}{{ loop.__proto__ }}{% endfor %}', ''],
    ['{% set c = cycler(1) %}{{ c.constructor }}{{ c._items }}|', '|'],
    ['{% macro m(constructor, __proto__) %}{{ constructor }}{{ __proto__ }}{% endmacro %}{{ m(1, 2) }}', '12'],
    ["{{ fn(**{'__proto__': 1}) }}", 'called'],
    ["{% include '/etc/passwd' %}", '! TypeError'],
    ["{% import 'fs' as fs %}", '! TypeError'],
    ["{% from 'child_process' import exec %}", '! TypeError'],
    ["{% extends 'x' %}", '! TypeError'],
    ['{{ env_var }}', ''],
    ["{{ env_var('PATH') }}", '! UndefinedError'],
  ])('%s', (template, expected) => {
    expect(attempt(template)).toBe(expected);
  });
});

/* biome-ignore-start lint/suspicious/noTemplateCurlyInString: that is the attempt */
describe('texts of a template never become code', () => {
  test.each([
    ['{{ "`${process.exit(1)}`" }}', '`${process.exit(1)}`'],
    ['{{ "\\"; process.exit(1); //" }}', '"; process.exit(1); //'],
    ["'; process.exit(1); '", "'; process.exit(1); '"],
    ['*/ process.exit(1) /*', '*/ process.exit(1) /*'],
    ['\u2028process.exit(1)\u2029', '\u2028process.exit(1)\u2029'],
    ['\\u0022;process.exit(1)//${1}`', '\\u0022;process.exit(1)//${1}`'],
    ["{{ {'a\"]=1;process.exit(1)//': 1}|length }}", '1'],
    ['{% macro process() %}x{% endmacro %}{{ process() }}', 'x'],
    [
      '{% set p, t, o, C, R, S, e, v0, i1 = 1, 2, 3, 4, 5, 6, 7, 8, 9 %}{{ p ~ t ~ o ~ C ~ R ~ S ~ e ~ v0 ~ i1 }}',
      '123456789',
    ],
    [
      '{% set await = 1 %}{% set async, yield, let, new = 2, 3, 4, 5 %}{{ await ~ async ~ yield ~ let ~ new }}',
      '12345',
    ],
    ['{% for function in [1] %}{{ function }}{% endfor %}', '1'],
    ['{% set été = 1 %}{{ été }}', '1'],
    ['{% set a$b = 1 %}', '! TemplateSyntaxError'],
    ['{{ `x` }}', '! TemplateSyntaxError'],
    ['{{ x => 1 }}', '! TemplateSyntaxError'],
    ['{{ fn`x` }}', '! TemplateSyntaxError'],
    ['{{ (function(){})() }}', '! TemplateSyntaxError'],
    ['{{ r/a/ }}', '! TemplateSyntaxError'],
  ])('%j', (template, expected) => {
    expect(attempt(template)).toBe(expected);
  });
});

/* biome-ignore-end lint/suspicious/noTemplateCurlyInString: that was the attempt */

describe('loops, recursion and sizes have limits', () => {
  const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
  test.each([
    ['{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}'],
    ['{% for i in range(1000000000) %}{% endfor %}'],
    ['{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'],
    ['{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}'],
    [
      '{% macro m() %}{{ caller() }}{% endmacro %}{% macro n() %}{% call m() %}{{ n() }}{% endcall %}{% endmacro %}{{ n() }}',
    ],
    ['{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}'],
    ["{{ 'x' * 1000000000 }}"],
    ['{{ [0] * 1000000000 }}'],
    ["{% set ns = namespace(s='xxxxxxxxxx') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}"],
    ["{% set ns = namespace(s='xxxxxxxxxx') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}"],
    ['{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = ns.l + ns.l %}{% endfor %}'],
    ["{% for i in range(99999) %}{{ 'x' * 10000 }}{% endfor %}"],
    ["{{ '%1000000000d' % 1 }}"],
    ["{{ '%.1000000000f' % 1 }}"],
    ["{{ '{:1000000000}'.format(1) }}"],
    ["{{ 'a'.center(1000000000) }}"],
    ["{{ 'a'.ljust(1000000000) }}"],
    ["{{ 'a'.zfill(1000000000) }}"],
    ["{{ 'a'|center(1000000000) }}"],
    ["{{ 'a\nb'|indent(1000000000) }}"],
    ["{{ ('a' * 1000000).replace('a', 'b' * 1000000) }}"],
    ["{{ (['x' * 1000000] * 1000)|join }}"],
    ["{{ ('x' * 1000000).join('y' * 1000) }}"],
    ["{{ ('\t' * 1000000).expandtabs(1000000) }}"],
    ['{{ 9 ** (9 ** 9) }}'],
    [`{{ 1${' + 1'.repeat(50_000)} }}`],
    [`{{ s${'|upper'.repeat(50_000)} }}`],
    [`{{ s${'.x'.repeat(50_000)} }}`],
    ['{{ 10 ** 1000000000 }}'],
    ['{{ [1]|batch(1000000000, 0)|list }}'],
    ['{{ [1]|slice(1000000000)|list }}'],
    ['{{ lipsum(1000000000) }}'],
    ['{% set l = [1] %}{% for x in l %}{% do l.append(x) %}{% endfor %}'],
    ['{% set l = [1] %}{% do l.append(l) %}{% set k = [1] %}{% do k.append(k) %}{{ l == k }}'],
    [`{{ ${nested('(', ')', 5000)} }}`],
    [`{{ ${nested('[', ']', 5000)} }}`],
    [`{{ ${'-'.repeat(5000)}1 }}`],
    [`{{ ${'not '.repeat(5000)}1 }}`],
    [`{% if 1 %}`.repeat(5000)],
    [`{{ ${'1 if 1 else '.repeat(5000)}1 }}`],
  ])('%.90s', (template) => {
    expect(attempt(template)).toMatch(/^! (LimitError|OverflowError|TemplateSyntaxError)$/);
  });

  test('a list that holds itself prints', () => {
    expect(attempt('{% set l = [1] %}{% do l.append(l) %}{{ l }}')).toBe('[1, [...]]');
    expect(attempt('{% set d = {} %}{% do d.update(x=d) %}{{ d }}')).toBe("{'x': {...}}");
    expect(attempt('{% set l = [1] %}{% do l.append(l) %}{{ l|tojson }}')).toBe('! ValueError');
  });

  test('limits can be set', () => {
    const before = setLimits({ loopIterations: 10 });
    try {
      expect(attempt('{% for i in range(11) %}{% endfor %}')).toBe('! LimitError');
      expect(attempt('{% for i in range(10) %}{{ i }}{% endfor %}')).toBe('0123456789');
    } finally {
      setLimits(before);
    }
  });

  test('each render starts with the full budget', () => {
    const before = setLimits({ loopIterations: 10 });
    try {
      const template = Template.parse({ text: '{% for i in range(10) %}{{ i }}{% endfor %}', file: 'a.sql' });
      const scope = { lookup: () => undefined };
      expect(template.renderSync(scope)).toBe('0123456789');
      expect(template.renderSync(scope)).toBe('0123456789');
    } finally {
      setLimits(before);
    }
  });
});

test('plain JS values in a context show their own properties only', () => {
  class Thing {
    shown = 1;
    get hidden(): string {
      return 'getter';
    }
  }
  expect(renderString('{{ x.shown }}{{ x.hidden }}{{ x.constructor }}{{ x.toString }}', { x: new Thing() })).toBe('1');
  expect(() => renderString('{{ f }}', { f: () => 1 })).toThrow(/HostFunction/);
});
