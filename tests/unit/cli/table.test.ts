import { describe, expect, it } from 'vitest';
import { createStyle } from '../../../src/cli/output/style.js';
import { cellText, formatTable } from '../../../src/cli/output/table.js';
import { printable, textWidth, truncate } from '../../../src/cli/output/width.js';

const style = createStyle(false);
const columns = [
  { name: 'id', type: 'BIGINT' },
  { name: 'name', type: 'VARCHAR' },
  { name: 'amount', type: 'DECIMAL(18,2)' },
];

describe('formatTable', () => {
  it('puts numbers to the right and texts to the left', () => {
    const rows = [
      [1, 'ada', '24.50'],
      [20n, 'grace', '113.00'],
    ];
    expect(formatTable(columns, rows, { style })).toBe(
      ['| id | name  | amount |', '| -- | ----- | ------ |', '|  1 | ada   |  24.50 |', '| 20 | grace | 113.00 |'].join(
        '\n',
      ),
    );
  });

  it('shows NULL apart from the text NULL and from an empty text', () => {
    const rows = [
      [1, null, null],
      [2, 'NULL', '1'],
      [3, '', '1'],
    ];
    const lines = formatTable(columns, rows, { style }).split('\n');
    expect(lines[2]).toBe('|  1 | NULL   |   NULL |');
    expect(lines[3]).toBe("|  2 | 'NULL' |      1 |");
    expect(lines[4]).toBe('|  3 |        |      1 |');
    expect(formatTable(columns, rows, { style: createStyle(true) })).toContain('\u001b[2mNULL  \u001b[22m');
  });

  it('lines up wide characters, emoji and combining marks', () => {
    const rows = [
      [1, '日本', '1'],
      [2, 'e\u0301te\u0301', '1'],
      [3, '👩‍👩‍👧', '1'],
      [4, 'abcd', '1'],
    ];
    const widths = formatTable(columns, rows, { style }).split('\n').map(textWidth);
    expect(new Set(widths).size).toBe(1);
  });

  it('fits the terminal: the widest column gives way, and columns without room are counted', () => {
    const wide = formatTable(columns, [[1, 'x'.repeat(200), '5']], { style, width: 40 });
    for (const line of wide.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(40);
    expect(wide).toContain('x…');
    const many = Array.from({ length: 30 }, (_, c) => ({ name: `column_${c}`, type: 'INTEGER' }));
    const narrow = formatTable(many, [many.map((_, c) => c)], { style, width: 60 });
    expect(Math.max(...narrow.split('\n').map(textWidth))).toBeLessThanOrEqual(60);
    expect(narrow).toMatch(/… and 25 more columns: column_5, column_6, .*…$/);
  });

  it('shows ten significant digits of a double', () => {
    expect([1967.3333333333333, 0.1 + 0.2, 1e-9 / 3, 3, -1.5, Number.NaN].map(cellText)).toEqual([
      '1967.333333',
      '0.3',
      '3.333333333e-10',
      '3',
      '-1.5',
      'NaN',
    ]);
  });

  it('keeps a row on a line and lets no value steer the terminal', () => {
    expect(cellText('a\nb\tc')).toBe('a↵b c');
    expect(cellText('\u001b[31mred')).toBe('\\x1b[31mred');
    expect(cellText({ a: [1n, null] })).toBe('{"a":[1,null]}');
    expect(cellText({ a: 9007199254740993n })).toBe('{"a":"9007199254740993"}');
    expect(printable('two\nlines')).toBe('two\nlines');
  });
});

describe('truncate', () => {
  it('cuts at whole characters, in cells', () => {
    expect(truncate('日本語', 6)).toBe('日本語');
    expect(truncate('日本語', 5)).toBe('日本…');
    expect(truncate('日本語', 4)).toBe('日…');
    expect(truncate('abc', 1)).toBe('…');
    expect(truncate('abc', 0)).toBe('');
  });
});
