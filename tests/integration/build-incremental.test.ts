import { beforeAll, describe, expect, it } from 'vitest';
import { compileBin } from '../unit/cli/compiled-bin.js';
import { makeProject, type TestProject } from './test-project.js';

beforeAll(compileBin);

/** A project whose model reads the rows that the var `batch` chooses. */
function project(config: string, where = ''): TestProject {
  return makeProject({
    'models/src.sql': `select * from (values (1, 1, 'a'), (1, 2, 'b'), (2, 2, 'B'), (2, 3, 'c')) t(batch, id, name)
where batch = {{ var('batch') }}`,
    'models/inc.sql': `{{ config(materialized='incremental', ${config}) }}
select id, name from {{ ref('src') }} ${where}`,
  });
}

const batch = (n: number): string[] => ['run', '--vars', `{batch: ${n}}`];
const all = 'select id, name from inc order by id, name';

describe('incremental models', () => {
  it('append keeps old rows and adds new ones', async () => {
    const shop = project("incremental_strategy='append'");
    expect(shop.upsql(...batch(1)).code).toBe(0);
    expect(shop.upsql(...batch(2)).code).toBe(0);
    expect(await shop.rows(all)).toEqual([
      [1, 'a'],
      [2, 'B'],
      [2, 'b'],
      [3, 'c'],
    ]);
  });

  it.each(['delete+insert', 'merge'])('%s replaces rows of the same key', async (strategy) => {
    const shop = project(`incremental_strategy='${strategy}', unique_key='id'`);
    expect(shop.upsql(...batch(1)).code).toBe(0);
    const ran = shop.upsql(...batch(2));
    expect(ran.text).toContain('Completed successfully');
    expect(await shop.rows(all)).toEqual([
      [1, 'a'],
      [2, 'B'],
      [3, 'c'],
    ]);
  });

  it('replaces rows by a key of several columns', async () => {
    const shop = project("incremental_strategy='delete+insert', unique_key=['id', 'name']");
    shop.upsql(...batch(1));
    expect(shop.upsql(...batch(1)).code).toBe(0);
    expect(await shop.rows(all)).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
  });

  it('is_incremental() and this are true only on the second run, and --full-refresh starts anew', async () => {
    const where = '{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}';
    const shop = project("incremental_strategy='append'", where);
    shop.upsql(...batch(1));
    expect(shop.read('target/compiled/shop/models/inc.sql')).not.toContain('max(id)');
    shop.upsql(...batch(2));
    expect(shop.read('target/compiled/shop/models/inc.sql')).toContain('max(id)');
    expect((await shop.rows(all)).map(([id]) => id)).toEqual([1, 2, 3]);
    expect(shop.upsql(...batch(2), '--full-refresh').code).toBe(0);
    expect((await shop.rows(all)).map(([id]) => id)).toEqual([2, 3]);
  });

  it('leaves the table as it was when a run fails halfway', async () => {
    const shop = project("incremental_strategy='delete+insert', unique_key='id', post_hook='select nope'");
    shop.write('models/inc.sql', shop.read('models/inc.sql').replace(", post_hook='select nope'", ''));
    expect(shop.upsql(...batch(1)).code).toBe(0);
    shop.write(
      'models/inc.sql',
      shop.read('models/inc.sql').replace("unique_key='id'", "unique_key='id', post_hook='select nope'"),
    );
    const ran = shop.upsql(...batch(2));
    expect(ran.code).toBe(1);
    expect(ran.text).toContain('nope');
    expect(await shop.rows(all)).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
  });

  it('obeys on_schema_change', async () => {
    const widen = (shop: TestProject): void =>
      shop.write('models/inc.sql', shop.read('models/inc.sql').replace('id, name from', "id, name, 'x' as more from"));
    const appends = project("incremental_strategy='append', on_schema_change='append_new_columns'");
    appends.upsql(...batch(1));
    widen(appends);
    expect(appends.upsql(...batch(2)).code).toBe(0);
    expect((await appends.rows('select more from inc order by id, name')).flat()).toEqual([null, 'x', null, 'x']);
    const fails = project("incremental_strategy='append', on_schema_change='fail'");
    fails.upsql(...batch(1));
    widen(fails);
    expect(fails.upsql(...batch(2)).code).toBe(1);
    expect(await fails.rows('select count(*)::int from inc')).toEqual([[2]]);
  });

  it('refuses a strategy that does not exist, with a near-miss', () => {
    const shop = project("incremental_strategy='apend'");
    shop.upsql(...batch(1));
    const ran = shop.upsql(...batch(2));
    expect(ran.code).not.toBe(0);
    expect(ran.text).toContain('apend');
  });
});
