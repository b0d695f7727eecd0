import type { Engine } from '../run/engine.js';
import type { PlannedNode } from './change-plan.js';

/** Something outside of the warehouse that reads what is to be built. */
export interface AffectedExposure {
  readonly id: string;
  readonly name: string;
  readonly owner: string | null;
  /** What of the plan it reads. */
  readonly reads: readonly string[];
  /** A column goes or gets another type in something that it reads. */
  readonly breaking: boolean;
}

/** Exposures that read what is built, ephemeral models in between passed through. */
export function affectedExposures(
  { manifest, graph }: Engine,
  build: readonly PlannedNode[],
): readonly AffectedExposure[] {
  const planned = new Map(build.filter(({ impact }) => impact !== 'none').map((node) => [node.id, node]));
  const inputs = (id: string): readonly string[] =>
    (graph.parents.get(id) ?? []).flatMap((parent) =>
      manifest.nodes[parent]?.config.materialized === 'ephemeral' ? inputs(parent) : [parent],
    );
  return Object.entries(manifest.exposures).flatMap(([id, exposure]) => {
    const reads = [...new Set(inputs(id))].flatMap((input) => planned.get(input) ?? []);
    if (reads.length === 0) return [];
    const { owner } = exposure as { readonly owner?: { readonly name?: string | null; readonly email?: unknown } };
    const email = Array.isArray(owner?.email) ? owner.email.join(', ') : owner?.email;
    return {
      id,
      name: exposure.name,
      owner: owner?.name ?? (typeof email === 'string' ? email : null),
      reads: reads.map((node) => node.id),
      breaking: reads.some(({ columns }) => columns.some(({ change }) => change !== 'added')),
    };
  });
}
