import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { GraphQueue } from '../../../src/graph/index.js';
import { drain } from '../../../src/run/slots.js';

/** A queue of independent nodes, or of a chain in which each waits for the one before. */
function queueOf(ids: readonly string[], chain = false): GraphQueue {
  let next = 0;
  let finished = 0;
  return {
    take: () => (next < ids.length && (!chain || next === finished) ? ids[next++] : undefined),
    done: () => {
      finished += 1;
    },
    get remaining() {
      return ids.length - next;
    },
  };
}

const never = new AbortController().signal;
const names = (n: number): string[] => Array.from({ length: n }, (_, i) => `n${i}`);

describe('drain', () => {
  it('runs as many nodes at once as there are slots, each in the lowest free one', async () => {
    const busy = new Set<number>();
    let most = 0;
    const work = async (_: string, slot: number): Promise<void> => {
      expect(busy.has(slot)).toBe(false);
      busy.add(slot);
      most = Math.max(most, busy.size);
      await sleep(2);
      busy.delete(slot);
    };
    await drain({ queue: queueOf(names(20)), slots: 3, work, stop: never, grace: 0 });
    expect(most).toBe(3);
    expect(busy.size).toBe(0);
  });

  it('uses one slot for a chain', async () => {
    const slots = new Set<number>();
    const work = async (_: string, slot: number): Promise<void> => void slots.add(slot);
    await drain({ queue: queueOf(names(50), true), slots: 8, work, stop: never, grace: 0 });
    expect([...slots]).toEqual([0]);
  });

  it('takes nothing more after a stop, and waits for what is under way', async () => {
    const stop = new AbortController();
    const ended: string[] = [];
    const work = async (id: string): Promise<void> => {
      if (id === 'n1') stop.abort();
      await sleep(5);
      ended.push(id);
    };
    await drain({ queue: queueOf(names(10)), slots: 2, work, stop: stop.signal, grace: 1000 });
    expect(ended).toEqual(['n0', 'n1']);
  });

  it('gives up on a node that does not end within the grace', async () => {
    const stop = new AbortController();
    const work = (): Promise<void> => new Promise(() => stop.abort());
    await drain({ queue: queueOf(names(2)), slots: 1, work, stop: stop.signal, grace: 10 });
    expect(stop.signal.aborted).toBe(true);
  });

  it('rejects when nodes wait for each other', async () => {
    const queue: GraphQueue = { take: () => undefined, done: () => undefined, remaining: 2 };
    const run = drain({ queue, slots: 2, work: () => undefined, stop: never, grace: 0 });
    await expect(run).rejects.toThrow('2 nodes wait for each other');
  });

  it('goes through 100,000 nodes that need no waiting without running out of stack', async () => {
    let count = 0;
    const work = (): undefined => {
      count += 1;
    };
    await drain({ queue: queueOf(names(100_000)), slots: 4, work, stop: never, grace: 0 });
    expect(count).toBe(100_000);
  });
});
