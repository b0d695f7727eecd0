import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SqlValue } from '../../src/adapters/adapter.js';
import { createDuckDbAdapter } from '../../src/adapters/duckdb/index.js';
import { upsql } from '../unit/cli/compiled-bin.js';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, for messages that may go to either. */
  readonly text: string;
}

export interface TestProject {
  readonly dir: string;
  write(file: string, text: string): void;
  read(file: string): string;
  exists(file: string): boolean;
  /** An artifact below target/. */
  // biome-ignore lint/suspicious/noExplicitAny: artifacts are looked into by path
  artifact(name: string): any;
  /** Runs the compiled `upsql` in the project's folder; `compileBin()` comes before. */
  upsql(...args: string[]): Ran;
  /** Rows of a query on the project's DuckDB file, while no run has it open. */
  rows(sql: string): Promise<(readonly SqlValue[])[]>;
}

const DEFAULTS: Readonly<Record<string, string>> = {
  'dbt_project.yml': 'name: shop\nversion: "1.0"\nprofile: shop\n',
  'profiles.yml': 'shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb, threads: 4}\n',
};

/** A project of its own in a temporary folder, with the given files on top of a project file and a DuckDB profile. */
export function makeProject(files: Readonly<Record<string, string>>): TestProject {
  const dir = mkdtempSync(join(tmpdir(), 'upsql-project-'));
  const write = (file: string, text: string): void => {
    const path = join(dir, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  for (const [file, text] of Object.entries({ ...DEFAULTS, ...files })) write(file, text);
  return {
    dir,
    write,
    read: (file) => readFileSync(join(dir, file), 'utf8'),
    exists: (file) => existsSync(join(dir, file)),
    artifact: (name) => JSON.parse(readFileSync(join(dir, 'target', name), 'utf8')),
    upsql(...args) {
      const ran = upsql(dir, args, { HOME: dir });
      return { ...ran, text: ran.stdout + ran.stderr };
    },
    async rows(sql) {
      const adapter = createDuckDbAdapter({ type: 'duckdb', path: 'shop.duckdb' }, { projectRoot: dir });
      await adapter.open();
      try {
        const session = await adapter.session('look');
        return [...(await session.execute(sql)).rows];
      } finally {
        await adapter.close();
      }
    },
  };
}

/** Status by node name of the last run. */
export function statusesOf(project: TestProject): Record<string, string> {
  const { results } = project.artifact('run_results.json') as { results: { unique_id: string; status: string }[] };
  return Object.fromEntries(results.map(({ unique_id, status }) => [nameOf(unique_id), status]));
}

/** `model.shop.a` as `a`, a generic test's id without its hash. */
export function nameOf(uniqueId: string): string {
  return uniqueId.split('.')[2] ?? uniqueId;
}
