import type { Manifest } from '../parse/node.js';
import { type ChangePlan, type ChangePlanOptions, makeChangePlan } from '../plan/index.js';
import { type BuildRecord, type BuiltNode, readRecord } from '../plan/record.js';
import type { Engine } from '../run/engine.js';
import { checkName } from './names.js';
import { openWorkspace, type Workspace, withStore } from './workspace.js';

export interface EnvironmentPlan extends ChangePlan {
  readonly environment: string;
  /** Of what differs from production: what is built already, here or in another environment, and is reused. */
  readonly versions: readonly string[];
  /** What stays in the environment, as production's history is kept: promoting leaves it to production's next build. */
  readonly previews: readonly string[];
}

/** What a build in an environment would make, against production. Nothing is changed in the warehouse. */
export async function planEnvironment(
  engine: Engine,
  environment: string,
  options: Omit<ChangePlanOptions, 'earlier' | 'record' | 'isSame'> & { readonly earlier?: Manifest | undefined },
): Promise<EnvironmentPlan> {
  checkName(environment);
  const { earlier, ...rest } = options;
  const workspace = await withStore(engine, async (store) => {
    // Read only: what is found out about production is not written down.
    const known = await store.exists();
    return openWorkspace(engine, store, known, { earlier, environment, readOnly: true });
  });
  const decisions = workspace.decisions(environment);
  const isSame = (id: string): boolean => decisions.get(id)?.action === 'production';
  const plan = await makeChangePlan(engine, { ...rest, record: recordOf(engine, workspace), isSame });
  const planned = plan.build.map(({ id }) => id);
  return {
    ...plan,
    environment,
    versions: planned.filter((id) => decisions.get(id)?.action === 'version'),
    previews: planned.filter((id) => decisions.get(id)?.preview === true),
  };
}

/** Production as a record of what was built; the SQL of it where this checkout has built it. */
function recordOf(engine: Engine, { production, checks }: Workspace): BuildRecord {
  const own = readRecord(engine.project);
  const nodes: Record<string, BuiltNode> = {};
  for (const [id, { parts, builtAt }] of Object.entries(production.nodes)) {
    if (parts === null) continue;
    const local = own.nodes[id];
    nodes[id] = {
      ...parts,
      compiled: null,
      text: local?.version === parts.version ? local.text : null,
      built_at: builtAt,
    };
  }
  return { nodes, unsure: new Set(), checks };
}
