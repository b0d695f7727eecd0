import { describe, expect, it } from 'vitest';
import { offsetOf, redact, toDatabaseError } from '../../../src/adapters/snowflake/errors.js';

const failed = (code: string | number, message: string, sqlState = '42000') =>
  Object.assign(new Error(message), { code, sqlState });

describe('toDatabaseError', () => {
  it('gives code, state, kind and the place in the whole text', () => {
    const sql = 'select 1;\nselect\n  nonsense';
    const message = "SQL compilation error: error line 2 at position 2\ninvalid identifier 'NONSENSE'";
    const error = toDatabaseError(failed('000904', message), sql, [], 10, sql.slice(10));
    expect(error.message).toBe(`000904 (42000): ${message}`);
    expect([error.kind, sql.slice(error.offset)]).toEqual(['missing', 'nonsense']);
  });

  it.each([
    ['001003', "syntax error line 1 at position 7 unexpected 'x'.", 'syntax'],
    ['002003', "Object 'X' does not exist or not authorized.", 'missing'],
    ['100072', 'NULL result in a non-nullable column', 'constraint'],
    ['000625', 'Statement was aborted because the number of waiters for this lock exceeds the limit', 'conflict'],
    ['000604', 'SQL execution canceled', 'interrupted'],
    [401001, 'Network error. Could not reach Snowflake.', 'io'],
    ['390112', 'Session has expired.', 'io'],
    ['099999', 'Something else', 'other'],
  ])('%s is told as its kind', (code, message, kind) => {
    expect(toDatabaseError(failed(code, message), 'select x', []).kind).toBe(kind);
  });

  it('has no secret in its message', () => {
    const error = toDatabaseError(failed('000001', 'login of hunter22 failed, token: abcdefghij'), 'select 1', [
      'hunter22',
    ]);
    expect(error.message).not.toMatch(/hunter22|abcdefghij/);
  });
});

describe('offsetOf', () => {
  it('counts lines from 1 and positions from 0, and gives nothing for a place outside', () => {
    expect(offsetOf('syntax error line 1 at position 7', 'select x')).toBe(7);
    expect(offsetOf('error line 3 at position 1', 'a\nb\ncd')).toBe(5);
    expect(offsetOf('error line 9 at position 1', 'a')).toBeUndefined();
    expect(offsetOf('error line 1 at position -1', 'a')).toBeUndefined();
    expect(offsetOf('no place', 'a')).toBeUndefined();
  });
});

describe('redact', () => {
  it('hides secrets, keys and tokens', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----';
    expect(redact(`a s3cret b ${key} c`, ['s3cret', ''])).toBe('a ***** b ***** c');
    expect(redact('{"password": "long enough"}', [])).not.toContain('long');
  });
});
