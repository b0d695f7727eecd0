import { Fault } from '../error.js';
import { Dict, DictView, PySet, Tuple } from '../values/collections.js';
import { numeric } from '../values/compare.js';
import { Float } from '../values/float.js';
import { HostObject } from '../values/host.js';
import { str } from '../values/text.js';
import { typeName } from '../values/types.js';
import { Undefined } from '../values/undefined.js';
import { checkList, checkText } from './limits.js';
import { percentFormat } from './percent-format.js';

type Numbers = (a: number, b: number) => number;

function integer(value: bigint): number | bigint {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

/** The operands as whole numbers, as floats, or neither; booleans are whole numbers in Python. */
function arithmetic(
  a: unknown,
  b: unknown,
  whole: Numbers,
  big: (a: bigint, b: bigint) => bigint,
  float: Numbers,
): unknown {
  const x = numeric(a);
  const y = numeric(b);
  if (x === undefined || y === undefined) return undefined;
  if (a instanceof Float || b instanceof Float) return new Float(float(toFloat(x), toFloat(y)));
  if (typeof x === 'number' && typeof y === 'number') {
    const result = whole(x, y);
    if (Number.isSafeInteger(result)) return result + 0;
  }
  return integer(big(BigInt(x), BigInt(y)));
}

function toFloat(x: number | bigint): number {
  const value = Number(x);
  if (typeof x === 'bigint' && !Number.isFinite(value))
    throw new Fault('OverflowError', 'int too large to convert to float');
  return value;
}

function unsupported(operator: string, a: unknown, b: unknown): never {
  if (a instanceof Undefined) a.fail();
  if (b instanceof Undefined) b.fail();
  const types = `'${typeName(a)}' and '${typeName(b)}'`;
  throw new Fault('TypeError', `unsupported operand type(s) for ${operator}: ${types}`);
}

function byHost(operator: string, a: unknown, b: unknown): unknown {
  let result: unknown;
  if (a instanceof HostObject) result = a.binary(operator, b, false);
  if (result === undefined && b instanceof HostObject) result = b.binary(operator, a, true);
  return result === undefined ? unsupported(operator, a, b) : result;
}

export function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a + b)) return a + b;
  if (typeof a === 'string') {
    if (typeof b === 'string') {
      checkText(a.length + b.length);
      return a + b;
    }
    if (b instanceof HostObject || b instanceof Undefined) return byHost('+', a, b);
    throw new Fault(
      'TypeError',
      `can only concatenate str (not "${typeName(b)}") to str`,
      'Use `~`, which takes any value.',
    );
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    checkList(a.length + b.length);
    return [...a, ...b];
  }
  if (Array.isArray(a) && !(b instanceof Undefined) && !(b instanceof HostObject)) {
    throw new Fault('TypeError', `can only concatenate list (not "${typeName(b)}") to list`);
  }
  if (a instanceof Tuple && b instanceof Tuple) return new Tuple([...a.items, ...b.items]);
  const sum = arithmetic(
    a,
    b,
    (x, y) => x + y,
    (x, y) => x + y,
    (x, y) => x + y,
  );
  return sum === undefined ? byHost('+', a, b) : sum;
}

export function sub(a: unknown, b: unknown): unknown {
  const result = arithmetic(
    a,
    b,
    (x, y) => x - y,
    (x, y) => x - y,
    (x, y) => x - y,
  );
  if (result !== undefined) return result;
  if (isSetLike(a) && isSetLike(b)) {
    const right = asSet(b);
    return new PySet([...asSet(a).values()].filter((item) => !right.has(item)));
  }
  return byHost('-', a, b);
}

function isSetLike(value: unknown): value is PySet | DictView {
  return value instanceof PySet || (value instanceof DictView && value.kind !== 'values');
}

function asSet(value: PySet | DictView): PySet {
  return value instanceof PySet ? value : new PySet(value.items());
}

export function mul(a: unknown, b: unknown): unknown {
  const result = arithmetic(
    a,
    b,
    (x, y) => x * y,
    bigMul,
    (x, y) => x * y,
  );
  if (result !== undefined) return result;
  const repeated = repeat(a, b) ?? repeat(b, a);
  return repeated === undefined ? byHost('*', a, b) : repeated;
}

function bigMul(x: bigint, y: bigint): bigint {
  checkBits(bits(x) + bits(y));
  return x * y;
}

function bits(x: bigint): number {
  return x.toString(16).length * 4;
}

function checkBits(count: number): void {
  if (count > 1_000_000) throw new Fault('LimitError', 'This number would be too large');
}

function repeat(value: unknown, times: unknown): unknown {
  if (typeof times !== 'number' && typeof times !== 'boolean' && typeof times !== 'bigint') return undefined;
  const count = Math.max(0, Number(times));
  if (typeof value === 'string') {
    checkText(value.length * count);
    return value.repeat(value === '' ? 0 : count);
  }
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : undefined;
  if (items === undefined) return undefined;
  checkList(items.length * count);
  const out: unknown[] = [];
  for (let i = 0; i < count && items.length > 0; i++) for (const item of items) out.push(item);
  return Array.isArray(value) ? out : new Tuple(out);
}

export function div(a: unknown, b: unknown): unknown {
  const x = numeric(a);
  const y = numeric(b);
  if (x === undefined || y === undefined) return byHost('/', a, b);
  if (Number(y) === 0) {
    const isFloat = a instanceof Float || b instanceof Float;
    throw new Fault('ZeroDivisionError', isFloat ? 'float division by zero' : 'division by zero');
  }
  if (typeof x === 'bigint' || typeof y === 'bigint') return new Float(bigRatio(BigInt(x), BigInt(y)));
  return new Float(x / y);
}

/** The quotient of two large whole numbers as a float. */
function bigRatio(x: bigint, y: bigint): number {
  const direct = Number(x) / Number(y);
  if (Number.isFinite(direct) && Number.isFinite(Number(x)) && Number.isFinite(Number(y))) return direct;
  const quotient = Number(x / y);
  if (!Number.isFinite(quotient)) throw new Fault('OverflowError', 'integer division result too large for a float');
  return quotient;
}

const floorMod = (x: number, y: number): number => {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest === 0 && y < 0 ? -0 : rest;
};
const bigFloorDiv = (x: bigint, y: bigint): bigint => (x % y !== 0n && x < 0n !== y < 0n ? x / y - 1n : x / y);
const bigMod = (x: bigint, y: bigint): bigint => x - y * bigFloorDiv(x, y);

export function floorDiv(a: unknown, b: unknown): unknown {
  checkDivisor(a, b, 'integer division or modulo by zero', 'float floor division by zero');
  const divide = (x: number, y: number) => Math.floor((x - floorMod(x, y)) / y + 0.5);
  const result = arithmetic(a, b, (x, y) => Math.floor(x / y), bigFloorDiv, divide);
  return result === undefined ? byHost('//', a, b) : result;
}

export function mod(a: unknown, b: unknown): unknown {
  if (typeof a === 'string') return percentFormat(a, b);
  checkDivisor(a, b, 'integer modulo by zero', 'float modulo');
  const result = arithmetic(a, b, floorMod, bigMod, floorMod);
  return result === undefined ? byHost('%', a, b) : result;
}

function checkDivisor(a: unknown, b: unknown, whole: string, float: string): void {
  const y = numeric(b);
  if (y === undefined || Number(y) !== 0 || numeric(a) === undefined) return;
  throw new Fault('ZeroDivisionError', a instanceof Float || b instanceof Float ? float : whole);
}

export function pow(a: unknown, b: unknown): unknown {
  const x = numeric(a);
  const y = numeric(b);
  if (x === undefined || y === undefined) return byHost('** or pow()', a, b);
  const isFloat = a instanceof Float || b instanceof Float;
  if (!isFloat && y >= 0) {
    checkBits(bits(BigInt(x)) * (x === 0 || x === 1 || x === -1 ? 0 : Number(y)));
    return integer(BigInt(x) ** BigInt(y));
  }
  if (Number(x) === 0 && y < 0) throw new Fault('ZeroDivisionError', '0.0 cannot be raised to a negative power');
  const result = toFloat(x) ** toFloat(y);
  if (Number.isNaN(result) && !Number.isNaN(Number(x)) && !Number.isNaN(Number(y))) {
    throw new Fault('TypeError', 'complex numbers are not supported');
  }
  if (!Number.isFinite(result) && Number.isFinite(Number(x)) && Number.isFinite(Number(y))) {
    throw new Fault('OverflowError', 'Numerical result out of range');
  }
  return new Float(result);
}

export function neg(a: unknown): unknown {
  if (a instanceof Float) return new Float(-a.value);
  const x = numeric(a);
  if (typeof x === 'bigint') return integer(-x);
  if (x !== undefined) return 0 - x;
  if (a instanceof HostObject) return byHost('-', 0, a);
  if (a instanceof Undefined) a.fail();
  throw new Fault('TypeError', `bad operand type for unary -: '${typeName(a)}'`);
}

export function pos(a: unknown): unknown {
  if (a instanceof Float) return a;
  const x = numeric(a);
  if (x !== undefined) return x;
  if (a instanceof HostObject) return a;
  if (a instanceof Undefined) a.fail();
  throw new Fault('TypeError', `bad operand type for unary +: '${typeName(a)}'`);
}

/** Jinja2's `~`: both sides as text. */
export function concat(a: unknown, b: unknown): string {
  const x = str(a);
  const y = str(b);
  checkText(x.length + y.length);
  return x + y;
}

/** A dict of literal pairs, as the compiler writes it. */
export function makeDict(entries: readonly (readonly [unknown, unknown])[]): Dict {
  return new Dict(entries);
}
