// Writes what dbt does for each command line of tests/compat/cli/cases.yml, as tests/compat/cli/expected/<group>.json.
//
//   node scripts/judge/cli.mjs [GROUP ...]
//
// JUDGE_VENV: another virtual environment than .venv-judge (install.mjs).
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const python = join(process.env.JUDGE_VENV ?? path('../../.venv-judge'), 'bin/python');
const folder = path('../../tests/compat/cli');

/** dbt, called in forks of a process that has imported it already. */
function startDbt() {
  const server = spawn(python, [path('adapter-suite/dbt_server.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const scratch = mkdtempSync(join(tmpdir(), 'upsql-cli-dbt-'));
  const [stdout, stderr] = [join(scratch, 'out'), join(scratch, 'err')];
  return {
    async run(args, cwd, env) {
      const all = { PATH: process.env.PATH, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false', ...env };
      server.stdin.write(`${JSON.stringify({ args, cwd, env: all, stdout, stderr, end_time: null })}\n`);
      const { value } = await answers.next();
      return { code: Number(value), stdout: readFileSync(stdout, 'utf8'), stderr: readFileSync(stderr, 'utf8') };
    },
    close() {
      server.stdin.end();
      rmSync(scratch, { recursive: true });
    },
  };
}

/** JSON with a line for each entry of the outer levels. */
function laidOut(value, depth = 0) {
  if (depth === 3 || typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pad = ' '.repeat(depth + 1);
  const isList = Array.isArray(value);
  const entries = Object.entries(value).map(
    ([key, item]) => `${pad}${isList ? '' : `${JSON.stringify(key)}: `}${laidOut(item, depth + 1)}`,
  );
  const [open, close] = isList ? '[]' : '{}';
  return entries.length === 0 ? open + close : `${open}\n${entries.join(',\n')}\n${' '.repeat(depth)}${close}`;
}

const bundle = path('../../node_modules/.cache-judge-cli.mjs');
await build({
  stdin: { contents: "export * from './cases.js'; export * from './play.js';", resolveDir: folder, loader: 'ts' },
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  define: { 'import.meta.dirname': JSON.stringify(folder) },
  logLevel: 'error',
});
try {
  const { GROUPS, play } = await import(bundle);
  mkdirSync(join(folder, 'expected'), { recursive: true });
  const waiting = GROUPS.filter(({ name }) => process.argv.length < 3 || process.argv.includes(name));
  await Promise.all(
    [startDbt(), startDbt()].map(async (dbt) => {
      for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
        const played = await play(group, dbt.run);
        const kept = played.map(({ line, observation }) => ({ line, ...observation }));
        writeFileSync(join(folder, 'expected', `${group.name}.json`), `${laidOut(kept)}\n`);
        if (process.env.SHOW)
          for (const { line, ended } of played) console.log(`\n$ ${line}\n${ended.stdout}${ended.stderr}`);
        console.log(`${group.name}: ${played.length} command lines`);
      }
      dbt.close();
    }),
  );
} finally {
  rmSync(bundle, { force: true });
}
