import { problem, UpsqlError } from '../diagnostics/index.js';
import type { Project } from '../project/project.js';
import type { Adapter } from './adapter.js';

/** Makes the adapter of the project's target; nothing is opened yet. Throws UpsqlError for an unknown type. */
export async function createAdapter({
  target,
  config,
}: Pick<Project, 'target'> & { readonly config?: Pick<Project['config'], 'quoting'> }): Promise<Adapter> {
  if (target.type === 'duckdb') {
    const { createDuckDbAdapter } = await import('./duckdb/index.js');
    return createDuckDbAdapter(target.credentials, { projectRoot: target.root });
  }
  if (target.type === 'snowflake') {
    const { createSnowflakeAdapter } = await import('./snowflake/index.js');
    return createSnowflakeAdapter(target.credentials, { projectRoot: target.root, quoting: config?.quoting });
  }
  throw new UpsqlError(
    problem(
      'unknown-adapter',
      `The target '${target.name}' has the type '${target.type}', for which there is no adapter`,
      {
        hint: 'Use type: duckdb or type: snowflake.',
      },
    ),
  );
}
