import { expect, it } from 'vitest';
import { UpsqlError } from '../../../src/diagnostics/index.js';
import { promote } from '../../../src/env/index.js';
import { StateStore } from '../../../src/env/state.js';
import { build, loadProject } from '../../../src/index.js';
import { loadProject as readProject } from '../../../src/project/index.js';
import type { Engine } from '../../../src/run/engine.js';
import { openEngine } from '../../../src/run/open-engine.js';
import { makeProject, type TestProject } from '../../integration/test-project.js';

async function built(project: TestProject, environment?: string): Promise<void> {
  const loaded = await loadProject({ projectDir: project.dir });
  try {
    const { success } = await build(loaded, environment === undefined ? {} : { environment });
    expect(success).toBe(true);
  } finally {
    await loaded.close();
  }
}

async function withEngine<T>(project: TestProject, work: (engine: Engine) => Promise<T>): Promise<T> {
  const opened = await openEngine(await readProject({ projectDir: project.dir, env: {} }));
  try {
    return await work(opened.engine);
  } finally {
    await opened.close();
  }
}

const table = (value: number): string => `{{ config(materialized='table') }} select ${value} as v`;

/** `done`, or the code of what stopped it. */
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error) => (error instanceof UpsqlError ? (error.diagnostics[0]?.code ?? '') : Promise.reject(error)),
  );

it('no change of the state is lost where two make some at the same time', async () => {
  const project = makeProject({ 'models/a.sql': table(1) });
  await built(project);
  await withEngine(project, async (engine) => {
    const sessions = await Promise.all(['one', 'two'].map((name) => engine.adapter.session(name)));
    const stores = sessions.map((session) => new StateStore(engine, session));
    await stores[0]?.create();
    const times = 15;
    await Promise.all(
      stores.map(async (store, i) => {
        for (let n = 0; n < times; n++)
          await store.update<readonly string[]>('leases', '', (before = []) => [...before, `${i} ${n}`]);
      }),
    );
    const kept = (await stores[1]?.leases<readonly string[]>()) ?? [];
    expect(new Set(kept).size).toBe(2 * times);
    expect(kept).toHaveLength(2 * times);
    await Promise.all(sessions.map((session) => session.close()));
  });
});

it('of two promotions at once each is done or refused, and neither undoes the other', async () => {
  const project = makeProject({ 'models/a.sql': table(1), 'models/b.sql': table(1) });
  await built(project);
  project.write('models/a.sql', table(2));
  await built(project, 'dev_x');
  project.write('models/a.sql', table(1));
  project.write('models/b.sql', table(3));
  await built(project, 'dev_y');
  await withEngine(project, async (engine) => {
    const open = new Set(['dev_x', 'dev_y']);
    for (let round = 0; open.size > 0; round++) {
      // One at least goes through each time.
      expect(round).toBeLessThan(2);
      const names = [...open];
      const ended = await Promise.all(names.map((name) => outcome(promote(engine, name))));
      for (const [i, name] of names.entries()) {
        expect(['done', 'environments-busy']).toContain(ended[i]);
        if (ended[i] === 'done') open.delete(name);
      }
    }
  });
  expect(await project.rows('select a.v, b.v from main.a, main.b')).toEqual([[2, 3]]);
});

it('of two promotions of the same model one wins, and the other is told that production has moved on', async () => {
  const project = makeProject({ 'models/a.sql': table(1) });
  await built(project);
  for (const [value, name] of [
    [2, 'dev_x'],
    [3, 'dev_y'],
  ] as const) {
    project.write('models/a.sql', table(value));
    await built(project, name);
  }
  await withEngine(project, async (engine) => {
    const first = await Promise.all(['dev_x', 'dev_y'].map((name) => outcome(promote(engine, name))));
    expect(first.filter((end) => end === 'done')).toHaveLength(1);
    const loser = first[0] === 'done' ? 'dev_y' : 'dev_x';
    expect(['environments-busy', 'production-moved-on']).toContain(first[loser === 'dev_x' ? 0 : 1]);
    expect(await outcome(promote(engine, loser))).toBe('production-moved-on');
    const session = await engine.adapter.session('look');
    const { rows } = await session.execute('select v from main.a');
    expect(rows).toEqual([[loser === 'dev_x' ? 3 : 2]]);
    await session.close();
  });
});
