import { parentPort, workerData } from 'node:worker_threads';
import { boost, type Training } from './boost.js';
import { helpCrew } from './crew.js';

/** A thread of a training, which comes as a message: member 0 leads and sends the trees, the others help. */
const { member } = workerData as { readonly member: number };
parentPort?.once('message', (training: Training) => {
  if (member === 0) parentPort?.postMessage(boost(training));
  else helpCrew(training.ground, training.work, member, training.members);
});
