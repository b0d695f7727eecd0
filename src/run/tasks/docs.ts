import type { Session } from '../../adapters/adapter.js';
import type { Node, SourceNode } from '../../parse/node.js';
import { type Catalog, type CatalogTable, catalogTables, placeOf } from '../catalog.js';
import type { Engine } from '../engine.js';
import type { RunOutcome } from '../events.js';
import { selectIds } from '../selection.js';
import { compile } from './compile.js';
import type { TaskOptions } from './run-task.js';

export interface DocsOptions extends TaskOptions {
  /** Compile the selected nodes first, so that the manifest has their SQL. Default true. */
  readonly compile?: boolean;
  /** Ask the warehouse for nothing. */
  readonly emptyCatalog?: boolean;
}

export interface DocsOutcome {
  /** Of compiling; undefined without it. */
  readonly compiled: RunOutcome | undefined;
  /** Undefined when a node did not compile. */
  readonly catalog: Catalog | undefined;
}

const RELATIONAL = new Set(['model', 'seed', 'snapshot']);
const COMPILED = ['model', 'test', 'snapshot', 'seed', 'analysis', 'operation'];

/** Compiles the selected nodes and asks the warehouse for their columns and figures (`upsql docs generate`). */
export async function generateDocs(engine: Engine, options: DocsOptions = {}): Promise<DocsOutcome> {
  const { emptyCatalog = false, compile: compileFirst = true, ...task } = options;
  const compiled = compileFirst ? await compile(engine, task, false) : undefined;
  if (compiled?.success === false) return { compiled, catalog: undefined };
  if (emptyCatalog) return { compiled, catalog: { nodes: {}, sources: {}, errors: [] } };
  const session = await engine.adapter.session('catalog');
  const cancel = (): void => session.cancel();
  options.signal?.addEventListener('abort', cancel);
  try {
    return { compiled, catalog: await readCatalog(engine, selected(engine, task), session) };
  } finally {
    options.signal?.removeEventListener('abort', cancel);
    await session.close();
  }
}

/** What has a relation among the selected nodes and sources. */
function selected(engine: Engine, options: TaskOptions): (Node | SourceNode)[] {
  const { nodes, sources } = engine.manifest;
  // Warnings of the selection came with compiling.
  const ids = selectIds(engine, [...COMPILED, 'source'], { ...options, listen: undefined });
  return ids
    .map((id) => nodes[id] ?? sources[id])
    .filter((node) => node !== undefined)
    .filter(
      (node) =>
        node.resource_type === 'source' ||
        (RELATIONAL.has(node.resource_type) && (node as Node).config.materialized !== 'ephemeral'),
    );
}

async function readCatalog(engine: Engine, wanted: readonly (Node | SourceNode)[], session: Session): Promise<Catalog> {
  const byDatabase = new Map<string, (Node | SourceNode)[]>();
  for (const node of wanted) {
    const key = node.database ?? '';
    const list = byDatabase.get(key);
    if (list === undefined) byDatabase.set(key, [node]);
    else list.push(node);
  }
  const tables = new Map<string, CatalogTable>();
  const errors: string[] = [];
  for (const [database, nodes] of byDatabase) {
    try {
      for (const [key, table] of catalogTables(await engine.runtime.catalog(nodes, session))) tables.set(key, table);
    } catch (error) {
      errors.push(`${database}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const found: Record<'nodes' | 'sources', Record<string, CatalogTable>> = { nodes: {}, sources: {} };
  for (const node of wanted) {
    const table = tables.get(placeOf(node));
    if (table !== undefined) found[node.resource_type === 'source' ? 'sources' : 'nodes'][node.unique_id] = table;
  }
  return { ...found, errors };
}
