import type { Session } from '../../src/adapters/adapter.js';
import { build, type LoadedProject, loadProject, type NodeResult, run } from '../../src/index.js';
import type { TestProject } from './test-project.js';

export interface Opened {
  readonly loaded: LoadedProject;
  /** Statements that sessions of nodes have run since the last `run` or `build`, by session in order. */
  readonly statements: string[];
  build(options?: Parameters<typeof build>[1]): Promise<Record<string, NodeResult>>;
  run(options?: Parameters<typeof run>[1]): Promise<Record<string, NodeResult>>;
  /** Rows of a query on a connection of its own, side by side with a run. */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
}

/** Opens a project in this process, with everything that it sends to the warehouse written down. */
export async function withOpened<T>(
  project: TestProject,
  work: (opened: Opened) => Promise<T>,
  vars: Record<string, number | string | boolean> = {},
): Promise<T> {
  const loaded = await loadProject({ projectDir: project.dir, profilesDir: project.dir, env: {}, vars });
  try {
    const { adapter } = await loaded.engine();
    const statements: string[] = [];
    const open = adapter.session.bind(adapter);
    const look = await open('look');
    adapter.session = async (name) => recorded(await open(name), statements);
    const byName = async (outcome: ReturnType<typeof build>) => {
      const { results } = await outcome;
      return Object.fromEntries(results.map((result) => [result.node.name, result]));
    };
    return await work({
      loaded,
      statements,
      build(options) {
        statements.length = 0;
        return byName(build(loaded, options));
      },
      run(options) {
        statements.length = 0;
        return byName(run(loaded, options));
      },
      rows: async (sql) => (await look.execute(sql)).rows,
    });
  } finally {
    await loaded.close();
  }
}

function recorded(session: Session, statements: string[]): Session {
  const write = (text: string) =>
    statements.push(
      text
        .replace(/\/\*.*?\*\//gs, '')
        .replace(/\s+/g, ' ')
        .trim(),
    );
  return new Proxy(session, {
    get(target, key) {
      const value = Reflect.get(target, key, target) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (key === 'execute') write(String(args[0]));
        else if (key === 'begin' || key === 'commit' || key === 'rollback') write(key);
        return value.apply(target, args) as unknown;
      };
    },
  });
}
