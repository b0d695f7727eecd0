// Counts the statements that upsql and dbt-snowflake send for the same project to the same stand-in, and prints them side
// by side: `npm run bench:snowflake`. With --write, dbt's counts go to bench/snowflake/dbt-snowflake.json, which the tests
// hold upsql against. Installs dbt-snowflake into .venv-bench-snowflake and the stand-in into .venv-tests.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pythonVenv } from '../scripts/python-venv.mjs';
import { installStandIn, standInPython } from '../tests/stand-ins/snowflake/install.mjs';
import { countStatements, tableLines, worse } from './snowflake/count-statements.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const PROJECT = path('../tests/integration/fixtures/snowflake-statements');
const COUNTS = path('snowflake/dbt-snowflake.json');
const ARGS = ['build', '--event-time-start', '2024-01-01', '--event-time-end', '2024-01-02'];

const dbt = pythonVenv(path('../.venv-bench-snowflake'), [path('snowflake/requirements.txt')]);
for (const install of [dbt.install, installStandIn]) {
  const reason = install();
  if (reason !== undefined) throw new Error(reason);
}
const version = /^dbt-snowflake==(.*)$/m.exec(readFileSync(path('snowflake/requirements.txt'), 'utf8'))?.[1];

/** Builds the project twice against a stand-in of its own; gives statements by node, one map a build. */
async function build(command) {
  const folder = mkdtempSync(join(tmpdir(), 'upsql-bench-'));
  const own = { UPSQL_STAND_IN_STAGES: folder, UPSQL_STAND_IN_NO_TRANSACTIONS: '1', DO_NOT_TRACK: '1' };
  const env = { ...process.env, ...own };
  const server = spawn(standInPython(), [path('../tests/stand-ins/snowflake/server.py'), '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env,
  });
  try {
    const port = await new Promise((done, fail) => {
      createInterface(server.stdout).once('line', (line) => done(JSON.parse(line).port));
      server.once('exit', (code) => fail(new Error(`the stand-in ended with ${code}`)));
    });
    const dir = join(folder, 'project');
    cpSync(PROJECT, dir, { recursive: true });
    const output = {
      ...{ type: 'snowflake', threads: 1, account: 'testaccount', host: '127.0.0.1', port, protocol: 'http' },
      ...{ user: 'tester', password: 'correct horse', role: 'TRANSFORMER', warehouse: 'TRANSFORMING' },
      ...{ database: 'ANALYTICS', schema: 'DBT' },
    };
    writeFileSync(join(dir, 'profiles.yml'), JSON.stringify({ counted: { target: 'dev', outputs: { dev: output } } }));
    const builds = [];
    for (let n = 1; n <= 2; n++) {
      const child = spawn(command[0], [...command.slice(1), ...ARGS], { cwd: dir, env });
      let text = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (text += piece));
      const code = await new Promise((done) => child.once('close', done));
      if (code !== 0) throw new Error(`${command[0]} ended with ${code}:\n${text}`);
      const body = JSON.stringify({ do: 'log', clear: true });
      const answer = await fetch(`http://127.0.0.1:${port}/stand-in`, { method: 'POST', body });
      builds.push(countStatements((await answer.json()).statements));
    }
    return builds;
  } finally {
    server.removeAllListeners('exit');
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

const theirs = await build([path('../.venv-bench-snowflake/bin/dbt')]);
const ours = await build([process.execPath, path('../dist/cli/bin.cjs')]);
if (process.argv.includes('--write'))
  writeFileSync(COUNTS, `${JSON.stringify({ version, builds: theirs }, null, 2)}\n`);

console.log(tableLines(ours, theirs, version).join('\n'));
const more = worse(ours, theirs);
if (more.length > 0) {
  console.log(`upsql sends more than dbt-snowflake for ${more.join(', ')}`);
  process.exitCode = 1;
}
