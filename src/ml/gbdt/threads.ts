import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Training } from './boost.js';
import type { Tree } from './tree.js';
import { workerEntry } from './worker-entry.js';

/** Rows from which threads are worth their start. */
export const THREAD_ROWS = 50_000;
const MOST_THREADS = 8;

/** How many threads a training of so many rows takes by itself. */
export function threadsFor(rows: number): number {
  return rows < THREAD_ROWS ? 1 : Math.min(MOST_THREADS, availableParallelism());
}

/** Threads that are starting or waiting for a training. */
export interface Threads {
  /** Trains in them, so that this thread goes on meanwhile. The training's arrays must lie in shared memory. */
  boost(training: Training): Promise<Tree[]>;
  close(): Promise<void>;
}

/** Starts threads, which takes them some time of their own: what a training needs can be prepared here meanwhile. */
export async function startThreads(members: number): Promise<Threads> {
  const entry = await workerEntry();
  const workers = Array.from({ length: members }, (_, member) => new Worker(entry, { workerData: { member } }));
  const trained = new Promise<Tree[]>((resolve, reject) => {
    for (const [member, worker] of workers.entries()) {
      worker.on('error', reject);
      if (member === 0) worker.on('message', resolve);
      worker.on('exit', (code) => {
        if (code !== 0) reject(new Error(`a training thread ended early (exit code ${code})`));
      });
    }
  });
  // Whoever trains awaits it; before that, a thread that fails must not end the process.
  trained.catch(() => undefined);
  return {
    boost(training) {
      for (const worker of workers) worker.postMessage(training);
      return trained;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.removeAllListeners('exit').terminate()));
    },
  };
}
