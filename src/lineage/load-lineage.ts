import type { Session } from '../adapters/adapter.js';
import type { Node, SourceNode } from '../parse/node.js';
import { readSeed } from '../parse/runtime/seed-table.js';
import type { Engine } from '../run/engine.js';
import type { RunListener } from '../run/events.js';
import { compile } from '../run/tasks/compile.js';
import { type NodeLineage, projectLineage } from './project-lineage.js';
import { createQueryReader } from './read/create-query-reader.js';

export interface LoadLineageOptions {
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Gets the errors of nodes that do not compile; what compiles well is not told. */
  readonly listen?: RunListener | undefined;
}

/** Compiles the project's models and snapshots and traces every column of theirs, by unique_id. Builds nothing. */
export async function loadLineage(
  engine: Engine,
  options: LoadLineageOptions = {},
): Promise<ReadonlyMap<string, NodeLineage>> {
  await compileAll(engine, options);
  const session = await engine.adapter.session('lineage');
  try {
    return await projectLineage({
      manifest: engine.manifest,
      graph: engine.graph,
      reader: await createQueryReader(engine.adapter.type, session),
      columnsOf: async (node) => {
        const built = (await builtColumns(engine, session, node)).map(({ name }) => name);
        return built.length > 0 ? built : seedHeader(engine, node);
      },
    });
  } finally {
    await session.close();
  }
}

/** A seed that is not loaded yet has the columns of its file's header. */
function seedHeader(engine: Engine, node: Node | SourceNode): readonly string[] {
  const file = node.resource_type === 'seed' ? engine.origin?.(node as Node).file : undefined;
  if (file === undefined) return [];
  const { delimiter } = (node as Node).config;
  try {
    return readSeed(file, typeof delimiter === 'string' ? delimiter : ',', new Set()).columns;
  } catch {
    // What is wrong with the file is told when it is loaded.
    return [];
  }
}

/** Sets `compiled_code` of all models and snapshots that compile. */
export async function compileAll(engine: Engine, { threads, signal, listen }: LoadLineageOptions): Promise<void> {
  await compile(engine, {
    resourceTypes: ['model', 'snapshot'],
    threads,
    signal,
    listen: (event) => {
      if (event.kind === 'node-end' && event.result.status === 'error') listen?.(event);
      if (event.kind === 'warning' && event.diagnostic.code !== 'nothing-selected') listen?.(event);
    },
  });
}

/** The columns of a node's relation in the warehouse; none when it is not there. */
export function builtColumns(engine: Engine, session: Session, node: Node | SourceNode) {
  const identifier = node.resource_type === 'source' ? (node as SourceNode).identifier : (node as Node).alias;
  return engine.adapter.getColumns(session, { database: node.database, schema: node.schema, identifier });
}
