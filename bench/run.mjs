// Measures upsql, dbt-core and the bare machine side by side: `npm run bench`. See bench/README.md.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dbtProgram } from './dbt.mjs';
import { emptyResults, report, rowsOf } from './results.mjs';
import { startCases, syntheticCases } from './synthetic-cases.mjs';
import { splice, tableOf } from './table.mjs';
import { userpulseCases } from './userpulse-cases.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = join(HERE, '..');
const RESULTS = join(HERE, 'results.json');

const { values: flags } = parseArgs({
  allowNegative: true,
  options: {
    models: { type: 'string', default: '100,1000,10000' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    dbt: { type: 'boolean', default: true },
    'dbt-runs': { type: 'string', default: '1' },
    'dbt-models': { type: 'string', default: '1000' },
    userpulse: { type: 'boolean', default: true },
    events: { type: 'string', default: '1000000' },
    folder: { type: 'string' },
    upsql: { type: 'string', default: join(ROOT, 'dist/cli/bin.cjs') },
  },
});

const folder = flags.folder ?? mkdtempSync(join(tmpdir(), 'upsql-bench-'));
mkdirSync(folder, { recursive: true });
const upsql = [process.execPath, flags.upsql];
if (!existsSync(flags.upsql)) throw new Error(`${flags.upsql} is missing: run "npm run build" first`);
const dbt = flags.dbt ? dbtProgram(ROOT) : undefined;

const tools = {
  upsql,
  dbt,
  floor: [process.execPath, join(HERE, 'floor.mjs')],
  runs: Number(flags.runs),
  dbtRuns: Number(flags['dbt-runs']),
  /** dbt takes minutes for more models than this: those are measured only when asked for. */
  dbtModels: Number(flags['dbt-models']),
};

const cases = [
  ...startCases(tools),
  ...flags.models.split(',').flatMap((n) => syntheticCases(join(folder, `synthetic-${n}`), Number(n), tools)),
  ...(flags.userpulse ? userpulseCases(join(folder, 'userpulse'), ROOT, Number(flags.events), tools) : []),
];

const results = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : emptyResults();
const order = new Map(cases.map(({ id }, i) => [id, i]));
for (const { id, what, run } of cases) {
  if (!id.includes(flags.only)) continue;
  process.stderr.write(`${what} ... `);
  const found = run();
  const row = { ...results.rows[id], what, ...Object.fromEntries(Object.entries(found).filter(([, v]) => v)) };
  for (const key of Object.keys(found))
    if (found[key])
      row[key] = { ...found[key], load: Number(loadavg()[0].toFixed(1)), day: new Date().toISOString().slice(0, 10) };
  results.rows[id] = row;
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 1)}\n`);
  process.stderr.write(`${row.ours === undefined ? '' : row.ours.seconds.toFixed(3)} s\n`);
}
if (flags.folder === undefined) rmSync(folder, { recursive: true, force: true });

const rows = rowsOf(results, order);
const table = tableOf(rows);
writeFileSync(join(HERE, 'RESULTS.md'), report(table, rows));
process.stdout.write(`${table}\n`);
const readme = join(ROOT, 'README.md');
const spliced = existsSync(readme) ? splice(readFileSync(readme, 'utf8'), table) : undefined;
if (spliced !== undefined) writeFileSync(readme, spliced);
