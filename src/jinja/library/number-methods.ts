import { Fault } from '../error.js';
import { ratio } from '../runtime/number-format.js';
import { Tuple } from '../values/collections.js';
import type { Float } from '../values/float.js';
import { methodTable } from './methods.js';

export const INT_METHODS = methodTable<number | bigint | boolean>({
  bit_length: [[], (x) => (x === 0 || x === false ? 0 : abs(BigInt(x)).toString(2).length)],
  bit_count: [[], (x) => abs(BigInt(x)).toString(2).replaceAll('0', '').length],
  is_integer: [[], () => true],
  as_integer_ratio: [[], (x) => new Tuple([typeof x === 'boolean' ? Number(x) : x, 1])],
  conjugate: [[], (x) => x],
});

export const FLOAT_METHODS = methodTable<Float>({
  is_integer: [[], (x) => Number.isInteger(x.value)],
  as_integer_ratio: [
    [],
    (x) => {
      if (!Number.isFinite(x.value)) throw new Fault('ValueError', 'cannot convert this float to an integer ratio');
      const [numerator, denominator] = ratio(Math.abs(x.value));
      const small = (n: bigint) => (Number.isSafeInteger(Number(n)) ? Number(n) : n);
      return new Tuple([small(x.value < 0 ? -numerator : numerator), small(denominator)]);
    },
  ],
  conjugate: [[], (x) => x],
});

function abs(x: bigint): bigint {
  return x < 0n ? -x : x;
}
