import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { UpsqlError } from '../../../src/diagnostics/index.js';
import {
  ancestors,
  buildGraph,
  createQueue,
  descendants,
  GATE,
  type Graph,
  readSelectors,
  select,
  withTestEdges,
} from '../../../src/graph/index.js';
import type { Manifest } from '../../../src/parse/node.js';

/** What dbt's Linker and GraphQueue made of random graphs; made by fixtures/make_graph_cases.py. */
interface Case {
  readonly nodes: Readonly<Record<string, readonly string[]>>;
  readonly reach: Readonly<Record<string, readonly string[]>>;
  readonly selected: readonly string[];
  readonly orders: { readonly plain: readonly string[]; readonly tests: readonly string[] };
}

const cases = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'fixtures/graph_cases.json'), 'utf8'),
) as readonly Case[];

/** A manifest of nodes that depend on each other. */
function manifestOf(nodes: Readonly<Record<string, readonly string[]>>): Manifest {
  const made = Object.entries(nodes).map(([id, parents]) => {
    const [type = '', pkg = '', name = ''] = id.split('.');
    const node = {
      unique_id: id,
      resource_type: type,
      name,
      package_name: pkg,
      original_file_path: `models/${name}.sql`,
      fqn: [pkg, name],
      raw_code: 'select 1',
      tags: [],
      config: { enabled: true, tags: [] },
      depends_on: { macros: [], nodes: parents },
    };
    return [id, node] as const;
  });
  const empty = ['sources', 'macros', 'exposures', 'metrics', 'groups', 'semantic_models', 'saved_queries'];
  return {
    ...Object.fromEntries([...empty, 'unit_tests', 'functions', 'disabled', 'docs'].map((key) => [key, {}])),
    nodes: Object.fromEntries(made),
    metadata: { project_name: 'p', adapter_type: 'duckdb' },
  } as unknown as Manifest;
}

function drain(graph: Graph, selected: readonly string[]): string[] {
  const queue = createQueue(graph, selected);
  const order: string[] = [];
  for (let id = queue.take(); id !== undefined; id = queue.take()) {
    order.push(id);
    queue.done(id);
  }
  expect(queue.remaining).toBe(0);
  return order;
}

describe('random graphs as dbt sees them', () => {
  it.each(cases.map((c, i) => [i, c] as const))('%i', (_, c) => {
    const manifest = manifestOf(c.nodes);
    const plain = buildGraph(manifest);
    const guarded = withTestEdges(plain, manifest);
    for (const [test, reached] of Object.entries(c.reach))
      expect([test, [...descendants(guarded, [test])].filter((id) => !id.startsWith(GATE)).sort()]).toEqual([
        test,
        reached,
      ]);
    expect(drain(plain, c.selected)).toEqual(c.orders.plain);
    // dbt adds more test edges than it takes, so the levels of its queue may differ; what waits for what may not.
    const order = drain(guarded, c.selected);
    expect([...order].sort()).toEqual([...c.orders.tests].sort());
    for (const [i, id] of order.entries())
      for (const later of order.slice(i + 1)) expect(ancestors(guarded, [id]).has(later)).toBe(false);
  });
});

describe('buildGraph', () => {
  it('names the whole cycle with its files', () => {
    const manifest = manifestOf({
      'model.p.a': ['model.p.c', 'model.p.x'],
      'model.p.b': ['model.p.a'],
      'model.p.c': ['model.p.b'],
      'model.p.x': [],
      'model.p.under': ['model.p.a'],
    });
    const run = () => buildGraph(manifest);
    expect(run).toThrow(UpsqlError);
    expect(run).toThrow('a -> b -> c -> a');
    expect(run).toThrow('models/b.sql');
  });

  it('names a cycle of one', () => {
    expect(() => buildGraph(manifestOf({ 'model.p.a': ['model.p.a'] }))).toThrow('a -> a');
  });

  it('refuses what does not exist', () => {
    expect(() => buildGraph(manifestOf({ 'model.p.a': ['model.p.nope'] }))).toThrow(/model.p.nope/);
  });

  it('orders by depth, then by id, whatever the order of the manifest', () => {
    const nodes = { 'model.p.c': ['model.p.a'], 'model.p.b': ['model.p.a'], 'model.p.d': [], 'model.p.a': [] };
    const reversed = Object.fromEntries(Object.entries(nodes).reverse());
    const order = ['model.p.a', 'model.p.d', 'model.p.b', 'model.p.c'];
    expect(buildGraph(manifestOf(nodes)).order).toEqual(order);
    expect(buildGraph(manifestOf(reversed)).order).toEqual(order);
  });
});

describe('createQueue', () => {
  const graph = buildGraph(
    manifestOf({ 'model.p.a': [], 'model.p.b': ['model.p.a'], 'model.p.c': ['model.p.b'], 'model.p.d': [] }),
  );

  it('holds a node back until what is above it is done, over nodes that are not selected', () => {
    const queue = createQueue(graph, ['model.p.a', 'model.p.c', 'model.p.d']);
    expect([queue.take(), queue.take(), queue.take()]).toEqual(['model.p.a', 'model.p.d', undefined]);
    queue.done('model.p.d');
    expect(queue.take()).toBeUndefined();
    queue.done('model.p.a');
    expect([queue.take(), queue.remaining]).toEqual(['model.p.c', 0]);
  });

  it('waits for nothing when independent', () => {
    const queue = createQueue(graph, ['model.p.c', 'model.p.a'], { independent: true });
    expect([queue.take(), queue.take()]).toEqual(['model.p.a', 'model.p.c']);
  });

  it('refuses to end what was not taken', () => {
    expect(() => createQueue(graph, ['model.p.a']).done('model.p.a')).toThrow(/not taken/);
  });
});

describe('diagnostics of a selection', () => {
  const manifest = manifestOf({ 'model.p.orders': [], 'model.p.customers': ['model.p.orders'] });
  const graph = buildGraph(manifest);

  it.each([
    ['order', "Did you mean 'orders'?"],
    ['p.custmers', "Did you mean 'customers'?"],
    ['path:models/orders.sq', "Did you mean 'models/orders.sql'?"],
    ['+ordres+', "Did you mean 'orders'?"],
  ])('warns that %s matches nothing', (text, hint) => {
    const { ids, diagnostics } = select(graph, manifest, { select: [`${text} customers`] });
    expect(ids).toEqual(['model.p.customers']);
    expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'nothing-selected', hint }]);
  });

  it('warns of an exclusion that matches nothing', () => {
    expect(select(graph, manifest, { exclude: ['nope'] }).diagnostics).toHaveLength(1);
    expect(select(graph, manifest, {}).diagnostics).toEqual([]);
  });

  it.each([
    [{ select: ['tga:x'] }, "Did you mean 'tag'?"],
    [{ select: ['state:modifed'], manifest }, "Did you mean 'state:modified'?"],
    [{ select: ['state:new'] }, '--state'],
    [{ select: ['result:error'] }, '--state'],
    [{ selector: 'nihgtly', selectors: readSelectors([{ name: 'nightly', definition: 'orders' }]) }, 'nightly'],
    [{ select: ['@orders+'] }, 'one of them'],
  ])('refuses a selection: %#', (options, hint) => {
    let error: unknown;
    try {
      select(graph, manifest, options);
    } catch (caught) {
      error = caught;
    }
    expect((error as UpsqlError).diagnostics[0]?.hint).toContain(hint);
  });

  it.each([
    [[{ name: 'a', definition: { union: ['x'], intersection: ['y'] } }], /Only one key/],
    [[{ name: 'a', definition: { union: 'x' } }], /list/],
    [[{ name: 'a', definition: { method: 'tag' } }], /'method' and 'value'/],
    [[{ name: 'a', definition: { method: 'selector', value: 'b' } }], /no selector 'b' above/],
    [[{ name: 'a', definition: { method: 'tag', value: 'x', indirect_selection: 'wild' } }], /indirect_selection/],
    [
      [
        { name: 'a', definition: 'x', default: true },
        { name: 'b', definition: 'y', default: true },
      ],
      /default/,
    ],
    [[{ name: 'a', definition: { union: [{ exclude: ['x'] }, { exclude: ['y'] }] } }], /twice/],
  ])('refuses the selectors %j', (definitions, message) => {
    expect(() => readSelectors(definitions)).toThrow(message);
  });

  it('uses the default selector where nothing is asked for', () => {
    const selectors = readSelectors([{ name: 'a', definition: 'orders', default: true }]);
    expect(select(graph, manifest, { selectors }).ids).toEqual(['model.p.orders']);
    expect(select(graph, manifest, { selectors, select: ['customers'] }).ids).toEqual(['model.p.customers']);
  });
});

describe('state', () => {
  const contract = (enforced: boolean, type: string, version: number | null) => {
    const manifest = manifestOf({ 'model.p.a': [] });
    Object.assign(manifest.nodes['model.p.a'] ?? {}, {
      contract: { enforced, checksum: `${enforced}${type}`, alias_types: true },
      columns: { id: { name: 'id', data_type: type, constraints: [], description: '' } },
      version,
    });
    return manifest;
  };

  it.each([
    [contract(true, 'text', null), 'warning', /the column id is text/],
    [contract(true, 'text', 1), 'error', /the column id is text/],
    [contract(false, 'int(8)', null), 'warning', /no longer enforced/],
    [contract(true, 'int(4)', null), undefined, undefined],
  ])('tells of broken contracts: %#', (now, severity, message) => {
    const earlier = contract(true, 'int(8)', now.nodes['model.p.a']?.version as number | null);
    const { diagnostics } = select(buildGraph(now), now, { select: ['state:modified'], manifest: earlier });
    const found = diagnostics.find((d) => d.code === 'breaking-contract');
    expect(found?.severity).toBe(severity);
    if (message !== undefined) expect(found?.message).toMatch(message);
  });
});

it('takes 10,000 models with two tests each', () => {
  const nodes: Record<string, string[]> = {};
  for (let i = 0; i < 10_000; i++) {
    const parents = i < 100 ? [] : [i - 100, i - 37, i - 1].map((p) => `model.p.m${p}`);
    nodes[`model.p.m${i}`] = parents;
    nodes[`test.p.t${i}`] = [`model.p.m${i}`];
    if (i > 200) nodes[`test.p.r${i}`] = [`model.p.m${i}`, `model.p.m${i - 150}`];
  }
  const manifest = manifestOf(nodes);
  const graph = buildGraph(manifest);
  const guarded = withTestEdges(graph, manifest);
  const { ids } = select(graph, manifest, { select: ['+m5000+', 'm1*,tag:x', 'path:models/m7*'] });
  const queue = createQueue(guarded, ids);
  let count = 0;
  for (let id = queue.take(); id !== undefined; id = queue.take(), count++) queue.done(id);
  expect(count).toBe(ids.length);
  expect(count).toBeGreaterThan(20_000);
});

describe('withTestEdges', () => {
  const names = (kind: string, count: number) => Array.from({ length: count }, (_, i) => `${kind}.p.${kind[0]}${i}`);

  it('adds edges by the sum of tests and of what waits for them', () => {
    const tests = names('test', 100);
    const below = names('model', 100);
    const nodes = Object.fromEntries([...tests, ...below].map((id) => [id, ['seed.p.top']]));
    const manifest = manifestOf({ 'seed.p.top': [], ...nodes });
    const plain = buildGraph(manifest);
    const guarded = withTestEdges(plain, manifest);
    const count = (edges: ReadonlyMap<string, readonly string[]>) =>
      [...edges.values()].reduce((n, list) => n + list.length, 0);
    expect(count(guarded.children) - count(plain.children)).toBe(200);
    expect(count(guarded.parents)).toBe(count(guarded.children));
    for (const test of tests) expect(descendants(guarded, [test])).toEqual(new Set(['gate.0', ...below]));
  });

  it('tests of several nodes hold up what is first below all of them, over members that do not run', () => {
    const manifest = manifestOf({
      'model.p.a': [],
      'model.p.b': [],
      'model.p.only_a': ['model.p.a'],
      'model.p.both': ['model.p.only_a', 'model.p.b'],
      'model.p.lower': ['model.p.both'],
      'model.p.other': ['model.p.b', 'model.p.a'],
      'test.p.pair': ['model.p.a', 'model.p.b'],
      'test.p.chain': ['model.p.only_a', 'model.p.both'],
    });
    const guarded = withTestEdges(buildGraph(manifest), manifest);
    expect(guarded.children.get('test.p.pair')).toEqual(['model.p.both', 'model.p.other']);
    expect(guarded.children.get('test.p.chain')).toEqual(['model.p.lower']);
    expect(guarded.parents.get('model.p.only_a')).toEqual(['model.p.a']);
  });
});
