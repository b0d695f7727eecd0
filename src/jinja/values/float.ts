/** A Python float: prints as one (`1.0`, `1e+16`, `inf`), unlike the whole numbers that JS numbers stand for. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Python's `repr` of a float. */
export function floatRepr(x: number): string {
  if (Number.isNaN(x)) return 'nan';
  if (x === Infinity) return 'inf';
  if (x === -Infinity) return '-inf';
  if (x === 0) return Object.is(x, -0) ? '-0.0' : '0.0';
  const [mantissa = '0', e = '0'] = x.toExponential().split('e');
  const exponent = Number(e);
  if (exponent >= 16 || exponent < -4) {
    const digits = String(Math.abs(exponent)).padStart(2, '0');
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`;
  }
  const text = Math.abs(x) >= 1e-6 ? String(x) : expand(mantissa, exponent);
  return text.includes('.') ? text : `${text}.0`;
}

function expand(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  return `${sign}0.${'0'.repeat(-exponent - 1)}${mantissa.replace('-', '').replace('.', '')}`;
}
