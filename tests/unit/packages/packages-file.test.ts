import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packagesHash } from '../../../src/packages/lock-file.js';
import { hideCredentials } from '../../../src/project/credentials.js';
import { readPackagesFile, readPackagesText } from '../../../src/project/packages-file.js';

/** What dbt-core makes of single entries, by scripts/packages/resolution.py. */
const { hashes } = JSON.parse(readFileSync(new URL('./fixtures/resolution.json', import.meta.url), 'utf8')) as {
  readonly hashes: readonly (readonly [entry: unknown, hash: string | null])[];
};
const context = { env: {}, cliVars: {} };

describe('an entry of packages.yml has the hash that dbt gives it, or is refused as dbt does', () => {
  it.each(hashes)('%j', async (entry, hash) => {
    // JSON has no 1.0, and YAML reads a number with its point as such.
    const text = JSON.stringify({ packages: [entry] }).replace('"version":1}', '"version":1.0}');
    const own = readPackagesText(text, 'packages.yml', context).then(packagesHash);
    if (hash === null) await expect(own).rejects.toThrow();
    else expect(await own).toBe(hash);
  });

  it('and the order of entries plays no part', async () => {
    const hash = async (text: string) => packagesHash(await readPackagesText(text, 'packages.yml', context));
    expect(await hash('packages: [{local: a}, {local: b}]')).toBe(await hash('packages: [{local: b}, {local: a}]'));
  });
});

describe('credentials', () => {
  it.each([
    ['https://user:token@host/x.git', 'https://*****@host/x.git'],
    ['https://token@host/x and http://a:b@c/', 'https://*****@host/x and http://*****@c/'],
    ['https://user:p@ss@host/x', 'https://*****@host/x'],
    ['ssh://git@host/x', 'ssh://git@host/x'],
    ['ssh://git:pw@host/x', 'ssh://*****@host/x'],
    ['git@host:org/x.git', 'git@host:org/x.git'],
    [
      'https://host/x?a=1&access_token=abc&X-Amz-Signature=def',
      'https://host/x?a=1&access_token=*****&X-Amz-Signature=*****',
    ],
    ["https://{{ env_var('DBT_ENV_SECRET_T') }}@host/x", "https://{{ env_var('DBT_ENV_SECRET_T') }}@host/x"],
    ['https://host/x@1', 'https://host/x@1'],
  ])('are taken out of %s', (text, shown) => {
    expect(hideCredentials(text)).toBe(shown);
  });

  it('leave a text of the same length, so that carets stay in place', () => {
    const text = 'git: https://user:token@host/x # y';
    expect(hideCredentials(text, { sameLength: true })).toBe('git: https://**********@host/x # y');
  });

  it('are not in what is said of a broken file', async () => {
    const root = mkdtempSync(join(tmpdir(), 'upsql-packages-'));
    for (const text of [
      'packages:\n  - git: https://u:hunter2@host/x\n   revision: [\n',
      'packages:\n  - git: "https://u:hunter2@host/{{ var(\'x\') }}"\n',
      'packages:\n  - git: https://u:hunter2@host/x\n    revisoin: v1\n',
    ]) {
      writeFileSync(join(root, 'packages.yml'), text);
      const error = await readPackagesFile(root, context, true).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(Error);
      expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
      expect(JSON.stringify(error)).toContain('packages.yml');
    }
  });
});
