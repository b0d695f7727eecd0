import type { Arena } from './arena.js';
import { Block, blockBorders, type Ground, kernelsOf, type Order, SLOTS } from './block.js';
import type { Crew } from './grow.js';

/** Memory that the threads of a training share. */
export interface SharedWork {
  readonly order: Order;
  /** SLOTS histograms a block, one after the other. */
  readonly histograms: Float64Array;
  /** [0] counts rounds, -1 ends the work; [1] counts the helpers that are done with the round. */
  readonly signals: Int32Array;
}

const END = -1;

export function sharedWork(ground: Ground, room: number, arena: Arena): SharedWork {
  return {
    order: arena.doubles(room),
    histograms: arena.doubles(histogramRoom(ground.rows, ground.binned.places)),
    signals: new Int32Array(new SharedArrayBuffer(8)),
  };
}

/** Numbers of all histograms of all blocks. */
export function histogramRoom(rows: number, places: number): number {
  return (blockBorders(rows).length - 1) * SLOTS * 2 * places;
}

/** The blocks that member `member` of `members` works on, each with its histograms. */
function ownBlocks(ground: Ground, { order, histograms }: SharedWork, member: number, members: number) {
  const borders = blockBorders(ground.rows);
  const size = 2 * ground.binned.places;
  const kernels = kernelsOf(ground);
  const own = borders.slice(0, -1).flatMap((from, i) => {
    if (i % members !== member) return [];
    const slots = Array.from({ length: SLOTS }, (_, slot) => {
      const at = (i * SLOTS + slot) * size;
      return histograms.subarray(at, at + size);
    });
    return [{ block: new Block(ground, from, borders[i + 1] ?? from, kernels), slots }];
  });
  return () => {
    for (const { block, slots } of own) block.work(order, slots);
  };
}

/** The crew of whoever leads: does its own blocks and waits for the helpers. With one member it works alone. */
export function leadCrew(ground: Ground, work: SharedWork, members: number): Crew & { end(): void } {
  const { order, histograms, signals } = work;
  const ownWork = ownBlocks(ground, work, 0, members);
  const blocks = blockBorders(ground.rows).length - 1;
  const size = 2 * ground.binned.places;
  let round = 0;
  return {
    order,
    work() {
      if (members > 1) {
        Atomics.store(signals, 1, 0);
        Atomics.store(signals, 0, ++round);
        Atomics.notify(signals, 0);
      }
      ownWork();
      for (;;) {
        const done = Atomics.load(signals, 1);
        if (done >= members - 1) return;
        Atomics.wait(signals, 1, done);
      }
    },
    collect(slot, sum) {
      sum.set(histograms.subarray(slot * size, (slot + 1) * size));
      for (let block = 1; block < blocks; block++) {
        const at = (block * SLOTS + slot) * size;
        for (let place = 0; place < size; place++)
          sum[place] = (sum[place] as number) + (histograms[at + place] as number);
      }
    },
    end() {
      Atomics.store(signals, 0, END);
      Atomics.notify(signals, 0);
    },
  };
}

/** What a helper does until the leader ends the work. Blocks its thread. */
export function helpCrew(ground: Ground, work: SharedWork, member: number, members: number): void {
  const { signals } = work;
  const ownWork = ownBlocks(ground, work, member, members);
  for (let seen = 0; ; ) {
    Atomics.wait(signals, 0, seen);
    const round = Atomics.load(signals, 0);
    if (round === END) return;
    if (round === seen) continue;
    seen = round;
    ownWork();
    Atomics.add(signals, 1, 1);
    Atomics.notify(signals, 1);
  }
}
