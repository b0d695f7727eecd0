import type { Manifest } from '../parse/node.js';

/** The manifest of another environment, and what it is for. */
export interface DeferState {
  readonly manifest: Manifest;
  /** Refs read its relations where this environment has none; false for `clone`, which copies them. */
  readonly defer: boolean;
  /** Refs of what is not selected read its relations in any case. */
  readonly favorState: boolean;
}

const REFABLE = new Set(['model', 'seed', 'snapshot']);

/** Notes at every node that the state has too, ephemeral models left out, where it is there: dbt's `defer_relation`. */
export function addDeferRelations(manifest: Manifest, state: Manifest): void {
  for (const [id, then] of Object.entries(state.nodes)) {
    const node = manifest.nodes[id];
    if (node === undefined || !REFABLE.has(then.resource_type) || then.config.materialized === 'ephemeral') continue;
    const { database, schema, alias, relation_name, resource_type, name, description, meta, tags, config } = then;
    const compiled_code = then.compiled_code ?? null;
    node.defer_relation = {
      ...{ database, schema, alias, relation_name, resource_type, name, description },
      ...{ compiled_code, meta, tags, config },
    };
  }
}
