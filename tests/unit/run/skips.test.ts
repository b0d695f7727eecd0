import { describe, expect, it } from 'vitest';
import { createSkips } from '../../../src/run/skips.js';

const graph = (edges: Record<string, string[]>) => (id: string) => edges[id] ?? [];

describe('createSkips', () => {
  it('marks all that is downstream, with every failed node that is upstream', () => {
    const skips = createSkips(graph({ a: ['c'], b: ['c', 'd'], c: ['e'] }));
    skips.fail('a');
    skips.fail('b');
    expect(skips.causes('a')).toBeUndefined();
    expect(skips.causes('c')).toEqual(['a', 'b']);
    expect(skips.causes('e')).toEqual(['a', 'b']);
    expect(skips.causes('d')).toEqual(['b']);
  });

  it('visits each edge a bounded number of times, however many nodes fail', () => {
    const n = 2000;
    let visits = 0;
    const children = (id: string): string[] => {
      visits += 1;
      if (id.startsWith('top')) return ['chain0'];
      const i = Number(id.slice(5));
      return i + 1 < n ? [`chain${i + 1}`] : [];
    };
    const skips = createSkips(children);
    for (let i = 0; i < n; i++) skips.fail(`top${i}`);
    expect(skips.causes(`chain${n - 1}`)).toHaveLength(5);
    expect(visits).toBeLessThan(8 * n);
  });
});
