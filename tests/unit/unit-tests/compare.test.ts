import { describe, expect, it } from 'vitest';
import { compareRows } from '../../../src/run/unit-tests/compare.js';
import { diffLines, diffMessage } from '../../../src/run/unit-tests/diff-text.js';
import { row } from './rows.js';

type Values = readonly (string | number | null)[];

const compare = (columns: readonly string[], expected: readonly Values[], actual: readonly Values[]) =>
  compareRows({ columns, expected: expected.map(row), actual: actual.map(row) });

const lines = (columns: readonly string[], expected: readonly Values[], actual: readonly Values[]) => {
  const diff = compare(columns, expected, actual);
  return diff === undefined ? [] : diffLines(diff);
};

describe('rows are compared', () => {
  it('whatever their order', () => {
    expect(compare(['a'], [[1], [2], [null]], [[null], [2], [1]])).toBeUndefined();
  });

  it('each as many times as it is there', () => {
    expect(lines(['a'], [[1], [1], [2]], [[1], [2], [2]])).toEqual(['@@ ,a', '   ,1', '---,1', '   ,2', '+++,2']);
  });

  it('null apart from every text', () => {
    expect(
      lines(
        ['id', 's'],
        [
          [1, ''],
          [2, 'NULL'],
          [3, '_NULL'],
        ],
        [
          [1, null],
          [2, null],
          [3, null],
        ],
      ),
    ).toEqual(['@@,id,s', '→ ,1 ,→NULL', '→ ,2 ,_NULL→NULL', '→ ,3 ,__NULL→NULL']);
  });

  it('by text, so that 1 and 1.0 differ', () => {
    expect(compare(['a'], [['1']], [['1.0']])).toMatchObject({ missing: 1, extra: 1, changed: 0 });
  });

  it('a changed row beside its like, told by what no other row has', () => {
    const diff = compare(
      ['id', 'city', 'n'],
      [
        [1, 'Bern', 1],
        [2, 'Bern', 2],
        [3, 'Rome', 3],
      ],
      [
        [1, 'Bern', 9],
        [4, 'Bern', 5],
        [3, 'Rome', 3],
      ],
    );
    expect(diff).toMatchObject({ changed: 1, missing: 1, extra: 1 });
    expect(diff?.rows.find((one) => one.kind === 'changed')).toMatchObject({ expected: row([1, 'Bern', 1]) });
  });

  it('in the order of numbers, nulls last', () => {
    expect(lines(['n'], [], [[10], [9], [null], [100]])).toEqual(['@@ ,n', '+++,9', '+++,10', '+++,100', '+++,NULL']);
  });

  it('in time that grows with the rows, not with their pairs', () => {
    // By pairs these would be 3,600,000,000 comparisons, more than the time of a test allows.
    const many = Array.from({ length: 60_000 }, (_, i): Values => [i, i % 3, 'same']);
    const other = many.map(([id, group, text]): Values => [id ?? null, group ?? null, `${text} `]);
    expect(compare(['id', 'g', 't'], many, other)?.changed).toBe(60_000);
  });
});

describe('the text', () => {
  it('shows equal rows only beside those that differ', () => {
    const rows = Array.from({ length: 9 }, (_, i): Values => [i, 'x']);
    const actual = rows.map(([id]): Values => [id ?? null, id === 4 ? 'y' : 'x']);
    expect(lines(['id', 's'], rows, actual)).toEqual([
      '@@ ,id ,s',
      '...,...,...',
      '   ,3  ,x',
      '→  ,4  ,x→y',
      '   ,5  ,x',
      '...,...,...',
    ]);
  });

  it('shows of many columns those that changed and the ones beside them', () => {
    const columns = 'abcdefghij'.split('');
    const values = columns.map((_, i) => i);
    const actual = values.map((value) => (value === 4 ? 40 : value));
    expect(lines(columns, [values], [actual])).toEqual(['@@,...,d,e   ,f,...', '→ ,...,3,4→40,5,...']);
  });

  it('quotes what has a comma, a quote or a line break', () => {
    expect(lines(['id', 's'], [[1, 'a,b']], [[1, 'say "x"']])).toEqual(['@@,id,s', '→ ,1 ,"a,b→say ""x"""']);
  });

  it('is cut after some rows on demand, and says how many are left', () => {
    const diff = compare(
      ['n'],
      [],
      Array.from({ length: 50 }, (_, i): Values => [i]),
    );
    const cut = diff === undefined ? [] : diffLines(diff, { maxRows: 3 });
    expect(cut).toEqual(['@@ ,n', '+++,0', '+++,1', '+++,2', '… 47 more rows']);
  });

  it('stands in results as dbt writes it', () => {
    const diff = compare(['id'], [[4]], [[5]]);
    expect(diff && diffMessage(diff)).toBe('\n\nactual differs from expected:\n\n@@ ,id\r\n---,4\r\n+++,5\r\n\n');
  });
});
