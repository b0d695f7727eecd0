import { describe, expect, it } from 'vitest';
import {
  applyScaling,
  fitScaling,
  matrixOf,
  orderBy,
  sampleRows,
  seededRandom,
  splitConstant,
  takeRows,
} from '../../../src/ml/index.js';
import { expectMlError } from './expect-ml-error.js';

const columns = {
  a: Float64Array.of(1, 2, 3),
  b: Float64Array.of(5, 5, 5),
  name: ['x', 'y', 'z'],
  none: new Float64Array(),
};

describe('matrixOf', () => {
  it('takes the named columns in the order asked for', () => {
    const data = matrixOf(columns, ['b', 'a']);
    expect(data.names).toEqual(['b', 'a']);
    expect(data.rows).toBe(3);
    expect([...(data.columns[1] ?? [])]).toEqual([1, 2, 3]);
  });

  it('refuses bad input with the column in the message', async () => {
    await expectMlError(() => matrixOf(columns, ['a', 'c']), 'ml-missing-column', /'c' is missing/);
    await expectMlError(() => matrixOf(columns, ['name']), 'ml-not-numeric', /'name' is not numeric/);
    await expectMlError(
      () => matrixOf(columns, ['a', 'none']),
      'ml-lengths-differ',
      /'none' has 0 rows, but 'a' has 3/,
    );
    await expectMlError(() => matrixOf(columns, ['none']), 'ml-no-rows', /no rows/);
    await expectMlError(() => matrixOf(columns, []), 'ml-no-columns', /no feature columns/);
    const infinite = { a: Float64Array.of(1, Number.POSITIVE_INFINITY) };
    await expectMlError(() => matrixOf(infinite, ['a']), 'ml-infinite-value', /'a' is infinite in row 2/);
  });
});

describe('orderBy', () => {
  it('orders by the first key, then the next, whatever the order before', () => {
    expect([...orderBy(['b', 'a', 'b', 'a'], ['2', '2', '1', '10'])]).toEqual([3, 1, 2, 0]);
    expect([...orderBy(['x', 'x'])]).toEqual([0, 1]);
    expect(orderBy([]).length).toBe(0);
  });
});

describe('splitConstant', () => {
  it('sets aside columns with one value, or none', () => {
    const data = matrixOf({ ...columns, gone: new Float64Array(3).fill(Number.NaN) }, ['a', 'b', 'gone']);
    const { varied, constant } = splitConstant(data);
    expect(varied.names).toEqual(['a']);
    expect(constant).toEqual(['b', 'gone']);
  });
});

describe('scaling', () => {
  const random = seededRandom(1);
  const skewed = Float64Array.from({ length: 2000 }, () => -Math.log(1 - random()) * 100);
  const even = Float64Array.from({ length: 2000 }, () => random() * 10 - 5);

  it('brings columns to mean 0 and deviation 1, skewed ones as logarithms', () => {
    const data = matrixOf({ skewed, even }, ['skewed', 'even']);
    const scaling = fitScaling(data);
    expect(scaling.map(({ name, log }) => [name, log])).toEqual([
      ['skewed', true],
      ['even', false],
    ]);
    for (const column of applyScaling(data, scaling).columns) {
      const mean = column.reduce((a, b) => a + b, 0) / column.length;
      const variance = column.reduce((a, b) => a + (b - mean) ** 2, 0) / column.length;
      expect(mean).toBeCloseTo(0, 9);
      expect(variance).toBeCloseTo(1, 9);
    }
  });

  it('is applied by name, whatever the order', () => {
    const scaling = fitScaling(matrixOf({ skewed, even }, ['skewed', 'even']));
    const once = applyScaling(matrixOf({ skewed, even }, ['skewed', 'even']), scaling);
    const swapped = applyScaling(matrixOf({ skewed, even }, ['even', 'skewed']), scaling);
    expect(swapped).toEqual(once);
  });

  it('refuses constant and missing values and lost columns', async () => {
    await expectMlError(() => fitScaling(matrixOf(columns, ['b'])), 'ml-constant-column', /'b' has the same value/);
    const holes = matrixOf({ h: Float64Array.of(1, Number.NaN, 3) }, ['h']);
    await expectMlError(() => fitScaling(holes), 'ml-missing-value', /'h' has no value in row 2/);
    const scaling = fitScaling(matrixOf({ even }, ['even']));
    await expectMlError(
      () => applyScaling(matrixOf({ skewed }, ['skewed']), scaling),
      'ml-missing-column',
      /'even' is missing/,
    );
  });
});

describe('sampling', () => {
  it('draws different rows in order, the same for a seed', () => {
    const rows = sampleRows(1000, 100, 9);
    expect(rows.length).toBe(100);
    expect(new Set(rows).size).toBe(100);
    expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
    expect(rows.every((row) => row < 1000)).toBe(true);
    expect(sampleRows(1000, 100, 9)).toEqual(rows);
    expect(sampleRows(1000, 100, 10)).not.toEqual(rows);
  });

  it('gives every row the same chance', () => {
    const hits = new Float64Array(20);
    for (let seed = 0; seed < 4000; seed++) for (const row of sampleRows(20, 5, seed)) hits[row] = (hits[row] ?? 0) + 1;
    // 1000 expected, deviation sqrt(4000 * 1/4 * 3/4) = 27
    for (const count of hits) expect(Math.abs(count - 1000)).toBeLessThan(5 * 27.4);
  });

  it('takes all rows when asked for more', () => {
    expect([...sampleRows(3, 10, 1)]).toEqual([0, 1, 2]);
    expect([...(takeRows(matrixOf(columns, ['a']), Uint32Array.of(2, 0)).columns[0] ?? [])]).toEqual([3, 1]);
  });
});
