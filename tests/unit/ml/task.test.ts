import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Artifact,
  fingerprint,
  formatArtifact,
  openStore,
  parseArtifact,
} from '../../../src/ml/artifact/index.js';
import { seededRandom } from '../../../src/ml/index.js';
import { predictCluster, predictProbability } from '../../../src/ml/predict.js';
import { readSpec, taskColumns, trainTask } from '../../../src/ml/task/index.js';
import { expectMlError } from './expect-ml-error.js';
import { randomClassifier, randomClusters } from './random-models.js';

const OPTIONS = { name: 'm', model: 'model.p.m', libraryVersion: '1.0.0' };

/** Three groups far apart in x and y. */
function groups(rows: number): Map<string, Float64Array | string[]> {
  const random = seededRandom(2);
  const group = Array.from({ length: rows }, (_, i) => i % 3);
  return new Map<string, Float64Array | string[]>([
    ['id', group.map((_, i) => `u${i}`)],
    ['x', Float64Array.from(group, (g) => g * 10 - 10 + random())],
    ['y', Float64Array.from(group, (g) => (g === 1 ? 20 : 0) + random())],
    ['same', new Float64Array(rows).fill(7)],
  ]);
}

const clusters = (more: object) => readSpec({ type: 'kmeans', features: ['x', 'y'], key: ['id'], ...more }, 'm');

describe('training k-means', () => {
  it('chooses the k with the best silhouette, and describes the clusters', async () => {
    const { artifact, notes } = await trainTask(
      clusters({ k: 'auto' }),
      taskColumns(groups(300), 300, ['id']),
      OPTIONS,
    );
    if (artifact.task !== 'kmeans') throw new Error('not k-means');
    expect(artifact.clustering.centres.length).toBe(3);
    expect(notes.join('\n')).toMatch(/silhouette by k: 2: 0\.\d+, 3: 0\.\d+/);
    expect(artifact.segments).toEqual(['Cluster 1', 'Cluster 2', 'Cluster 3']);
    for (const { share, means } of artifact.profiles) {
      expect(share).toBeCloseTo(1 / 3, 9);
      expect(means.length).toBe(2);
    }
    expect(parseArtifact(formatArtifact(artifact), 'f')).toEqual(artifact);
  });

  it('leaves out what is the same in every row, and refuses rows of which nothing is left', async () => {
    const columns = taskColumns(groups(60), 60, ['id']);
    const { artifact, notes } = await trainTask(clusters({ features: ['x', 'same'], k: 2 }), columns, OPTIONS);
    expect(artifact.features).toEqual(['x']);
    expect(notes[0]).toMatch(/left out, .*: same/);
    const constant = trainTask(clusters({ features: ['same'] }), columns, OPTIONS);
    await expectMlError(() => constant, 'ml-constant-column', /same value in every row/);
  });

  it('refuses fewer rows than clusters, infinities and texts', async () => {
    const few = trainTask(clusters({ k: 5 }), taskColumns(groups(3), 3, ['id']), OPTIONS);
    await expectMlError(() => few, 'ml-too-few-rows', /3 rows for 5 clusters/);
    const broken = groups(30);
    (broken.get('x') as Float64Array)[4] = Number.POSITIVE_INFINITY;
    const infinite = trainTask(clusters({}), taskColumns(broken, 30, ['id']), OPTIONS);
    await expectMlError(() => infinite, 'ml-infinite-value', /'x' is infinite/);
    const text = trainTask(clusters({ features: ['id'] }), taskColumns(groups(30), 30, ['id']), OPTIONS);
    await expectMlError(() => text, 'ml-not-numeric', /'id' is not numeric/);
  });

  it('does not depend on the order of rows', async () => {
    const plain = groups(120);
    const turned = new Map([...plain].map(([name, column]) => [name, column.slice().reverse()] as const));
    const one = await trainTask(clusters({}), taskColumns(plain, 120, ['id']), OPTIONS);
    const other = await trainTask(clusters({}), taskColumns(turned, 120, ['id']), OPTIONS);
    expect(formatArtifact(other.artifact)).toBe(formatArtifact(one.artifact));
  });
});

describe('an old model on new data', () => {
  it('finds its columns by name in any order and case, and reads missing values by its rule', () => {
    const model = { ...randomClassifier(seededRandom(3), 2, 8, 3), missing: 'zero' as const };
    const [a, b] = [Float64Array.of(1, Number.NaN, -3), Float64Array.of(Number.NaN, 2, 5)];
    const zero = (column: Float64Array) => column.map((x) => (Number.isNaN(x) ? 0 : x));
    const expected = predictProbability(model, { rows: 3, names: ['f 0', 'f 1'], columns: [zero(a), zero(b)] });
    const other = { rows: 3, names: ['new', 'F 1', 'F 0'], columns: [Float64Array.of(9, 9, 9), b, a] };
    expect(predictProbability(model, other)).toEqual(expected);
    const clusterer = randomClusters(seededRandom(4), 2, 3);
    const known = predictCluster(clusterer, { rows: 3, names: ['f 0', 'f 1'], columns: [zero(a), zero(b)] });
    expect(predictCluster(clusterer, other)).toEqual(known);
  });

  it('names the features that are gone', async () => {
    const model = randomClassifier(seededRandom(3), 3, 2, 2);
    await expectMlError(
      () => predictProbability(model, { rows: 1, names: ['f 1'], columns: [Float64Array.of(1)] }),
      'ml-missing-column',
      /'churn' \(version 1\) needs 'f 0', 'f 2'/,
    );
  });
});

describe('the folder of models', () => {
  const store = () => openStore(mkdtempSync(join(tmpdir(), 'upsql-models-')));

  it('numbers versions, writes the same model once, and leaves no half file', async () => {
    const models = store();
    const first: Artifact = randomClassifier(seededRandom(1), 2, 3, 2);
    expect((await models.save(first)).artifact.version).toBe(1);
    expect(await models.save(first)).toMatchObject({ added: false, artifact: { version: 1 } });
    const second = randomClassifier(seededRandom(2), 2, 3, 2);
    expect(await models.save(second)).toMatchObject({ added: true, artifact: { version: 2 } });
    expect(readdirSync(join(models.folder, 'churn')).sort()).toEqual(['1.json', '2.json']);
    expect(models.load('churn', 2)).toEqual({ ...second, version: 2 });
    await expectMlError(() => models.load('churn'), 'ml-not-promoted', /no version .* is promoted/);
    await models.promote('churn', 1);
    expect(models.load('churn')).toEqual(first);
    writeFileSync(join(models.folder, 'churn/promoted.json'), '{"version": ');
    await expectMlError(() => models.load('churn'), 'ml-artifact-damaged', /does not name a version/);
  });

  it('refuses names that lead out of it, and models whose parts do not fit', async () => {
    const models = store();
    await expectMlError(() => models.load('../x'), 'ml-model-name', /can't be the name/);
    const model = randomClassifier(seededRandom(1), 2, 3, 2);
    const loop = structuredClone(model);
    const [tree] = loop.ensemble.trees;
    if (tree !== undefined) tree.left[0] = 0;
    await expectMlError(() => parseArtifact(formatArtifact(loop), 'f.json'), 'ml-artifact-damaged', /do not fit/);
    const wide = { ...model, features: ['f 0'] };
    await expectMlError(() => parseArtifact(formatArtifact(wide), 'f.json'), 'ml-artifact-damaged', /other features/);
  });

  it('is told apart by the bytes of what was learnt', () => {
    const data = { rows: 2, names: ['a'], columns: [Float64Array.of(1, 2)] };
    expect(fingerprint(data)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(fingerprint({ ...data, columns: [Float64Array.of(2, 1)] })).not.toBe(fingerprint(data));
    expect(fingerprint(data, Float64Array.of(0, 1))).not.toBe(fingerprint(data));
  });

  it('writes each tree on lines of its own, so that a change of one number is a small one', async () => {
    const models = store();
    const model = randomClassifier(seededRandom(1), 2, 30, 4);
    await models.save(model);
    const lines = readFileSync(models.file('churn', 1), 'utf8').split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(140);
  });
});
