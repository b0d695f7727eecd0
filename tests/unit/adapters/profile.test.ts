import { describe, expect, it } from 'vitest';
import { databaseNameOf } from '../../../src/adapters/duckdb/attach.js';
import { createDuckDbAdapter } from '../../../src/adapters/duckdb/index.js';
import type { YamlMap } from '../../../src/project/project.js';

const create = (credentials: YamlMap) => createDuckDbAdapter({ type: 'duckdb', ...credentials }, { projectRoot: '/p' });

describe('databaseNameOf', () => {
  it.each([
    [':memory:', 'memory'],
    ['/data/shop.duckdb', 'shop'],
    ['/data/my.db.duckdb', 'my'],
    ['/data/.hidden.duckdb', 'hidden'],
    ['plain', 'plain'],
    ['md:', 'my_db'],
    ['md:shop?motherduck_token=x', 'shop'],
    ['ducklake:meta.ducklake', 'meta'],
    ['s3://bucket/folder/shop.duckdb', 'shop'],
  ])('%s is %s', (path, name) => {
    expect(databaseNameOf(path)).toBe(name);
  });
});

describe('a DuckDB profile', () => {
  it('defaults to a database in memory', () => {
    expect(create({})).toMatchObject({ type: 'duckdb', database: 'memory', schema: 'main', diagnostics: [] });
  });

  it('starts relative paths at the project', async () => {
    expect(await create({ path: 'out/shop.duckdb' }).describe()).toContainEqual(['path', '/p/out/shop.duckdb']);
  });

  it('warns of what has no effect, and guesses what was meant', () => {
    const { diagnostics } = create({ filesystems: [{ fs: 'x' }], extentions: ['json'] });
    expect(diagnostics.map((d) => [d.severity, d.hint])).toEqual([
      ['warning', undefined],
      ['warning', "Did you mean 'extensions'?"],
    ]);
    expect(diagnostics[0]?.message).toContain('filesystems');
  });

  it.each([
    [{ path: 'a.duckdb', database: 'b' }, "called 'a'"],
    [{ extensions: 'json' }, "'extensions' must be a list"],
    [{ settings: ['a'] }, 'settings must be a mapping'],
    [{ attach: [{ alias: 'x' }] }, "'attach.path' is missing"],
    [{ attach: [{ path: 'x', type: 'sqlite', options: { type: 'mysql' } }] }, "'type' twice"],
    [{ retries: { connect_attempts: 0 } }, 'whole number from 1'],
    [{ secrets: [{ key_id: 'x' }] }, "'secrets.type' is missing"],
    [{ remote: { host: 'x' } }, "'remote'"],
    [{ motherduck_token: 'a', settings: { motherduck_token: 'b' } }, 'given twice'],
  ] as [YamlMap, string][])('refuses %j', (credentials, message) => {
    expect(() => create(credentials)).toThrow(message);
  });

  it('takes an alias of an attached database as the target database', () => {
    expect(create({ path: 'a.duckdb', database: 'lake', attach: [{ path: 'l.duckdb', alias: 'lake' }] }).database).toBe(
      'lake',
    );
  });

  it('applies settings to every session, and options to the instance', async () => {
    const adapter = create({
      settings: { search_path: 'main', TimeZone: 'Asia/Tokyo' },
      config_options: { threads: 1 },
    });
    await adapter.open();
    const sql = "select current_setting('TimeZone'), current_setting('threads')";
    for (const name of ['a', 'b']) {
      const session = await adapter.session(name);
      expect((await session.execute(sql)).rows).toEqual([['Asia/Tokyo', 1]]);
    }
    await adapter.close();
  });

  it('names the setting, extension or database that fails, and no secret', async () => {
    const bad = create({ settings: { no_such_setting: 1 } });
    await bad.open();
    await expect(bad.session('s')).rejects.toThrow("Setting 'no_such_setting'");
    await bad.close();
    await expect(
      create({ attach: [{ path: '/nowhere/x.duckdb', alias: 'other', read_only: true }] }).open(),
    ).rejects.toThrow("Database 'other'");
    const secret = create({ secrets: [{ type: 's3', provider: 'hunter2hunter2', secret: 'hunter2hunter2' }] });
    const error = await secret.open().catch((e: unknown) => e);
    expect(String(error)).toContain('A secret of the profile');
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
  });
});
