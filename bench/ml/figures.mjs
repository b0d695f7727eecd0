// Writes what xgboost and scikit-learn make of the cases of rows.mjs to tests/unit/ml/python-figures.json, which the tests compare with.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../../dist/ml/index.js';
import { setUpPeers } from './peers.mjs';
import { blobs, CLUSTERINGS, FEATURES, TRAININGS, trainingRows } from './rows.mjs';

const peer = setUpPeers(process.argv[2] ?? join(tmpdir(), 'upsql-bench-ml'), 2);
const folder = mkdtempSync(join(tmpdir(), 'upsql-figures-'));
const save = (name, columns) => {
  const file = join(folder, name);
  writeFileSync(file, Buffer.concat(columns.map((column) => Buffer.from(column.buffer))));
  return file;
};
try {
  const figures = { auc: {}, inertia: {} };
  for (const training of TRAININGS) {
    const { train, test } = trainingRows(training, seededRandom);
    const files = {
      data: save('data', train.data.columns),
      labels: save('labels', [train.labels]),
      test: save('test', test.data.columns),
      test_labels: save('test-labels', [test.labels]),
    };
    figures.auc[training.id] = peer({ kind: 'train', features: FEATURES, trees: 100, ...files }).auc;
  }
  for (const { id, rows, seed, apart, k } of CLUSTERINGS) {
    const data = save('data', blobs(rows, seededRandom(seed), apart).columns);
    figures.inertia[id] = peer({ kind: 'kmeans', features: 7, data, k, starts: 5 }).inertia;
  }
  const file = fileURLToPath(new URL('../../tests/unit/ml/python-figures.json', import.meta.url));
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
  console.log(figures);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
