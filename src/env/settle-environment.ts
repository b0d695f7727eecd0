/** The end of a run in an environment: its views show what there is now. */
import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Engine } from '../run/engine.js';
import type { NodeResult } from '../run/events.js';
import type { Decision } from './decide.js';
import { environmentSchema, type Place, render, samePlace } from './names.js';
import { dropSql, viewSql } from './relations.js';
import type { Environment, EnvironmentNode, StateStore, Version } from './state.js';
import { createSchemas, switchAtOnce } from './switch-views.js';
import type { Workspace } from './workspace.js';

/** How tests end that hold up a promotion. */
export const FAILED: ReadonlySet<string> = new Set(['fail', 'error', 'runtime error']);

export interface Settling {
  readonly engine: Engine;
  readonly store: StateStore;
  readonly workspace: Workspace;
  readonly decisions: ReadonlyMap<string, Decision>;
  readonly environment: string;
  readonly built: ReadonlyMap<string, Version>;
  readonly results: readonly NodeResult[];
  /** Where failing rows of tests are kept, by test. */
  readonly extras: ReadonlyMap<string, Place>;
  /** Keys of tests that have passed, also earlier. */
  readonly passed: ReadonlySet<string>;
}

/** Switches the environment's views to what there is now. Gives a line that says where the environment stands. */
export async function settleEnvironment(settling: Settling): Promise<string> {
  const { engine, store, workspace, decisions, environment, results, passed } = settling;
  const before = await store.environment(environment);
  const nodes: Record<string, EnvironmentNode> = {};
  const pending: string[] = [];
  for (const [id, decision] of decisions) {
    const entry = shownNode(settling, id, decision, before?.nodes[id]);
    if (decision.action === 'build' && !settling.built.has(id)) pending.push(id);
    if (entry !== undefined) nodes[id] = entry;
  }
  const ran = new Map(results.map(({ node, status }) => [node.unique_id, status]));
  const failed = [...workspace.checkKeys].flatMap(([id, key]) => {
    const status = ran.get(id);
    const fails = status === undefined ? before?.failed.includes(id) && !passed.has(key) : FAILED.has(status);
    return fails ? [id] : [];
  });
  const kept = results.flatMap(({ node }) =>
    node.relation_name === null ? [] : (settling.extras.get(node.unique_id) ?? []),
  );
  const extras = [
    ...new Map([...(before?.extras ?? []), ...kept].map((place) => [JSON.stringify(place), place])).values(),
  ];
  const { relations } = workspace;
  const names = Object.values(nodes).map(({ name }) => name);
  await createSchemas(engine, store, names);
  const stale = Object.entries(nodes).filter(([id, node]) => {
    const shown = relations.get(node.name);
    if (shown !== undefined && shown.type !== 'view') throw notOurs(engine, node.name);
    return shown === undefined || !samePlace(before?.nodes[id]?.place, node.place) || settling.built.has(id);
  });
  const gone = Object.entries(before?.nodes ?? {}).filter(([id]) => nodes[id] === undefined);
  const statements = [
    ...stale.map(([, { name, place }]) => ({ sql: viewSql(engine, name, place), database: name.database })),
    ...gone.map(([, { name }]) => ({
      sql: dropSql(engine, { place: name, type: 'view' }),
      database: name.database,
    })),
  ];
  await switchAtOnce(engine, store, statements, async () => {
    await store.update<Environment>('environment', environment, (now) => ({
      name: environment,
      createdAt: now?.createdAt ?? new Date().toISOString(),
      builtAt: new Date().toISOString(),
      nodes,
      settled: true,
      pending,
      failed,
      extras,
    }));
  });
  return summary(environment, nodes, pending, failed);
}

function shownNode(
  { engine, workspace, environment, built }: Settling,
  id: string,
  decision: Decision,
  before: EnvironmentNode | undefined,
): EnvironmentNode | undefined {
  const production = workspace.names.get(id);
  if (production === undefined) return undefined;
  const there = workspace.production.nodes[id];
  const name = { ...production, schema: environmentSchema(production.schema, environment) };
  const common = { name, production, base: there?.key ?? null };
  const { action, key, preview, place } = decision;
  if (action === 'production') return { ...common, key, place, from: 'production' };
  if (action === 'version' || built.has(id)) return { ...common, key, place, from: preview ? 'preview' : 'version' };
  // Not built: what it showed before stays, else what production has.
  if (before !== undefined && before.from !== 'production' && workspace.relations.get(before.place) !== undefined)
    return { ...before, name };
  if (there === undefined || workspace.relations.get(there.place) === undefined) return undefined;
  return engine.manifest.nodes[id] === undefined
    ? undefined
    : { ...common, key: there.key, place: there.place, from: 'production' };
}

function summary(
  environment: string,
  nodes: Readonly<Record<string, EnvironmentNode>>,
  pending: readonly string[],
  failed: readonly string[],
): string {
  const all = Object.values(nodes);
  const own = all.filter(({ from }) => from !== 'production').length;
  const parts = [`${own} ${own === 1 ? 'relation' : 'relations'} of its own, ${all.length - own} of production`];
  if (pending.length > 0) parts.push(`${pending.length} not built`);
  if (failed.length > 0) parts.push(`${failed.length} failing ${failed.length === 1 ? 'test' : 'tests'}`);
  const ready = pending.length === 0 && failed.length === 0;
  return `Environment ${environment} shows ${parts.join(', ')}${ready ? `: ready, upsql env promote ${environment}` : ''}`;
}

function notOurs(engine: Engine, place: Place): UpsqlError {
  return new UpsqlError(
    problem('environment-name-taken', `${render(engine, place)} is there already and is no view`, {
      hint: 'It is not of upsql: rename or drop it, or give the environment another name.',
    }),
    1,
  );
}
