// What is measured on the project of this repository: making the events, and building it on them.
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from './measure.mjs';

const PARTS = ['dbt_project.yml', 'profiles.example.yml', 'models', 'macros', 'seeds', 'tests'];

export function userpulseCases(folder, root, events, { upsql, floor, runs }) {
  const count = events.toLocaleString('en-US');
  const env = { NO_COLOR: '1' };
  const project = () => {
    if (existsSync(folder)) return folder;
    mkdirSync(folder, { recursive: true });
    for (const part of PARTS)
      if (existsSync(join(root, part)))
        cpSync(join(root, part), join(folder, part === 'profiles.example.yml' ? 'profiles.yml' : part), {
          recursive: true,
        });
    return folder;
  };
  const simulate = (format, out) => {
    const cwd = project();
    const file = join(cwd, `floor.${format}`);
    return {
      ours: measure([...upsql, 'simulate', '--events', String(events), '--format', format, '--out', out], {
        cwd,
        env,
        runs,
        prepare: () => rmSync(join(cwd, out), { recursive: true, force: true }),
      }),
      floor: measure([...floor, 'events', String(events), format, file], { cwd, runs }),
    };
  };
  return [
    { id: 'simulate-json', what: `simulate ${count} events, JSON`, run: () => simulate('json', 'data/raw') },
    {
      id: 'simulate-parquet',
      what: `simulate ${count} events, Parquet`,
      run: () => simulate('parquet', 'data/parquet'),
    },
    {
      id: 'userpulse-build',
      what: `build UserPulse on ${count} events`,
      run() {
        const cwd = project();
        const database = join(cwd, 'target/userpulse.duckdb');
        if (!existsSync(join(cwd, 'data/raw'))) simulate('json', 'data/raw');
        const ours = measure([...upsql, 'build'], {
          cwd,
          env,
          runs,
          prepare: () => rmSync(database, { force: true }),
        });
        const copy = join(cwd, 'floor.duckdb');
        return { ours, floor: measure([...floor, 'build', cwd, copy, database], { cwd, runs }) };
      },
    },
  ];
}
