import { parentPort, workerData } from 'node:worker_threads';
import { boost, type Training } from './boost.js';
import { helpCrew } from './crew.js';

/** A thread of a training: member 0 leads and sends the trees, the others help. */
const { training, member } = workerData as { readonly training: Training; readonly member: number };
if (member === 0) parentPort?.postMessage(boost(training));
else helpCrew(training.ground, training.work, member, training.members);
