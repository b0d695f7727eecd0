// The whole test suite: lint, format and types, then every test; the last line has the true totals.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installS3, s3Program } from '../tests/stand-ins/s3/install.mjs';
import { installStandIn, standInPython } from '../tests/stand-ins/snowflake/install.mjs';
import { installJudge, judgePython } from './judge/install.mjs';

const CI = process.env.CI === 'true';
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const totals = { passed: 0, failed: 0, skipped: 0 };

function run(name, command, args) {
  console.log(`\n> ${name}`);
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0;
}

/** A step that is one test: it passes or it fails. */
function step(name, args) {
  totals[run(name, process.execPath, args) ? 'passed' : 'failed'] += 1;
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
  const python = judgePython();
  if (python === undefined) {
    if (CI) totals.failed += 1;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'upsql-suite-'));
  const report = join(folder, 'totals.json');
  // The report has the outcome; a run without one, or one that breaks off, is a failure.
  const ok = run("dbt's adapter suite", 'scripts/judge/adapter-suite/run.sh', [`--report=${report}`]);
  const counted = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  rmSync(folder, { recursive: true, force: true });
  totals.passed += counted?.passed ?? 0;
  totals.failed += counted?.failed ?? 0;
  totals.skipped += counted?.known ?? 0;
  if (!ok && (counted?.failed ?? 0) === 0) totals.failed += 1;
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
  const folder = mkdtempSync(join(tmpdir(), 'upsql-tests-'));
  const report = join(folder, 'report.json');
  const ok = run('vitest', process.execPath, [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  const counted = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  rmSync(folder, { recursive: true, force: true });
  totals.passed += counted?.numPassedTests ?? 0;
  totals.failed += counted?.numFailedTests ?? 0;
  totals.skipped += (counted?.numPendingTests ?? 0) + (counted?.numTodoTests ?? 0);
  // A file that fails to load has no failed test of its own.
  if (!ok && (counted?.numFailedTests ?? 0) === 0) totals.failed += 1;
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

const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
