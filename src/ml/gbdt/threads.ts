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

/** Trains in threads of their own, so that this one goes on meanwhile. The training's arrays must lie in shared memory. */
export async function boostInThreads(training: Training): Promise<Tree[]> {
  const entry = await workerEntry();
  const workers = Array.from(
    { length: training.members },
    (_, member) => new Worker(entry, { workerData: { training, member } }),
  );
  try {
    return await new Promise<Tree[]>((resolve, reject) => {
      for (const [member, worker] of workers.entries()) {
        worker.on('error', reject);
        if (member === 0) worker.on('message', resolve);
        worker.on('exit', (code) => {
          if (code !== 0) reject(new Error(`a training thread ended early (exit code ${code})`));
        });
      }
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.removeAllListeners('exit').terminate()));
  }
}
