import { describe, expect, it } from 'vitest';
import { canonical, compareKeys, compareTexts, near } from '../../../src/diff/values.js';

describe('canonical', () => {
  it.each([
    [1, '1'],
    [-0, '0'],
    [10n, '10'],
    ['1.500', '1.5'],
    ['-2.00', '-2'],
    ['2024-01-01 10:00:00', '2024-01-01 10:00:00'],
    ['2024-01-01T10:00:00.120000', '2024-01-01 10:00:00.12'],
    [new Uint8Array([1, 255]), '01ff'],
    [[1n, null], '["1",null]'],
    [null, null],
  ])('%o is %s', (value, text) => {
    expect(canonical(value)).toBe(text);
  });

  it('leaves texts of text columns alone', () => {
    expect(canonical('1.50', true)).toBe('1.50');
  });
});

describe('order', () => {
  it('is that of UTF-8 bytes, as warehouses have it', () => {
    expect(compareTexts('\u{1f600}', '\uffee')).toBe(1);
    expect(compareTexts('Z', 'a')).toBe(-1);
  });

  it('has numbers by value however a driver gives them, and null last', () => {
    expect(compareKeys(['9.5'], ['10.25'], ['number'])).toBe(-1);
    expect(compareKeys([9007199254740993n], [9007199254740992], ['number'])).toBe(1);
    expect(compareKeys(['9'], ['10'], ['text'])).toBe(1);
    expect(compareKeys([null], ['x'], ['text'])).toBe(1);
    expect(compareKeys(['a', null], ['a', null], ['text', 'number'])).toBe(0);
    expect(compareKeys(['a', 1], ['a', 2], ['text', 'number'])).toBe(-1);
  });
});

describe('near', () => {
  it('is absolute below 1 and relative above', () => {
    expect(near(0.1, 0.1000001, 1e-6)).toBe(true);
    expect(near(1e9, 1e9 + 100, 1e-6)).toBe(true);
    expect(near(1e9, 1e9 + 1e4, 1e-6)).toBe(false);
    expect(near(null, 1, 1)).toBe(false);
  });
});
