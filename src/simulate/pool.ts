import { Worker } from 'node:worker_threads';
import type { Block } from './calendar.js';
import type { Encoded } from './encode.js';
import type { Settings } from './options.js';
import type { Population } from './population.js';
import type { Tally } from './rows.js';
import { workerEntry } from './worker-entry.js';

export interface WorkerStart {
  readonly settings: Settings;
  readonly people: Population;
}

export interface Job {
  readonly block: Block;
  /** A buffer to write into, handed over to the worker and back. */
  readonly buffer: ArrayBuffer | undefined;
}

export interface JobResult {
  readonly index: number;
  readonly tally: Tally;
  readonly encoded: Encoded;
}

/** Finished blocks that may wait for their turn, for each worker. Bounds the memory whatever the number of events. */
const WAITING = 2;

/** Worker threads that are starting or waiting for their blocks. */
export interface Pool {
  /**
   * Makes the blocks and hands them to `use` in their order, one at a time. A block is started only when few finished ones are waiting,
   * so a slow disk slows the workers down rather than filling the memory.
   */
  run(
    blocks: readonly Block[],
    start: WorkerStart,
    use: (result: JobResult) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void>;
  close(): Promise<void>;
}

/** Starts threads, which takes them some time of their own: what they need can be worked out here meanwhile. */
export async function startPool(threads: number): Promise<Pool> {
  const entry = await workerEntry();
  const workers = Array.from({ length: threads }, () => new Worker(entry));
  const done = new Map<number, JobResult>();
  const idle = [...workers];
  const spare: ArrayBuffer[] = [];
  let wake: () => void = () => undefined;
  let dispatch: () => void = () => undefined;
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    wake();
  };
  for (const worker of workers) {
    worker.on('message', (result: JobResult) => {
      done.set(result.index, result);
      idle.push(worker);
      dispatch();
      wake();
    });
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`a simulation worker ended early (exit code ${code})`)));
  }
  return {
    async run(blocks, start, use, signal) {
      let next = 0;
      let used = 0;
      dispatch = (): void => {
        while (next < blocks.length && next < used + threads * (1 + WAITING)) {
          const worker = idle.pop();
          const block = blocks[next];
          if (worker === undefined || block === undefined) break;
          const buffer = spare.pop();
          const job: Job = { block, buffer };
          worker.postMessage(job, buffer === undefined ? [] : [buffer]);
          next++;
        }
      };
      const onAbort = (): void => fail(signal?.reason);
      signal?.addEventListener('abort', onAbort);
      try {
        signal?.throwIfAborted();
        for (const worker of workers) worker.postMessage(start);
        dispatch();
        while (used < blocks.length) {
          if (failure !== undefined) throw failure.error;
          const result = done.get(used);
          if (result === undefined) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            continue;
          }
          done.delete(used);
          await use(result);
          used++;
          spare.push(result.encoded.bytes.buffer as ArrayBuffer);
          dispatch();
        }
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.removeAllListeners('exit').terminate()));
    },
  };
}
