import { join } from 'node:path';
import { quoteName } from '../../adapters/names.js';
import { Dict, fromJinja, hostFunction, str, Undefined } from '../../jinja/index.js';
import type { Project } from '../../project/index.js';
import type { ParsedProject } from '../state.js';
import { findVar } from './vars.js';

/** Where a project's trained models are: the var `ml_path`, or `ml`, below its root. */
export function modelFolder(project: Project): string {
  const path = fromJinja(findVar(project, project.config.name, 'ml_path'));
  return join(project.root, typeof path === 'string' && path !== '' ? path : 'ml');
}

/**
 * `upsql_ml`, which the `ml_` macros call: the SQL that a trained model becomes. The code of models is loaded when it is first called.
 */
export function mlFunction(parsed: ParsedProject) {
  const { dialect, type } = parsed.adapter;
  const sqlDialect = { type, quote: (name: string) => quoteName(dialect, name) };
  return hostFunction(
    'upsql_ml',
    ['action', 'model', 'relation', ['options', null]],
    async (action: unknown, name: unknown, relation: unknown, given: unknown) => {
      const [{ openStore, requireFeatures }, sql] = await Promise.all([
        import('../../ml/artifact/index.js'),
        import('../../ml/sql/index.js'),
      ]);
      const options = (given instanceof Dict ? fromJinja(given) : {}) as Record<string, unknown>;
      const version = options.version ?? undefined;
      const artifact = openStore(modelFolder(parsed.project)).load(
        str(name),
        version === undefined ? undefined : Number(version),
      );
      if (Array.isArray(options.columns)) requireFeatures(artifact, options.columns.map(String));
      const from = relation instanceof Undefined ? '' : str(relation);
      if (action === 'drift') return sql.driftSql(artifact, from, sqlDialect, Number(options.limit ?? 0.2));
      if (action === 'facts') return sql.factsSql(artifact, from, sqlDialect);
      const keep = Array.isArray(options.keep) ? options.keep.map(String) : undefined;
      const predict = sql.predictSql(artifact, from, sqlDialect, {
        keep,
        rename: (options.rename ?? undefined) as Record<string, string> | undefined,
        schema: typeof options.schema === 'string' ? options.schema : undefined,
      });
      return new Dict([
        ['sql', predict.sql],
        ['setup', [...predict.setup]],
        ['table', predict.table],
      ]);
    },
  );
}
