import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, Session } from '../../../src/adapters/adapter.js';
import { createQueue, withTestEdges } from '../../../src/graph/index.js';
import type { Node } from '../../../src/parse/node.js';
import type { Engine } from '../../../src/run/engine.js';
import type { NodeResult, RunEvent } from '../../../src/run/events.js';
import { executeNode } from '../../../src/run/execute.js';
import { type Plan, runPlan, type ScheduleOptions } from '../../../src/run/scheduler.js';
import { engineOf, memoryDuckDb } from './engine.js';
import { chain, nodeOf } from './fixtures.js';

let adapter: Adapter;
beforeAll(async () => {
  adapter = await memoryDuckDb();
});
afterAll(() => adapter.close());

function planOf(engine: Engine, nodes: readonly Node[], more: Partial<Plan> = {}, warnError = false): Plan {
  const graph = more.testsGuard ? withTestEdges(engine.graph, engine.manifest) : engine.graph;
  const order = new Map(graph.order.map((id, i) => [id, i]));
  const sorted = [...nodes].sort((a, b) => (order.get(a.unique_id) ?? 0) - (order.get(b.unique_id) ?? 0));
  return {
    queue: createQueue(
      graph,
      sorted.map((node) => node.unique_id),
    ),
    nodes: sorted,
    children: (id) => graph.children.get(id) ?? [],
    execute: (node) => (session, threadId) => executeNode(engine, node, 'build', session, threadId, warnError),
    testsGuard: false,
    listEphemeral: false,
    ...more,
  };
}

async function runAll(
  nodes: readonly Node[],
  options: Partial<ScheduleOptions> & { plan?: Partial<Plan>; warnError?: boolean } = {},
) {
  const engine = engineOf(nodes, adapter);
  const plan = planOf(engine, nodes, options.plan, options.warnError);
  return runPlan(engine, plan, { threads: 2, ...options });
}

const statuses = (results: readonly NodeResult[]): Record<string, string> =>
  Object.fromEntries(results.map((result) => [result.node.name, result.status]));

const test = (name: string, on: string[], sql: string, config: Record<string, unknown> = {}): Node => {
  const nodes = on.map((parent) => `model.shop.${parent}`);
  const base = nodeOf(name, { resource_type: 'test', raw_code: sql, depends_on: { macros: [], nodes } });
  return { ...base, config: { ...base.config, severity: 'ERROR', error_if: '!= 0', warn_if: '!= 0', ...config } };
};

describe('runPlan', () => {
  it('runs a node only after all its parents, on the sessions of its threads', async () => {
    const nodes = chain({ a: [], b: ['a'], c: ['a'], d: ['b', 'c'] });
    const ended: string[] = [];
    const sessions = new Set<string>();
    const engine = engineOf(nodes, adapter, async (node: Node, session: Session) => {
      for (const parent of node.depends_on.nodes) expect(ended).toContain(parent);
      sessions.add(session.name);
      await sleep(3);
      ended.push(node.unique_id);
    });
    const results = await runPlan(engine, planOf(engine, nodes), { threads: 2 });
    expect(statuses(results)).toEqual({ a: 'success', b: 'success', c: 'success', d: 'success' });
    expect([...sessions].sort()).toEqual(['Thread-1 (worker)', 'Thread-2 (worker)']);
    expect(results[0]).toMatchObject({ threadId: 'Thread-1 (worker)', message: 'OK', compiled: true });
    expect(results[0]?.timing.map((span) => span.name)).toEqual(['compile', 'execute']);
  });

  it('skips what is downstream of a failed node, also over a node that is not selected', async () => {
    const nodes = chain({ a: [], b: ['a'], c: ['b'], other: [] }, { raw_code: 'select 1' });
    const [a, b] = nodes;
    if (a !== undefined) a.raw_code = 'select nope';
    const engine = engineOf(nodes, adapter);
    const selected = nodes.filter((node) => node !== b);
    const results = await runPlan(engine, planOf(engine, selected), { threads: 1 });
    expect(statuses(results)).toEqual({ a: 'error', c: 'skipped', other: 'success' });
    expect(results.find((result) => result.node.name === 'c')?.skippedBecause).toEqual(['model.shop.a']);
  });

  it('holds back and skips what is downstream of a failed test in a build, and nothing else', async () => {
    const models = chain({ a: [], b: ['a'], side: [] }, { raw_code: 'select 1' });
    const nodes = [...models, test('bad', ['a'], 'select 1 as id union all select 2')];
    const build = await runAll(nodes, { plan: { testsGuard: true } });
    expect(statuses(build)).toEqual({ a: 'success', bad: 'fail', b: 'skipped', side: 'success' });
    const failed = build.find((result) => result.node.name === 'bad');
    expect(failed).toMatchObject({ failures: 2, message: 'Got 2 results, configured to fail if != 0' });
    expect(failed?.sample?.rows).toHaveLength(2);
    expect(statuses(await runAll(nodes))).toMatchObject({ bad: 'fail', b: 'success' });
  });

  it('lets a build go on after a warning', async () => {
    const models = chain({ a: [], b: ['a'] }, { raw_code: 'select 1' });
    const nodes = [...models, test('meh', ['a'], 'select 1 as id', { severity: 'warn', warn_if: '> 0' })];
    const results = await runAll(nodes, { plan: { testsGuard: true } });
    expect(statuses(results)).toEqual({ a: 'success', meh: 'warn', b: 'success' });
    const warned = results.find((result) => result.node.name === 'meh');
    expect(warned).toMatchObject({ message: 'Got 1 result, configured to warn if > 0', failures: 1 });
    expect(warned?.diagnostics[0]?.severity).toBe('warning');
    const strict = await runAll(nodes, { plan: { testsGuard: true }, warnError: true });
    expect(statuses(strict)).toEqual({ a: 'success', meh: 'fail', b: 'skipped' });
    expect(strict.find((result) => result.status === 'fail')?.message).toBe('Got 1 result, configured to fail if > 0');
  });

  it('starts nothing more when a listener throws, and hands the error on', async () => {
    const started: string[] = [];
    const listen = (event: RunEvent): void => {
      if (event.kind === 'node-start') started.push(event.node.name);
      if (event.kind === 'node-end') throw new Error('listener');
    };
    const nodes = chain({ a: [], b: [], c: [], d: [], e: [] }, { raw_code: 'select 1' });
    await expect(runAll(nodes, { listen, threads: 2 })).rejects.toThrow('listener');
    await sleep(50);
    expect(started).toEqual(['a', 'b']);
  });

  it('stops at the first failure with failFast, and lists the rest as skipped', async () => {
    const nodes = chain({ a: [], b: [], c: [], d: [] }, { raw_code: 'select 1' });
    const [first] = nodes;
    if (first !== undefined) first.raw_code = 'select nope';
    const results = await runAll(nodes, { threads: 1, failFast: true });
    expect(statuses(results)).toEqual({ a: 'error', b: 'skipped', c: 'skipped', d: 'skipped' });
    expect(results.at(-1)?.message).toBe('Skipping due to fail_fast');
  });

  it('cancels running statements when it is aborted, and keeps what was done', async () => {
    const nodes = chain({ quick: [], slow: ['quick'], last: ['slow'] }, { raw_code: 'select 1' });
    const slow = nodes[1];
    if (slow !== undefined) slow.raw_code = 'select count(*) from range(1000000000000) t(i) where i % 7 = hash(i) % 11';
    const abort = new AbortController();
    const listen = (event: RunEvent): void => {
      if (event.kind === 'node-start' && event.node.name === 'slow') setTimeout(() => abort.abort(), 50);
    };
    const results = await runAll(nodes, { signal: abort.signal, listen });
    expect(statuses(results)).toEqual({ quick: 'success', slow: 'skipped', last: 'skipped' });
    expect(results.at(-1)?.message).toMatch(/interrupted/);
  });

  it('lists an ephemeral model only when it could not be compiled, and skips the models that read it', async () => {
    const nodes = chain({ e: [], f: ['e'] }, { raw_code: 'select 1' });
    const [e] = nodes;
    if (e !== undefined) e.config = { ...e.config, materialized: 'ephemeral' };
    expect(statuses(await runAll(nodes))).toEqual({ f: 'success' });
    const engine = engineOf(nodes, adapter);
    const { compile } = engine.runtime;
    const failing: Engine = {
      ...engine,
      runtime: {
        ...engine.runtime,
        compile: (node, session) => (node === e ? Promise.reject(new Error('no such macro')) : compile(node, session)),
      },
    };
    const results = await runPlan(failing, planOf(failing, nodes), { threads: 2 });
    expect(statuses(results)).toEqual({ e: 'error', f: 'skipped' });
    expect(results[0]?.message).toContain('no such macro');
    expect(results[1]?.skippedBecause).toEqual(['model.shop.e']);
  });

  it('numbers events from 1 to the number of listed nodes', async () => {
    const nodes = chain({ a: [], e: ['a'], c: ['e'] }, { raw_code: 'select 1' });
    const ephemeral = nodes[1];
    if (ephemeral !== undefined) ephemeral.config = { ...ephemeral.config, materialized: 'ephemeral' };
    const seen: string[] = [];
    const listen = (event: RunEvent): void => {
      if (event.kind === 'node-start') seen.push(`start ${event.node.name} ${event.index}/${event.total}`);
      if (event.kind === 'node-end') seen.push(`end ${event.result.node.name} ${event.index}/${event.total}`);
    };
    await runAll(nodes, { listen });
    expect(seen).toEqual(['start a 1/2', 'end a 1/2', 'start c 2/2', 'end c 2/2']);
  });

  it('goes on after an error in a transaction: the session is clean for the next node', async () => {
    const nodes = chain({ a: [], b: [] });
    const [a, b] = nodes;
    if (a !== undefined) a.raw_code = 'begin transaction; create table t_left as select 1 as i; select nope;';
    if (b !== undefined) b.raw_code = 'create table t_left as select 2 as i';
    expect(statuses(await runAll(nodes, { threads: 1 }))).toEqual({ a: 'error', b: 'success' });
  });

  it('runs 10,000 nodes', async () => {
    const n = 10_000;
    const edges = Object.fromEntries(
      Array.from({ length: n }, (_, i) => [`n${i}`, i === 0 ? [] : [`n${i - 1}`, `n${Math.floor(i / 2)}`]]),
    );
    const nodes = chain(edges);
    const engine = engineOf(nodes, adapter, async () => undefined);
    expect(await runPlan(engine, planOf(engine, nodes), { threads: 4 })).toHaveLength(n);
  });
});
