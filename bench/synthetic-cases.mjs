// What is measured on synthetic projects: each case runs our tool, dbt where asked for, and the floor where there is one.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from './measure.mjs';
import { writeSyntheticProject } from './synthetic.mjs';

const QUIET = { DBT_SEND_ANONYMOUS_USAGE_STATS: 'false', DBT_LOG_PATH: 'logs', NO_COLOR: '1' };

/** Start-up: what every command pays. */
export function startCases({ upsql, dbt, runs, dbtRuns }) {
  const env = QUIET;
  return [
    {
      id: 'version',
      what: '`--version`',
      run: () => ({
        ours: measure([...upsql, '--version'], { env, runs: runs * 3 }),
        dbt: dbt && measure([...dbt, '--version'], { env, runs: dbtRuns }),
        floor: measure([process.execPath, '-e', '0'], { env, runs: runs * 3 }),
      }),
    },
  ];
}

/** Changes a comment of one model, so that each call leaves another text. */
function editOne(folder) {
  const file = join(folder, 'models/intermediate/part_0/int_0.sql');
  const text = readFileSync(file, 'utf8').replace(/\n-- edit \d+$/, '');
  writeFileSync(file, `${text}\n-- edit ${Math.floor(Math.random() * 1e9)}`);
}

export function syntheticCases(base, models, tools) {
  const { upsql, dbt, floor, runs, dbtRuns, dbtModels } = tools;
  const theirs = models <= dbtModels ? dbt : undefined;
  const count = models.toLocaleString('en-US');
  // Each tool has a copy of its own, so that neither finds the other's files.
  const folders = { ours: `${base}-upsql`, dbt: `${base}-dbt` };
  const project = (tool) => {
    if (!existsSync(folders[tool])) writeSyntheticProject(folders[tool], models);
    return folders[tool];
  };
  const ours = (args, prepare, warmUps = 1) =>
    measure([...upsql, ...args], { cwd: project('ours'), env: QUIET, runs, warmUps, prepare: () => prepare?.('ours') });
  const its = (args, prepare, warmUps = 0) =>
    theirs &&
    measure([...theirs, ...args], {
      cwd: project('dbt'),
      env: QUIET,
      runs: dbtRuns,
      warmUps,
      prepare: () => prepare?.('dbt'),
    });
  const forget = (tool) => rmSync(join(project(tool), 'target'), { recursive: true, force: true });
  const forgetTables = (tool) => {
    for (const name of ['synthetic.duckdb', 'synthetic.duckdb.wal']) rmSync(join(project(tool), name), { force: true });
  };
  const edit = (tool) => editOne(project(tool));
  const both = (args, prepare) => ({ ours: ours(args, prepare), dbt: its(args, prepare) });
  const list = [
    {
      id: `parse-cold-${models}`,
      what: `parse ${count} models, cold`,
      run: () => ({
        ...both(['parse'], forget),
        floor: measure([...floor, 'read', project('ours')], { runs }),
      }),
    },
    { id: `parse-warm-${models}`, what: `parse ${count}, nothing changed`, run: () => both(['parse']) },
    { id: `parse-edit-${models}`, what: `parse ${count}, one model changed`, run: () => both(['parse'], edit) },
    { id: `ls-${models}`, what: `ls of ${count}`, run: () => both(['ls']) },
  ];
  if (models > 1000) return list;
  return [
    ...list,
    { id: `compile-${models}`, what: `compile ${count}`, run: () => both(['compile']) },
    {
      id: `build-${models}`,
      what: `build ${count} (5 seeds, ${(models * 2).toLocaleString('en-US')} tests)`,
      run: () => ({
        ...both(['build'], forgetTables),
        floor: measure([...floor, 'build', project('ours'), join(project('ours'), 'floor.duckdb')], { runs }),
      }),
    },
  ];
}
