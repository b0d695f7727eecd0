import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UpsqlError } from '../../../src/diagnostics/index.js';
import { loadProject, type Project } from '../../../src/project/index.js';

const one = (more: string) => `catalogs:\n  - name: lake\n    write_integrations:\n      - name: here\n${more}`;
const BUILT_IN = '        catalog_type: built_in\n';

describe('catalogs.yml', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'upsql-catalogs-'));
    writeFileSync(join(root, 'dbt_project.yml'), 'name: shop\nprofile: shop\n');
    writeFileSync(
      join(root, 'profiles.yml'),
      'shop: {target: sf, outputs: {sf: {type: snowflake, account: a, user: u, password: p, database: d, schema: s}, local: {type: duckdb}}}',
    );
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const load = (text: string, target = 'sf'): Promise<Project> => {
    writeFileSync(join(root, 'catalogs.yml'), text);
    return loadProject({ projectDir: root, target, env: { LAKE: 'deep' }, vars: { days: 3 } });
  };

  it('has each catalog with the integration in use, rendered', async () => {
    const more = `${BUILT_IN}        external_volume: "{{ env_var('LAKE') }}"\n        adapter_properties: {data_retention_time_in_days: "{{ var('days') }}"}\n`;
    expect((await load(one(more))).catalogs?.get('LAKE')).toEqual({
      name: 'lake',
      catalogType: 'BUILT_IN',
      catalogName: 'here',
      externalVolume: 'deep',
      properties: { data_retention_time_in_days: 3 },
    });
  });

  it('says only on Snowflake what only Snowflake refuses', async () => {
    const text = one('        catalog_type: unity\n');
    expect((await load(text, 'local')).catalogs?.get('LAKE')?.catalogType).toBe('UNITY');
    await expect(load(text)).rejects.toThrow(/no catalogs of type 'unity'/);
  });

  const two = one(`${BUILT_IN}      - {name: there, catalog_type: built_in}\n`);
  it.each([
    ['', 1, /catalogs.yml is empty/],
    [one(''), 4, /has no 'catalog_type'/],
    [one(`${BUILT_IN}        external_volum: x\n`), 6, /Unknown key 'external_volum'/],
    [two, 2, /has 2 write_integrations and does not say which one/],
    [two.replace('there', 'here'), 6, /two write_integrations with the name 'here'/],
    [two.replace('name: lake\n', 'name: lake\n    active_write_integration: ther\n'), 3, /no write_integration 'ther'/],
    [one(BUILT_IN) + one(BUILT_IN).replace('catalogs:\n', '').replace('lake', 'LAKE'), 6, /'LAKE' is defined twice/],
    [one(BUILT_IN).replace('lake', 'snowflake'), 2, /always there/],
    [one(`${BUILT_IN}        adapter_properties: {storage_serialization_policy: fast}\n`), 6, /is 'fast'/],
  ])('tells the line of what is wrong: %j', async (text, line, message) => {
    const error = await load(text).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(error instanceof UpsqlError)) throw error ?? new Error('nothing was refused');
    expect(error.diagnostics[0]).toMatchObject({ message: expect.stringMatching(message), place: { line } });
    expect(error.diagnostics[0]?.place?.file).toBe(join(root, 'catalogs.yml'));
  });
});
