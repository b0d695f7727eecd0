import { expect, test } from 'vitest';
import {
  DateTime,
  Decimal,
  Dict,
  equals,
  Float,
  fromJinja,
  HostObject,
  hostFunction,
  isTruthy,
  jsonDumps,
  jsonLoads,
  PySet,
  renderString,
  repr,
  str,
  Template,
  Tuple,
  toJinja,
  Undefined,
} from '../../../src/jinja/index.js';

const call = (fn: ReturnType<typeof hostFunction>, positional: unknown[], named: Record<string, unknown> = {}) =>
  fn.call({ positional, named: new Map(Object.entries(named)) });

test('JS values go in and come back', () => {
  const js = { a: 1, b: [1.5, 'x', null, true], c: { d: [] } };
  expect(fromJinja(toJinja(js))).toEqual(js);
  expect(str(toJinja(js))).toBe("{'a': 1, 'b': [1.5, 'x', None, True], 'c': {'d': []}}");
  expect(toJinja(undefined)).toBe(null);
  expect(fromJinja(toJinja(new Map([[1, 'x']])))).toEqual(new Map([[1, 'x']]));
  expect(fromJinja(toJinja(new Set([1])))).toEqual([1]);
  expect(fromJinja(new Tuple([1, new Float(2)]))).toEqual([1, 2]);
  expect(fromJinja(new Undefined('x'))).toBe(undefined);
  expect(fromJinja(toJinja(JSON.parse('{"__proto__": 1}')))).toEqual(JSON.parse('{"__proto__": 1}'));
});

test('dict keys are equal as in Python', () => {
  const dict = new Dict([[1, 'a']]);
  dict.set(new Float(1), 'b');
  dict.set(true, 'c');
  expect(dict.size).toBe(1);
  expect(dict.get(1n)).toBe(undefined);
  expect(dict.get(1)).toBe('c');
  dict.set(new Tuple([1, 'x']), 't');
  expect(dict.get(new Tuple([new Float(1), 'x']))).toBe('t');
  expect(dict.get(new Tuple(['1', 'x']))).toBe(undefined);
  expect(() => dict.set([], 1)).toThrow("unhashable type: 'list'");
  expect(new PySet([1, true, new Float(1), '1']).size).toBe(2);
  const odd = new Dict([
    ['\0t', 1],
    ['\0st', 2],
  ]);
  expect([odd.get('\0t'), odd.get('\0st')]).toEqual([1, 2]);
});

test('equality, truth and text', () => {
  expect(equals(1, new Float(1))).toBe(true);
  expect(equals(toJinja({ a: [1] }), toJinja({ a: [1] }))).toBe(true);
  expect(isTruthy(new Dict())).toBe(false);
  expect(repr(Decimal.parse('1.50'))).toBe("Decimal('1.50')");
  expect(str(DateTime.ofDate(new Date('2024-02-29T12:00:00Z')))).toBe('2024-02-29 12:00:00+00:00');
});

test('host functions bind arguments as Python does', () => {
  const fn = hostFunction(
    'f',
    ['a', ['b', 2], '*rest', '**named'],
    (a: unknown, b: unknown, rest: Tuple, named: Dict) => str([a, b, rest, named]),
  );
  expect(call(fn, [1])).toBe('[1, 2, (), {}]');
  expect(call(fn, [1, 3, 4, 5], { z: 6 })).toBe("[1, 3, (4, 5), {'z': 6}]");
  expect(call(fn, [], { a: 1, b: 9 })).toBe('[1, 9, (), {}]');
  expect(() => call(fn, [])).toThrow("f() missing 1 required positional argument: 'a'");
  expect(() => call(fn, [1], { a: 2 })).toThrow("f() got multiple values for argument 'a'");
  const plain = hostFunction('g', ['a', ['b', null]], (a: unknown, b: unknown) => [a, b]);
  expect(call(plain, [1])).toEqual([1, null]);
  expect(() => call(plain, [1, 2, 3])).toThrow('g() takes 2 positional arguments but 3 were given');
  expect(() => call(plain, [1], { c: 2 })).toThrow("g() got an unexpected keyword argument 'c'");
});

test('a host object shows what its methods give', () => {
  class Relation extends HostObject {
    override get typeName(): string {
      return 'Relation';
    }
    override getAttribute(name: string): unknown {
      return name === 'identifier' ? 'orders' : undefined;
    }
    override getItem(key: unknown): unknown {
      return key === 0 ? 'first' : undefined;
    }
    override iterate(): Iterable<unknown> {
      return ['a', 'b'];
    }
    override length(): number {
      return 2;
    }
    override binary(operator: string, other: unknown, reflected: boolean): unknown {
      return operator === '+' ? `${reflected ? 'r' : 'l'}${str(other)}` : undefined;
    }
    override str(): string {
      return '"db"."orders"';
    }
  }
  const scope = { lookup: (name: string) => (name === 'r' ? new Relation() : undefined) };
  const render = (text: string) => Template.parse({ text, file: 'm' }).renderSync(scope);
  expect(render('{{ r }} {{ r.identifier }} {{ r[0] }} {{ r[1:] }} {{ r|length }} {{ r|join }}')).toBe(
    '"db"."orders" orders first (\'b\',) 2 ab',
  );
  expect(render('{{ r ~ "x" }} {{ r + 1 }} {{ "a" + r }} {{ r.nope is defined }} {{ "a" in r }} {{ r|upper }}')).toBe(
    '"db"."orders"x l1 ra False True "DB"."ORDERS"',
  );
  expect(() => render('{{ r - 1 }}')).toThrow("unsupported operand type(s) for -: 'Relation' and 'int'");
  expect(() => render('{{ r.nope.x }}')).toThrow("'Relation object' has no attribute 'nope'");
  expect(() => render('{{ r() }}')).toThrow("'Relation' object is not callable");
});

test('JSON as Python reads and writes it', () => {
  const text = '{"b": [1, 2.0, -0.5, 1e3, true, null, "\\u00e9\\n"], "a": {}, "big": 12345678901234567890}';
  const value = jsonLoads(text);
  expect(repr(value)).toBe("{'b': [1, 2.0, -0.5, 1000.0, True, None, 'é\\n'], 'a': {}, 'big': 12345678901234567890}");
  expect(jsonDumps(value)).toBe(
    '{"b": [1, 2.0, -0.5, 1000.0, true, null, "\\u00e9\\n"], "a": {}, "big": 12345678901234567890}',
  );
  expect(jsonDumps(value, { sortKeys: true }).startsWith('{"a"')).toBe(true);
  for (const bad of ['', '{', '[1,]', '{"a" 1}', 'nope', '1 2', '"\n"', '01']) expect(() => jsonLoads(bad)).toThrow();
});

test('renderString takes plain values', () => {
  expect(renderString('{% for x in xs %}{{ x }},{% endfor %}\n', { xs: [1, 2] })).toBe('1,2,');
  expect(renderString('{{ a.b.c }} {{ f }}', { a: { b: { c: 1 } }, f: 0.5 })).toBe('1 0.5');
});

test('parameters behind *args are given by name only, as in Python', () => {
  const f = hostFunction(
    'f',
    ['a', '*args', ['sep', ','], 'end'],
    (a: unknown, sep: unknown, end: unknown, rest: unknown) => repr([a, sep, end, rest]),
  );
  expect(call(f, [1, 2, 3], { end: '.' })).toBe("[1, ',', '.', (2, 3)]");
  expect(call(f, [1], { end: '.', sep: '-' })).toBe("[1, '-', '.', ()]");
  expect(() => call(f, [1, 2, 3])).toThrow("f() missing 1 required keyword-only argument: 'end'");
  expect(() => call(f, [], { end: '.' })).toThrow("f() missing 1 required positional argument: 'a'");
});
