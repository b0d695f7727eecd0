import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { git, openWorld, type World, worldFile } from '../unit/packages/world.js';

interface Outcome {
  readonly ok: boolean;
  readonly lock: string | null;
  readonly installed: readonly string[];
  /** packages.yml after --add-package. */
  readonly packages?: unknown;
}

/** What dbt-core leaves of the same, by scripts/packages/resolution.py. */
const dbt = JSON.parse(readFileSync(new URL('../unit/packages/fixtures/resolution.json', import.meta.url), 'utf8')) as {
  readonly cases: Readonly<Record<string, Outcome>>;
};

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

describe('what is resolved, locked and installed is as with dbt-core', () => {
  it('for as many cases', () => {
    expect(Object.keys(worldFile.cases)).toEqual(Object.keys(dbt.cases));
    expect(Object.keys(dbt.cases).length).toBeGreaterThan(90);
  });

  it.each(Object.entries(worldFile.cases))('%s', async (name, given) => {
    const wanted = dbt.cases[name];
    const found = typeof given === 'string' ? { packages: given } : given;
    const files: Record<string, string> = {};
    for (const key of ['packages', 'dependencies'] as const) {
      const text = found[key];
      if (text !== undefined)
        files[`${key}.yml`] = text.replace('$plain:v2', git(join(world.top, 'git/plain.git'), 'rev-parse', 'v2'));
    }
    const root = world.project(`case ${name}`, files);
    const { code, text } = await world.deps(root, found.args);
    expect(text).not.toContain(world.env.DBT_ENV_SECRET_TOKEN);
    expect(text).not.toContain('internal-error');
    expect({ code, text }).toMatchObject({ code: wanted?.ok ? 0 : 2 });
    if (wanted?.ok !== true) {
      expect(text).toMatch(/error\[[a-z-]+\]/);
      expect(existsSync(join(root, 'package-lock.yml'))).toBe(false);
      expect(existsSync(join(root, 'dbt_packages'))).toBe(false);
      return;
    }
    const lock = join(root, 'package-lock.yml');
    const text2 = existsSync(lock) ? readFileSync(lock, 'utf8') : null;
    if (wanted.packages === undefined) expect(text2).toBe(wanted.lock);
    else {
      const own = join(root, found.dependencies === undefined ? 'packages.yml' : 'dependencies.yml');
      expect(parse(readFileSync(own, 'utf8'))).toEqual(wanted.packages);
      // dbt's hash does not fit its own packages.yml here, so that its next run locks anew; ours fits at once.
      expect(parse(text2 ?? '').packages).toEqual(parse(wanted.lock ?? '').packages);
    }
    const folder = join(root, 'dbt_packages');
    expect(existsSync(folder) ? readdirSync(folder).sort() : []).toEqual(wanted.installed);
    expect(readdirSync(root).filter((entry) => entry.startsWith('.'))).toEqual([]);
  });
});
