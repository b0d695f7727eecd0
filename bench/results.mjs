// The measurements as they are kept, and the page that is made of them.
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

export const emptyResults = () => ({ rows: {} });

/** The rows in the order of the cases; those measured earlier, and not asked for now, keep their place at the end. */
export function rowsOf(results, order) {
  const place = ([id]) => order.get(id) ?? order.size;
  return Object.entries(results.rows)
    .sort((a, b) => place(a) - place(b))
    .map(([, row]) => row);
}

const range = (numbers) => {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return low === high ? String(low) : `${low} to ${high}`;
};

function machine() {
  const [first, ...others] = cpus();
  return `${others.length + 1} × ${first?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB of memory, ${process.platform}, Node ${process.version}`;
}

function revision() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

/** RESULTS.md. */
export function report(table, rows) {
  const found = (key) => rows.map((row) => row[key]).filter((measured) => measured !== undefined);
  const all = ['ours', 'dbt', 'floor'].flatMap(found);
  if (all.length === 0) return '# Measured\n\nNothing yet.\n';
  const days = [...new Set(all.map((measured) => measured.day))].sort();
  const dbt = found('dbt');
  return `# Measured

Made by \`npm run bench\` at revision ${revision()} on ${days.join(', ')}: ${machine()}.

Medians: of ${range(found('ours').map((measured) => measured.runs))} runs of upsql, after one that is not counted${dbt.length === 0 ? '' : `; of ${range(dbt.map((measured) => measured.runs))} of dbt-core`}. The tools ran one after
another, in an environment with PATH, HOME, LANG, TMPDIR and little else. The load of the machine (1 minute) was ${range(all.map((measured) => measured.load))}.

${table}

The floors: an empty Node process for \`--version\`; reading and hashing every file for \`parse\`; for \`build\` the same compiled
statements sent to DuckDB one after another by \`@duckdb/node-api\`; for \`simulate\` rows of the same columns made and written by
DuckDB itself, without users that behave like users. Each is a process of its own, with Node's start in it.
`;
}
