import { tmpdir } from 'node:os';
import type { Adapter, Session } from '../../../src/adapters/adapter.js';
import { createDuckDbAdapter } from '../../../src/adapters/duckdb/index.js';
import { buildGraph } from '../../../src/graph/index.js';
import type { Node } from '../../../src/parse/node.js';
import type { Runtime } from '../../../src/parse/runtime.js';
import type { Project } from '../../../src/project/project.js';
import type { Engine } from '../../../src/run/engine.js';
import { manifestOf } from './fixtures.js';

export const project: Project = {
  root: tmpdir(),
  config: { name: 'shop', flags: {}, targetPath: 'target' } as unknown as Project['config'],
  packages: [],
  target: {
    profileName: 'p',
    name: 'dev',
    root: tmpdir(),
    type: 'duckdb',
    threads: 2,
    credentials: {},
    profilesFile: null,
  },
  cliVars: {},
  targetDir: `${tmpdir()}/target`,
  env: {},
  diagnostics: [],
};

/** A real in-memory DuckDB. */
export async function memoryDuckDb(): Promise<Adapter> {
  const adapter = createDuckDbAdapter({ type: 'duckdb', path: ':memory:' }, { projectRoot: tmpdir() });
  await adapter.open();
  return adapter;
}

type Materialize = (node: Node, session: Session) => Promise<void>;

/**
 * An engine over nodes whose `raw_code` is plain SQL: a model's is run as it stands, a test's gives the failing rows.
 * `materialize` may stand in for running a model.
 */
export function engineOf(nodes: readonly Node[], adapter: Adapter, materialize?: Materialize): Engine {
  const manifest = manifestOf(nodes);
  const runtime: Runtime = {
    async compile(node) {
      node.compiled = true;
      node.compiled_code = node.raw_code;
      node.compiled_path = `target/compiled/shop/${node.original_file_path}`;
    },
    compileInline: async (sql) => sql,
    async materialize(node, session) {
      await (materialize ?? (async () => void (await session.execute(node.raw_code))))(node, session);
      return { relations: [], response: { _message: 'OK' } };
    },
    schemaExists: async () => false,
    existing: async () => null,
    async test(node, session) {
      const found = await session.execute(node.raw_code);
      const failures = found.rows.length;
      return { failures, shouldWarn: failures > 0, shouldError: failures > 0, response: { _message: 'OK' } };
    },
    unitTest: () => Promise.reject(new Error('no unit tests here')),
    prepare: async () => undefined,
    hooks: () => [],
    runHook: async () => undefined,
    callMacro: async () => null,
    catalog: async () => [],
    commented: (session) => session,
    freshness: () => Promise.reject(new Error('no sources here')),
  };
  return { project, manifest, graph: buildGraph(manifest), runtime, adapter };
}
