import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { UpsqlError } from '../../../src/diagnostics/index.js';
import { loadProject } from '../../../src/project/index.js';

/** What dbt-core makes of a dbt_project.yml; made by fixtures/make_project_cases.py. */
interface Case {
  readonly text: string;
  readonly ok?: { readonly tests: unknown; readonly models: unknown; readonly [key: string]: unknown };
  readonly error?: string;
}

const cases = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'fixtures/project_cases.json'), 'utf8'),
) as readonly Case[];
const dir = mkdtempSync(path.join(os.tmpdir(), 'upsql-cases-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it.each(cases.map((c) => [JSON.stringify(c.text), c] as const))('takes or refuses %s as dbt does', async (_, c) => {
  writeFileSync(path.join(dir, 'dbt_project.yml'), c.text);
  const load = loadProject({ projectDir: dir, env: { HOME: dir } });
  if (c.ok === undefined) {
    const error = await load.then(
      () => undefined,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(UpsqlError);
    expect((error as UpsqlError).diagnostics[0]?.place?.file).toBe(path.join(dir, 'dbt_project.yml'));
  } else {
    const { tests, models, ...rest } = c.ok;
    const { config } = await load;
    expect(config).toMatchObject(rest);
    expect(config.configs.tests).toEqual(tests);
    expect(config.configs.models).toEqual(models);
  }
});
