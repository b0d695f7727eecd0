// The whole test suite: lint, format and types, then every test. At the end stands what failed, by name with the first
// line of its error; the last line has the true totals.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { installS3, s3Program } from '../tests/stand-ins/s3/install.mjs';
import { installStandIn, standInPython } from '../tests/stand-ins/snowflake/install.mjs';
import { installJudge, judgePython } from './judge/install.mjs';

const CI = process.env.CI === 'true';
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const totals = { passed: 0, skipped: 0 };
/** What failed, in one line each. */
const failures = [];

function run(name, command, args) {
  console.log(`\n> ${name}`);
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0;
}

/** Notes a failure; of the error only the first line is kept. */
function failed(name, error) {
  const [line] = stripVTControlCharacters(error).trim().split('\n');
  failures.push(`${name}: ${line}`);
}

/** A step that is one test: it passes or it fails. */
function step(name, args) {
  if (run(name, process.execPath, args)) totals.passed += 1;
  else failed(name, `${args[0]} found faults, see above`);
}

/** The report page is tested in a real browser; CI installs one, elsewhere those tests are skipped without it. */
function installBrowser() {
  if (!CI || BROWSERS.some(existsSync) || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  run('install chromium', 'sh', ['-c', 'apt-get update -qq && apt-get install -y -qq chromium >/dev/null']);
}

/** Tests on Snowflake run against a stand-in in Python, in CI or when asked for; elsewhere they are skipped without it. */
function installSnowflake() {
  const wanted = CI || process.env.UPSQL_TEST_SNOWFLAKE === '1';
  const reason = wanted ? installStandIn() : undefined;
  if (reason !== undefined) console.log(`\n> no Snowflake stand-in: ${reason}`);
  else if (standInPython() === undefined)
    console.log('\n> tests on Snowflake are skipped; UPSQL_TEST_SNOWFLAKE=1 installs their stand-in');
}

/** dbt, its adapter suite and the readers of artifacts come from PyPI, in CI or when asked for. */
function installDbt() {
  const wanted = CI || process.env.UPSQL_TEST_DBT === '1';
  const reason = wanted ? installJudge() : undefined;
  if (reason !== undefined) console.log(`\n> no dbt to judge by: ${reason}`);
  else if (judgePython() === undefined)
    console.log("\n> dbt's adapter suite and artifact readers are skipped; UPSQL_TEST_DBT=1 installs them");
}

/** dbt's adapter suite against the build. In CI it has to run; elsewhere it is skipped where it is not installed. */
function adapterSuite() {
  const suite = "dbt's adapter suite";
  if (judgePython() === undefined) {
    if (CI) failed(suite, 'it is not installed');
    return;
  }
  const { ok, report } = withReport((file) => run(suite, 'scripts/judge/adapter-suite/run.sh', [`--report=${file}`]));
  totals.passed += report?.passed ?? 0;
  const found = report?.failures ?? [];
  for (const { name, error } of found) failed(name, error);
  // A run that breaks off has no failed test of its own.
  if (!ok && found.length === 0) failed(suite, 'it broke off, see above');
}

/** Gives `work` the name of a file for its report; the report is undefined when it wrote none. */
function withReport(work) {
  const folder = mkdtempSync(join(tmpdir(), 'upsql-tests-'));
  const file = join(folder, 'report.json');
  const ok = work(file);
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  rmSync(folder, { recursive: true, force: true });
  return { ok, report };
}

/** Tests on S3 run against a server in Go, in the same way. */
function installBucket() {
  const wanted = CI || process.env.UPSQL_TEST_S3 === '1';
  const reason = wanted ? installS3() : undefined;
  if (reason !== undefined) console.log(`\n> no S3 server: ${reason}`);
  else if (s3Program() === undefined) console.log('\n> tests on S3 are skipped; UPSQL_TEST_S3=1 installs their server');
}

/** Runs vitest and adds what it counted; a run without a report is a failure. */
function vitest() {
  const { ok, report } = withReport((file) =>
    run('vitest', process.execPath, [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ]),
  );
  totals.passed += report?.numPassedTests ?? 0;
  totals.skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const before = failures.length;
  for (const { name, status, message, assertionResults } of report?.testResults ?? []) {
    const file = relative(process.cwd(), name);
    const found = assertionResults.filter((test) => test.status === 'failed');
    for (const test of found) failed(`${file} > ${test.fullName}`, test.failureMessages[0] ?? 'no reason was given');
    // A file that fails to load, or in its hooks, has no failed test of its own.
    if (status === 'failed' && found.length === 0) failed(file, message || 'it did not run');
  }
  if (!ok && failures.length === before) failed('vitest', 'it broke off, see above');
}

installBrowser();
installSnowflake();
installBucket();
installDbt();
step('lint and format', ['node_modules/@biomejs/biome/bin/biome', 'ci', '.']);
step('types', ['node_modules/typescript/bin/tsc', '--noEmit']);
step('declarations', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
step('bundle', ['scripts/bundle.mjs']);
vitest();
adapterSuite();

if (failures.length > 0) console.log(`\nFailed:\n${failures.map((line) => `  ${line}`).join('\n')}`);
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`\n${totals.passed} passed, ${failures.length} failed${skipped}`);
process.exitCode = failures.length > 0 || totals.passed === 0 ? 1 : 0;
