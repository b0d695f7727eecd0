import type { Adapter, RelationName, Session } from '../adapters/adapter.js';
import { problem, UpsqlError } from '../diagnostics/index.js';
import { fromJinja, toJinja } from '../jinja/index.js';
import type { ModelConfig } from '../model.js';
import { findVar } from '../parse/context/vars.js';
import { originOf, type ParsedProject } from '../parse/index.js';
import { findRef, findSource } from '../parse/lookup.js';
import type { Node, SourceNode } from '../parse/node.js';
import type { RunListener } from './events.js';

export interface TypescriptRun {
  readonly parsed: ParsedProject;
  readonly adapter: Adapter;
  readonly node: Node;
  /** The table to make. */
  readonly table: RelationName;
  readonly session: Session;
  readonly isIncremental: boolean;
  /** An input as it stands in SQL. */
  readonly read: (input: Node | SourceNode) => Promise<string>;
  readonly signal: AbortSignal;
  readonly listen: RunListener | undefined;
}

/** Runs a node that is a TypeScript model: what it declares to read, by name, and where its messages go. */
export async function runTypescriptNode(run: TypescriptRun): Promise<{ readonly rowsAffected: number }> {
  const { parsed, adapter, node, session, listen } = run;
  const { project } = parsed;
  const { runTypescriptModel } = await import('./typescript/index.js');
  return runTypescriptModel({
    file: originOf(parsed, node).file,
    name: node.name,
    uniqueId: node.unique_id,
    config: node.config as ModelConfig,
    relations: await readable(run),
    table: run.table,
    columnTypes: declaredTypes(node),
    target: {
      name: project.target.name,
      type: adapter.type,
      schema: adapter.schema,
      database: adapter.database,
    },
    session,
    adapter,
    vars: (name) => {
      const value = findVar(project, node.package_name, name);
      return value === undefined ? undefined : fromJinja(toJinja(value));
    },
    isIncremental: run.isIncremental,
    log: (message) => listen?.({ kind: 'node-log', node, message, level: 'info' }),
    signal: run.signal,
    targetDir: project.targetDir,
    projectRoot: project.root,
  });
}

/** The names in `refs` and `sources` of the model's config, and the relations they stand for. */
async function readable({ parsed, node, read }: TypescriptRun): Promise<ReadonlyMap<string, string>> {
  const root = parsed.project.config.name;
  const relations = new Map<string, string>();
  for (const ref of node.refs) {
    const found = findRef(parsed.lookup, ref, root, node.package_name);
    if (found.kind !== 'found') continue;
    if (found.node.relation_name === null || found.node.config.materialized === 'ephemeral') {
      throw unreadable(parsed, node, found.node);
    }
    relations.set(ref.package === null ? ref.name : `${ref.package}.${ref.name}`, await read(found.node));
  }
  for (const [source, table] of node.sources) {
    const found = findSource(parsed.lookup, source, table, root, node.package_name);
    if (found.kind === 'found' && found.node.relation_name !== null) {
      relations.set(`${source}.${table}`, await read(found.node));
    }
  }
  return relations;
}

function unreadable(parsed: ParsedProject, node: Node, read: Node): UpsqlError {
  const message = `The TypeScript model '${node.name}' reads '${read.name}', which is ephemeral: it has no table or view`;
  const place = { file: originOf(parsed, node).file, line: 1, column: 1 };
  return new UpsqlError(
    problem('ephemeral-ref', message, { place, hint: `Make '${read.name}' a view or a table.` }),
    1,
  );
}

function declaredTypes(node: Node): Record<string, string> {
  const typed = Object.values(node.columns).filter((column) => column.data_type !== null);
  return Object.fromEntries(typed.map((column) => [column.name, column.data_type ?? '']));
}
