import type { BoostingOptions } from '../classifier.js';
import type { Cuts } from './bins.js';
import type { Ground } from './block.js';
import { leadCrew, type SharedWork } from './crew.js';
import { TreeGrower } from './grow.js';
import type { Tree } from './tree.js';

/** All that a training works on: plain data and (shared) arrays. */
export interface Training {
  readonly ground: Ground;
  readonly cuts: readonly Cuts[];
  readonly settings: Required<BoostingOptions>;
  readonly work: SharedWork;
  /** Threads that take part, the leader among them. */
  readonly members: number;
}

/** Grows all trees, leading the crew. */
export function boost({ ground, cuts, settings, work, members }: Training): Tree[] {
  const crew = leadCrew(ground, work, members);
  const { offsets, places } = ground.binned;
  const grower = new TreeGrower({ cuts, offsets, places, settings }, crew);
  const trees = Array.from({ length: settings.trees }, () => grower.grow());
  crew.end();
  return trees;
}
