/** A float as C's `printf` prints it: type e, f or g (capital: capital letters), `precision` digits. */
export function formatFloat(x: number, type: string, precision: number, alternate = false): string {
  const upper = type === type.toUpperCase();
  const text = lower(x, type.toLowerCase(), precision, alternate);
  return upper ? text.toUpperCase() : text;
}

function lower(x: number, type: string, precision: number, alternate: boolean): string {
  if (Number.isNaN(x)) return 'nan';
  if (!Number.isFinite(x)) return x < 0 ? '-inf' : 'inf';
  const negative = x < 0 || Object.is(x, -0);
  const body = positive(Math.abs(x), type, precision, alternate);
  return negative ? `-${body}` : body;
}

function positive(x: number, type: string, precision: number, alternate: boolean): string {
  if (type === 'f') return fixed(x, precision);
  if (type === 'e') return exponential(x, precision);
  const digits = precision === 0 ? 1 : precision;
  const exponent = x === 0 ? 0 : Number(exponential(x, digits - 1).split('e')[1]);
  const text =
    exponent < -4 || exponent >= digits ? exponential(x, digits - 1) : fixed(x, Math.max(0, digits - 1 - exponent));
  if (alternate || !text.includes('.')) return text;
  const [mantissa = '', power] = text.split('e');
  const short = mantissa.replace(/\.?0+$/, '');
  return power === undefined ? short : `${short}e${power}`;
}

/** Exact rounding half to even on the binary value, for any number of digits and any size. */
export function fixed(x: number, digits: number): string {
  const [numerator, denominator] = ratio(x);
  const scaled = numerator * 10n ** BigInt(digits);
  let quotient = scaled / denominator;
  const twice = (scaled % denominator) * 2n;
  if (twice > denominator || (twice === denominator && quotient % 2n === 1n)) quotient++;
  const text = quotient.toString().padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function exponential(x: number, digits: number): string {
  if (digits <= 100) {
    const [mantissa = '', power = '0'] = x.toExponential(digits).split('e');
    const exponent = Number(power);
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const [mantissa = '', power = ''] = exponential(x, 100).split('e');
  return `${mantissa.padEnd(digits + 2, '0')}e${power}`;
}

/** A finite float of 0 or more as an exact fraction. */
export function ratio(x: number): [numerator: bigint, denominator: bigint] {
  let exponent = 0;
  let value = x;
  while (!Number.isInteger(value)) {
    value *= 2;
    exponent++;
  }
  return [BigInt(value), 1n << BigInt(exponent)];
}
