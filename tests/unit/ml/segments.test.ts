import { describe, expect, it } from 'vitest';
import {
  assignClusters,
  type Clustering,
  kMeans,
  matrixOf,
  nameSegments,
  seededRandom,
} from '../../../src/ml/index.js';
import { expectMlError } from './expect-ml-error.js';

/** Points around the given centres, the same number around each. */
function blobs(centres: readonly (readonly [number, number])[], each: number, seed = 3) {
  const random = seededRandom(seed);
  const points = centres.flatMap(([x, y]) =>
    Array.from({ length: each }, () => [x + random() - 0.5, y + random() - 0.5]),
  );
  return matrixOf({ x: Float64Array.from(points, ([x = 0]) => x), y: Float64Array.from(points, ([, y = 0]) => y) }, [
    'x',
    'y',
  ]);
}

const CENTRES = [
  [0, 0],
  [10, 0],
  [0, 10],
] as const;

describe('kMeans', () => {
  it('finds well separated groups and assigns every row to its own', async () => {
    const data = blobs(CENTRES, 200);
    const fitted = await kMeans({ k: 3, seed: 1 }).fit(data);
    const { cluster, distance } = assignClusters(fitted, data);
    for (let group = 0; group < 3; group++)
      expect(new Set(cluster.subarray(group * 200, group * 200 + 200)).size).toBe(1);
    expect(new Set(cluster).size).toBe(3);
    expect(Math.max(...distance)).toBeLessThan(0.8);
    expect(fitted.inertia).toBeCloseTo(
      distance.reduce((sum, d) => sum + d * d, 0),
      6,
    );
  });

  it('repeats for a seed', async () => {
    const data = blobs([[0, 0]], 500);
    const once = await kMeans({ k: 4, seed: 8 }).fit(data);
    expect(await kMeans({ k: 4, seed: 8 }).fit(data)).toEqual(once);
  });

  it('keeps the best of its restarts', async () => {
    const data = blobs([...CENTRES, [10, 10], [5, 5]], 60);
    const one = await kMeans({ k: 5, seed: 2, restarts: 1 }).fit(data);
    const ten = await kMeans({ k: 5, seed: 2, restarts: 10 }).fit(data);
    expect(ten.inertia).toBeLessThanOrEqual(one.inertia);
  });

  it('fits a sample of a large table and still assigns all rows', async () => {
    const data = blobs(CENTRES, 2000);
    const fitted = await kMeans({ k: 3, sampleRows: 300 }).fit(data);
    expect(fitted.fittedRows).toBe(300);
    expect(assignClusters(fitted, data).cluster.length).toBe(6000);
    expect(Math.max(...assignClusters(fitted, data).distance)).toBeLessThan(0.9);
  });

  it('refuses bad input', async () => {
    const two = matrixOf({ x: Float64Array.of(1, 2) }, ['x']);
    await expectMlError(() => kMeans({ k: 3 }).fit(two), 'ml-too-few-rows', /2 rows for 3 clusters/);
    const same = matrixOf({ x: new Float64Array(50).fill(1) }, ['x']);
    await expectMlError(() => kMeans({ k: 2 }).fit(same), 'ml-too-few-rows', /only 1 different rows for 2 clusters/);
    await expectMlError(() => kMeans({ k: 1 }), 'ml-cluster-count', /is 1/);
    await expectMlError(() => kMeans({ k: 2.5 }), 'ml-cluster-count', /2\.5/);
    const holes = matrixOf({ x: Float64Array.of(1, Number.NaN, 3) }, ['x']);
    await expectMlError(() => kMeans({ k: 2 }).fit(holes), 'ml-missing-value', /'x' has no value in row 2/);
    const fitted = await kMeans({ k: 2 }).fit(two);
    await expectMlError(
      () => assignClusters(fitted, matrixOf({ y: Float64Array.of(1) }, ['y'])),
      'ml-missing-column',
      /'x' is missing/,
    );
  });
});

describe('nameSegments', () => {
  const roles = { recency: 'silence', engagement: ['events', 'days'] };
  const clustering = (centres: readonly (readonly number[])[]): Clustering => ({
    features: ['events', 'silence', 'days'],
    centres,
    inertia: 0,
    fittedRows: 10,
  });
  const power = [2, -1, 1.5];
  const casual = [-0.5, 0, -0.4];
  const risk = [-1, 2, -1];

  it('names by profile, whatever number a cluster got', () => {
    const expected = new Map([
      [power, 'Power Users'],
      [casual, 'Casual Browsers'],
      [risk, 'At-Risk'],
    ]);
    for (const order of [
      [power, casual, risk],
      [risk, power, casual],
      [casual, risk, power],
    ]) {
      const segments = nameSegments(clustering(order), roles);
      expect(segments.map(({ name }) => name)).toEqual(['Power Users', 'Casual Browsers', 'At-Risk']);
      for (const { name, cluster } of segments) expect(expected.get(order[cluster] ?? [])).toBe(name);
    }
  });

  it('has names for 2 to 5 clusters', async () => {
    expect(nameSegments(clustering([power, risk]), roles).map(({ name }) => name)).toEqual(['Power Users', 'At-Risk']);
    const four = nameSegments(clustering([power, risk, casual, [0.5, 0, 0.5]]), roles);
    expect(four.map(({ name }) => name)).toEqual(['Power Users', 'Regular Users', 'Casual Browsers', 'At-Risk']);
    expect(four[1]?.cluster).toBe(3);
    await expectMlError(() => nameSegments(clustering([power]), roles), 'ml-cluster-count', /2 to 5 segments, but 1/);
    await expectMlError(() => nameSegments(clustering(new Array(6).fill(power)), roles), 'ml-cluster-count', /but 6/);
    await expectMlError(
      () => nameSegments(clustering([power, risk]), { ...roles, recency: 'gone' }),
      'ml-missing-column',
      /'gone' is missing/,
    );
  });
});
