const MARK = '\u0000bigint:';
const MARKED = /"\\u0000bigint:(-?\d+)"/g;

/** JSON.stringify that keeps big integers exact, as the integers that Python reads and writes. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    if (!(error instanceof TypeError) || !/BigInt/.test(error.message)) throw error;
    const marked = JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${MARK}${inner}` : inner));
    return marked.replace(MARKED, '$1');
  }
}
