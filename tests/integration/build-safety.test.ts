import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadProject, run } from '../../src/index.js';
import { compileBin, startUpsql } from '../unit/cli/compiled-bin.js';
import { makeProject, statusesOf, type TestProject } from './test-project.js';

beforeAll(compileBin);

/** A query that takes long enough to be stopped, and answers to a cancel. */
const SLOW = 'select count(*) as n from range(1000000000000) t(i) where hash(i) % 7 = 3';

/** Starts `upsql`, waits until its output has `text`, sends the signal and gives the exit code and the output. */
async function signalled(project: TestProject, args: string[], text: string, signal: NodeJS.Signals) {
  const child = startUpsql(project.dir, args, { HOME: project.dir });
  let output = '';
  let sent = false;
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    if (sent || !output.includes(text)) return;
    sent = true;
    // Into the middle of the statement.
    setTimeout(() => child.kill(signal), 300);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}

describe('a relation that is replaced', () => {
  it.each(['table', 'view'])('is there, whole, for a reader at any moment: %s', async (kind) => {
    const project = makeProject({
      'models/t.sql': `{{ config(materialized='${kind}') }}
select i, {{ var('version') }} as v from range(20000) r(i)`,
    });
    const load = (version: number) =>
      loadProject({ projectDir: project.dir, profilesDir: project.dir, env: {}, vars: { version } });
    const first = await load(0);
    await run(first);
    await first.close();
    const loaded = await load(1);
    const engine = await loaded.engine();
    const reader = await engine.adapter.session('reader');
    const seen = new Set<string>();
    let reading = true;
    const reads = (async () => {
      while (reading) {
        const { rows } = await reader.execute('select count(*)::int, min(v)::int, max(v)::int from main.t');
        seen.add(JSON.stringify(rows[0]));
      }
    })();
    for (let i = 0; i < 5; i++) expect((await run(loaded)).success).toBe(true);
    reading = false;
    await reads;
    await loaded.close();
    for (const row of seen) expect(['[20000,0,0]', '[20000,1,1]']).toContain(row);
    expect(seen).toContain('[20000,1,1]');
  });

  it('stays as it was when its new query fails', async () => {
    const project = makeProject({ 'models/t.sql': "{{ config(materialized='table') }} select 1 as v" });
    expect(project.upsql('run').code).toBe(0);
    project.write('models/t.sql', "{{ config(materialized='table') }} select 1/0 as v, error('no')");
    expect(project.upsql('run').code).toBe(1);
    expect(await project.rows('select v from t')).toEqual([[1]]);
  });

  it('can turn from a view to a table and back', async () => {
    const model = (kind: string): string => `{{ config(materialized='${kind}') }} select 1 as v`;
    const project = makeProject({ 'models/t.sql': model('view'), 'models/u.sql': "select * from {{ ref('t') }}" });
    for (const kind of ['view', 'table', 'view', 'incremental', 'table']) {
      project.write('models/t.sql', model(kind));
      const ran = project.upsql('run');
      expect(ran.text).toContain('Completed successfully');
      expect(await project.rows('select v from u')).toEqual([[1]]);
    }
  });
});

describe('a run that is stopped', () => {
  const files = {
    'models/a.sql': "{{ config(materialized='table') }} select 1 as v",
    'models/slow.sql': `-- depends on {{ ref('a') }}\n{{ config(materialized='table') }}\n${SLOW}`,
    'models/z.sql': "select * from {{ ref('slow') }}",
  };

  it('by Ctrl-C cancels its statement, writes the results so far and ends', async () => {
    const project = makeProject(files);
    const { code, output } = await signalled(project, ['run'], 'START sql table model main.slow', 'SIGINT');
    expect(code).not.toBe(0);
    expect(output).toContain('interrupt');
    expect(statusesOf(project)).toEqual({ a: 'success', slow: 'skipped', z: 'skipped' });
    expect(await project.rows('select v from a')).toEqual([[1]]);
  });

  it('by a kill loses nothing that was there before', async () => {
    const project = makeProject({ ...files, 'models/slow.sql': "{{ config(materialized='table') }} select 41 as n" });
    expect(project.upsql('run').code).toBe(0);
    const before = project.read('target/run_results.json');
    project.write('models/slow.sql', files['models/slow.sql']);
    const { output } = await signalled(project, ['run'], 'START sql table model main.slow', 'SIGKILL');
    expect(output).toContain('OK created sql table model main.a');
    await sleep(100);
    expect(project.read('target/run_results.json')).toBe(before);
    expect(Object.keys(project.artifact('manifest.json').nodes)).toHaveLength(3);
    expect(await project.rows('select n from slow')).toEqual([[41]]);
    project.write('models/slow.sql', "{{ config(materialized='table') }} select 42 as n");
    expect(project.upsql('run').code).toBe(0);
    expect(await project.rows('select n from z')).toEqual([[42]]);
  });
});
