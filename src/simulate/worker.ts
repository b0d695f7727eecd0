import { parentPort } from 'node:worker_threads';
import type { Block } from './calendar.js';
import { encode } from './encode.js';
import { generator } from './generate.js';
import type { Job, JobResult, WorkerStart } from './pool.js';

/** The worker's side of the pool: told once what to simulate, makes and encodes the blocks it is sent. */
parentPort?.once('message', ({ settings, people }: WorkerStart) => {
  const generate = generator(settings, people);
  parentPort?.on('message', ({ block, buffer }: Job) => {
    const { rows, tally } = generate(block as Block);
    const encoded = encode(settings.format, rows, buffer);
    const result: JobResult = { index: block.index, tally, encoded };
    parentPort?.postMessage(result, [encoded.bytes.buffer as ArrayBuffer]);
  });
});
