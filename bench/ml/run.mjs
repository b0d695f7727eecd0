// Measures upsql/ml beside xgboost and scikit-learn on the same rows and cores. See bench/ml/README.md.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  applyScaling,
  assignClusters,
  ensembleModel,
  fitScaling,
  formatArtifact,
  kMeans,
  readSpec,
  rocAuc,
  seededRandom,
  taskColumns,
  trainEnsembleInThreads,
  trainTask,
} from '../../dist/ml/index.js';
import { predictSql } from '../../dist/ml/sql/index.js';
import { setUpPeers } from './peers.mjs';
import { blobs as blobRows, churnRows as churnTable, FEATURES } from './rows.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { values: options } = parseArgs({
  options: {
    train: { type: 'string', default: '100000,1000000' },
    score: { type: 'string', default: '10000000' },
    sql: { type: 'string', default: '1000000' },
    cluster: { type: 'string', default: '1000000' },
    venv: { type: 'string', default: join(tmpdir(), 'upsql-bench-ml') },
    repeat: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
});
const THREADS = Math.min(2, availableParallelism());
const TREES = 100;
const churnRows = (rows, seed) => churnTable(rows, seededRandom(seed));
const blobs = (rows, seed) => blobRows(rows, seededRandom(seed));
const sizes = (text) => text.split(',').filter(Boolean).map(Number);

async function timed(work) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { result, wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
}

/** Both in turn, several times; of each the least wall and the least CPU seconds. */
async function inTurn(ours, theirs) {
  const least = [undefined, undefined];
  for (let i = 0; i < Number(options.repeat); i++)
    for (const [k, run] of [ours, theirs].entries()) {
      const now = await run();
      const before = least[k] ?? now;
      least[k] = { ...now, wall: Math.min(now.wall, before.wall), cpu: Math.min(now.cpu, before.cpu) };
    }
  return least;
}

const folder = mkdtempSync(join(tmpdir(), 'upsql-bench-'));
function save(name, columns) {
  const file = join(folder, name);
  writeFileSync(
    file,
    Buffer.concat(columns.map((column) => new Uint8Array(column.buffer, column.byteOffset, column.byteLength))),
  );
  return file;
}

const lines = [];
function report(what, ours, theirs, quality = '') {
  const show = (x) => (x >= 100 ? x.toFixed(0) : x.toPrecision(3));
  const line = [
    what,
    `${show(ours.wall)} s (${show(ours.cpu)})`,
    `${show(theirs.wall)} s (${show(theirs.cpu)})`,
    (ours.wall / theirs.wall).toFixed(2),
    (ours.cpu / theirs.cpu).toFixed(2),
    quality,
  ];
  lines.push(line);
  console.log(`${line.join(' | ')}   load ${loadavg()[0].toFixed(1)}`);
}

/** A project with a trained model and a table of users; gives a function that scores so many of them. */
async function scoringProject() {
  const { data, labels } = churnRows(100_000, 1);
  const spec = { type: 'classifier', features: data.names, label: 'y', key: ['id'], keep: ['id'], trees: TREES };
  const columns = new Map([...data.names.map((name, j) => [name, data.columns[j]]), ['y', labels]]);
  columns.set('id', Float64Array.from(labels.keys()));
  const options = { name: 'churn', model: 'model.bench.churn', libraryVersion: '0.0.0' };
  const { artifact } = await trainTask(readSpec(spec, 'churn'), taskColumns(columns, labels.length, ['id']), options);
  const root = join(folder, 'project');
  for (const path of ['models', 'ml/churn']) mkdirSync(join(root, path), { recursive: true });
  const write = (path, text) => writeFileSync(join(root, path), text);
  write('dbt_project.yml', 'name: bench\nversion: 1.0.0\nprofile: bench\n');
  // DuckDB takes as many threads as there are cores; only where there are more than the peer may use it has to be told.
  const settings = THREADS < availableParallelism() ? `, settings: {threads: ${THREADS}}` : '';
  const target = `{type: duckdb, path: score.duckdb, threads: 1${settings}}`;
  write('profiles.yml', `bench: {target: dev, outputs: {dev: ${target}}}\n`);
  write('models/churn.sql', 'select * from main.users');
  write(
    'models/models.yml',
    `models: [{name: churn, config: {materialized: table, ml: {type: classifier, features: [${data.names}], label: y, key: [id], keep: [id]}}}]\n`,
  );
  write('ml/churn/1.json', formatArtifact(artifact));
  write('ml/churn/promoted.json', '{"version": 1}\n');
  const score = async (rows, plain) => {
    const instance = await DuckDBInstance.create(join(root, 'score.duckdb'), { threads: String(THREADS) });
    const connection = await instance.connect();
    await connection.run(
      `create or replace table users as select i as id, ${data.names.map((name) => `random() * 2 - 1 as ${name}`).join(', ')} from range(${rows}) as r (i)`,
    );
    const { sql } = predictSql(artifact, 'users', { type: 'duckdb', quote: (name) => `"${name}"` }, { keep: ['id'] });
    const measured = plain ? await timed(() => connection.run(`create or replace table scores as ${sql}`)) : undefined;
    await connection.run('checkpoint');
    connection.closeSync();
    instance.closeSync();
    return measured ?? timedCommand(root, ['run', '--select', 'churn']);
  };
  return Object.assign(score, { files: { data: save('train', data.columns), labels: save('labels', [labels]) } });
}

/** Wall and CPU seconds of the whole command, start-up too. */
function timedCommand(cwd, args) {
  const start = performance.now();
  const command = `"${process.execPath}" "${here('../../dist/cli/bin.cjs')}" ${args.join(' ')} >&2 && times`;
  const out = execFileSync('sh', ['-c', command], { cwd, stdio: ['ignore', 'pipe', 'pipe'] }).toString();
  const wall = (performance.now() - start) / 1000;
  const [, children = ''] = out.trim().split('\n');
  const cpu = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + 60 * m + Number(s), 0);
  return { wall, cpu };
}

const count = (rows) => (rows >= 1e6 ? `${rows / 1e6}M` : `${rows / 1e3}k`);
try {
  const peer = setUpPeers(options.venv, THREADS);
  console.log('what | ours: wall s (CPU s) | theirs | wall ratio | CPU ratio | quality');
  const test = churnRows(50_000, 99);
  const testFiles = { test: save('test', test.data.columns), test_labels: save('test-labels', [test.labels]) };
  for (const rows of sizes(options.train)) {
    const { data, labels } = churnRows(rows, 1);
    const files = { data: save('train', data.columns), labels: save('labels', [labels]) };
    const [ours, theirs] = await inTurn(
      () => timed(() => trainEnsembleInThreads(data, labels, { trees: TREES }, THREADS)),
      () => peer({ kind: 'train', features: FEATURES, trees: TREES, ...files, ...testFiles }),
    );
    const auc = rocAuc(test.labels, ensembleModel(ours.result, rows).predict(test.data));
    report(
      `train ${TREES} trees of depth 4, ${count(rows)} rows (xgboost hist)`,
      ours,
      theirs,

      `AUC ${auc.toFixed(4)}, theirs ${theirs.auc.toFixed(4)}`,
    );
  }
  const score = await scoringProject();
  for (const [plain, list] of [
    [false, options.score],
    [true, options.sql],
  ])
    for (const rows of sizes(list)) {
      const [ours, theirs] = await inTurn(
        () => score(rows, plain),
        () => peer({ kind: 'score', features: FEATURES, trees: TREES, rows, ...score.files }),
      );
      const rate = (seconds) => `${(rows / seconds / 1e6).toFixed(2)}M`;
      report(
        plain
          ? `score ${count(rows)} rows by plain SQL, as in views (xgboost predict, in memory)`
          : `score ${count(rows)} rows: \`upsql run\` of a model with an ml config, table to table (xgboost predict, in memory)`,
        ours,
        theirs,
        `${rate(ours.wall)} rows/s, theirs ${rate(theirs.wall)}`,
      );
    }
  for (const rows of sizes(options.cluster)) {
    const raw = blobs(rows, 1);
    const data = applyScaling(raw, fitScaling(raw));
    const file = save('cluster', data.columns);
    await import('ml-kmeans');
    const cluster = async () => assignClusters(await kMeans({ k: 4, restarts: 1 }).fit(data), data);
    const [ours, theirs] = await inTurn(
      () => timed(cluster),
      () => peer({ kind: 'kmeans', features: 7, data: file, k: 4, starts: 1 }),
    );
    const inertia = ours.result.distance.reduce((sum, d) => sum + d * d, 0);
    report(
      `k-means, 4 clusters, ${count(rows)} rows, one start: fit on a sample of 20k, assign all (scikit-learn)`,
      ours,
      theirs,

      `inertia ${(100 * (inertia / theirs.inertia - 1)).toFixed(2)}% above theirs`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const head = ['what (peer)', 'upsql: wall (CPU)', 'peer: wall (CPU)', 'wall ratio', 'CPU ratio', 'quality'];
const table = [head, head.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
console.log(`\n${table}`);
if (options.write) {
  const file = here('../../README.md');
  const [start, end] = ['<!-- bench:ml -->', '<!-- /bench:ml -->'];
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no ${start} … ${end}`);
  const note = `Measured by \`node bench/ml/run.mjs\` with ${THREADS} threads, the best of ${options.repeat} in turn, at a load of ${loadavg()[0].toFixed(1)} at the end (1 is one busy core): above 2, CPU seconds say more than the wall's. A ratio below 1 is faster than the peer.`;
  writeFileSync(file, `${text.slice(0, from)}${start}\n\n${table}\n\n${note}\n\n${text.slice(to)}`);
}
