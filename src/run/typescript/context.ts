import type { Kysely } from 'kysely';
import type { ColumnData, Dialect, ResultColumn, Session, SqlValue } from '../../adapters/adapter.js';
import { createKysely, toObjects } from '../../adapters/kysely/index.js';
import { toProgramName } from '../../adapters/names.js';
import { didYouMean } from '../../diagnostics/index.js';
import type { AnyDatabase, Columns, ModelConfig, ModelContext } from '../../model.js';
import { ModelFault } from './fault.js';

export interface ContextOptions {
  readonly session: Session;
  readonly dialect: Dialect;
  /** Names of refs and sources to relations as they stand in SQL. */
  readonly relations: ReadonlyMap<string, string>;
  readonly config: ModelConfig;
  readonly target: ModelContext['target'];
  readonly isIncremental: boolean;
  /** The value of a var, or undefined when it is not set. */
  readonly vars: (name: string) => unknown;
  readonly log: (message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * A value as a model reads it: numbers for all numeric types, so that one can calculate with them. A DECIMAL is the
 * nearest double; an integer beyond 2^53 stays an exact bigint.
 */
export function modelValue({ type }: ResultColumn): (value: SqlValue) => unknown {
  if (/^(DECIMAL|NUMERIC|NUMBER|FIXED)/i.test(type)) {
    const whole = !/,\s*[1-9]/.test(type);
    return (value) => (value === null ? null : exactNumber(value, whole));
  }
  if (/^U?(BIGINT|HUGEINT)$/i.test(type)) return (value) => (value === null ? null : exactNumber(value, true));
  return (value) => value;
}

function exactNumber(value: SqlValue, whole: boolean): unknown {
  const number = Number(value);
  if (Number.isSafeInteger(number) || !whole) return number;
  return typeof value === 'bigint' ? value : BigInt(String(value).replace(/\..*$/, ''));
}

function undeclared(name: string, relations: ReadonlyMap<string, string>): ModelFault {
  const names = [...relations.keys()];
  const declared = names.length === 0 ? 'config declares no refs' : `config declares: ${names.join(', ')}`;
  const add = name.includes('.') ? `config.refs or config.sources` : 'config.refs';
  return new ModelFault(
    'undeclared-ref',
    `it reads '${name}', which its config does not declare (${declared})`,
    didYouMean(name, names) ?? `Add '${name}' to ${add}, so that it is built first.`,
  );
}

/** What a TypeScript model's function is called with. */
export function createContext(options: ContextOptions): ModelContext {
  const { session, dialect, relations, signal } = options;
  // Frames of awaited calls are kept, so that a failed query is told at the line that asked for it.
  const asked = async <T>(run: (relation: string) => Promise<T>, name: string): Promise<T> => {
    const relation = relations.get(name);
    if (relation === undefined) throw undeclared(name, relations);
    signal.throwIfAborted();
    const site = new Error().stack;
    try {
      return await run(relation);
    } catch (error) {
      throw failed(error, site);
    }
  };
  const failed = (error: unknown, site: string | undefined): unknown =>
    error instanceof ModelFault
      ? error
      : new ModelFault('query-failed', error instanceof Error ? error.message : String(error), undefined, {
          cause: error,
          site,
        });
  let kysely: Kysely<AnyDatabase> | undefined;

  return {
    rows: (name) =>
      asked(async (relation) => {
        const result = await session.execute(`select * from ${relation}`);
        return toObjects(result, dialect, modelValue) as never;
      }, name),
    columns: (name) =>
      asked(async (relation) => {
        const result = await session.columns(`select * from ${relation}`);
        const columns: Record<string, ColumnData> = {};
        for (const [column, data] of result.columns) columns[toProgramName(dialect, column)] = data;
        return { length: result.length, columns } as unknown as Columns<never>;
      }, name),
    get db() {
      kysely ??= createKysely<AnyDatabase>(session, dialect, {
        relations,
        reader: modelValue,
        unknownTable: (name) => undeclared(name, relations),
        failed,
        before: () => signal.throwIfAborted(),
      });
      return kysely;
    },
    vars: <T>(name: string, fallback?: T): T => {
      const value = options.vars(name);
      if (value !== undefined) return value as T;
      if (fallback !== undefined) return fallback;
      const hint = `Set it under 'vars' in dbt_project.yml or with --vars, or give a default: vars('${name}', ...).`;
      throw new ModelFault('unknown-var', `the var '${name}' is not set`, hint);
    },
    config: options.config,
    target: options.target,
    isIncremental: options.isIncremental,
    log: (message) => options.log(String(message)),
  };
}
