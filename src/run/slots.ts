import type { GraphQueue } from '../graph/index.js';

export interface DrainOptions {
  readonly queue: GraphQueue;
  /** How many nodes are worked on at the same time. */
  readonly slots: number;
  /** Works on a node in a slot (from 0). Undefined means that nothing had to be waited for. Must not reject. */
  readonly work: (id: string, slot: number, lender: SlotLender) => Promise<void> | undefined;
  /** Once aborted, no further node is taken; those under way are waited for, at most `grace` milliseconds. */
  readonly stop: AbortSignal;
  readonly grace: number;
}

/** Gives free slots to a node that can do parts of its work side by side. */
export interface SlotLender {
  /** A free slot, or undefined. It is the borrower's until it gives it back, at the latest when its node is done. */
  take(): number | undefined;
  giveBack(slot: number): void;
}

/** Works through a queue on several slots, each node in the lowest free one. Resolves when nothing is left to do. */
export function drain({ queue, slots, work, stop, grace }: DrainOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const busy = new Array<boolean>(slots).fill(false);
    let running = 0;
    let timer: NodeJS.Timeout | undefined;
    const settle = (): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', onStop);
      resolve();
    };
    const onStop = (): void => {
      if (running === 0) settle();
      else timer = setTimeout(settle, grace);
    };
    let lent = 0;
    const lender: SlotLender = {
      take() {
        const slot = stop.aborted ? -1 : busy.indexOf(false);
        if (slot === -1) return undefined;
        busy[slot] = true;
        lent += 1;
        return slot;
      },
      giveBack(slot) {
        busy[slot] = false;
        lent -= 1;
        pump();
      },
    };
    const pump = (): void => {
      while (running + lent < slots && !stop.aborted) {
        const id = queue.take();
        if (id === undefined) break;
        const slot = busy.indexOf(false);
        const pending = work(id, slot, lender);
        if (pending === undefined) {
          queue.done(id);
          continue;
        }
        busy[slot] = true;
        running += 1;
        pending.then(() => {
          busy[slot] = false;
          running -= 1;
          queue.done(id);
          pump();
        }, reject);
      }
      if (running > 0) return;
      if (!stop.aborted && queue.remaining > 0) reject(new Error(`${queue.remaining} nodes wait for each other`));
      else settle();
    };
    stop.addEventListener('abort', onStop);
    pump();
  });
}
