import { describe, expect, it } from 'vitest';
import { buildGraph, createQueue, withUnitTestsFirst } from '../../../src/graph/index.js';
import type { Manifest } from '../../../src/parse/node.js';
import { manifestOf, nodeOf } from '../run/fixtures.js';

const below = (name: string, parent: string) =>
  nodeOf(name, { depends_on: { macros: [], nodes: [`model.shop.${parent}`] } });

/** a -> b -> c, with two unit tests on b. */
function project(): Manifest {
  const manifest = manifestOf([nodeOf('a'), below('b', 'a'), below('c', 'b')]);
  for (const name of ['one', 'two']) {
    const id = `unit_test.shop.b.${name}`;
    manifest.unit_tests[id] = {
      resource_type: 'unit_test',
      unique_id: id,
      name,
      package_name: 'shop',
      path: 'u.yml',
      original_file_path: 'models/u.yml',
      depends_on: { macros: [], nodes: ['model.shop.b'] },
    };
  }
  return manifest;
}

function order(selected: readonly string[]): string[] {
  const manifest = project();
  const graph = withUnitTestsFirst(buildGraph(manifest), manifest, new Set(selected));
  const queue = createQueue(graph, selected);
  const taken: string[] = [];
  for (let id = queue.take(); id !== undefined; id = queue.take()) {
    taken.push(id);
    queue.done(id);
  }
  return taken;
}

const [a, b, c] = ['model.shop.a', 'model.shop.b', 'model.shop.c'] as const;
const [one, two] = ['unit_test.shop.b.one', 'unit_test.shop.b.two'] as const;

describe('unit tests in the order of a build', () => {
  it('come after what their model reads and before the model', () => {
    expect(order([a, b, c, one, two])).toEqual([a, one, two, b, c]);
  });

  it('run without their model, and the model without them', () => {
    expect(order([a, c, one])).toEqual([a, c, one]);
    expect(order([b, c, two])).toEqual([two, b, c]);
    expect(order([a, b, c])).toEqual([a, b, c]);
  });

  it('leave the graph as it is when none is selected', () => {
    const manifest = project();
    const graph = buildGraph(manifest);
    expect(withUnitTestsFirst(graph, manifest, new Set([a, b]))).toBe(graph);
  });
});
