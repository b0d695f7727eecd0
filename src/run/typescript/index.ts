/** Runs TypeScript models. Importing this is cheap; esbuild and Kysely are loaded when a model runs. */
import type { Adapter, RelationName, Session } from '../../adapters/adapter.js';
import { DatabaseError } from '../../adapters/adapter.js';
import { toWarehouseName } from '../../adapters/names.js';
import { type Diagnostic, problem, UpsqlError } from '../../diagnostics/index.js';
import type { ModelConfig, ModelContext } from '../../model.js';
import { bundleModel } from './bundle.js';
import { ModelFault } from './fault.js';
import { importUrl, UserFrames } from './frames.js';
import { readResult, type TypedResult } from './result.js';

export { generateTypes, type TypesOptions } from './types.js';

export interface TypescriptModelOptions {
  /** The model's file, absolute. */
  readonly file: string;
  /** The model's name for messages. */
  readonly name: string;
  /** The node's unique_id, which names its bundle. */
  readonly uniqueId: string;
  readonly config: ModelConfig;
  /** The names that the model may read (`orders`, `package.orders`, `source.table`) to relations as they stand in SQL. */
  readonly relations: ReadonlyMap<string, string>;
  /** The table to make. It must not exist. */
  readonly table: RelationName;
  /** SQL types by column, from the model's properties file; the model's own `types` come first. */
  readonly columnTypes?: Readonly<Record<string, string>>;
  readonly target: ModelContext['target'];
  readonly session: Session;
  readonly adapter: Pick<Adapter, 'dialect'>;
  /** The value of a var, or undefined when it is not set. */
  readonly vars: (name: string) => unknown;
  readonly isIncremental: boolean;
  readonly log: (message: string) => void;
  readonly signal: AbortSignal;
  readonly targetDir: string;
  readonly projectRoot: string;
}

type ModelFunction = (context: ModelContext) => unknown;

/** How deep stacks are kept once a model runs: an awaited query is many frames away from the user's line. */
const STACK_DEPTH = 60;

function cancelled(): DatabaseError {
  return new DatabaseError('The run was cancelled.', '', 'interrupted');
}

/** Waits for the model, or for the run's end if that comes first. */
async function settled<T>(work: Promise<T>, signal: AbortSignal, session: Session): Promise<T> {
  let stop: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      session.cancel();
      reject(cancelled());
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    // The model may fail later for the same reason; nobody waits for it any more.
    work.catch(() => undefined);
  }
}

/** The diagnostic of an UpsqlError, also of one from another copy of the package. */
function ownDiagnostic(error: unknown): Diagnostic | undefined {
  const list: unknown = error instanceof Error ? Reflect.get(error, 'diagnostics') : undefined;
  return Array.isArray(list) ? (list[0] as Diagnostic) : undefined;
}

function describe(error: unknown): Pick<Diagnostic, 'code' | 'message' | 'hint'> {
  if (error instanceof ModelFault)
    return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  const own = ownDiagnostic(error);
  if (own !== undefined) return own;
  const thrown = error instanceof Error ? (error.name === 'Error' ? error.message : String(error)) : `threw ${error}`;
  return { code: 'typescript-model-failed', message: thrown };
}

/** What was thrown, as an error whose place is the user's own line. */
function modelError(error: unknown, { name, file }: TypescriptModelOptions, users: UserFrames): UpsqlError {
  const { code, message, hint } = describe(error);
  const thrown = error instanceof Error ? users.of(error.stack) : [];
  const frames = thrown.length === 0 && error instanceof ModelFault ? users.of(error.site) : thrown;
  const place = frames[0]?.place ?? { file, line: 1, column: 1 };
  const outer = frames.slice(1);
  const more = { place, ...(hint === undefined ? {} : { hint }), ...(outer.length > 0 ? { frames: outer } : {}) };
  return new UpsqlError(problem(code, `TypeScript model '${name}': ${message}`, more), 1, error);
}

/**
 * Runs a model's function and loads what it returns into `table`, in one transaction.
 *
 * Throws UpsqlError with the place in the user's own file: `typescript-syntax`, `missing-import`, `undeclared-ref`,
 * `query-failed`, `invalid-model-result` and others for what it returns, `typescript-model-failed` for what it throws;
 * DatabaseError of kind `interrupted` when `signal` ends the run. A model that never returns to the event loop (an
 * endless loop) can't be interrupted.
 */
export async function runTypescriptModel(options: TypescriptModelOptions): Promise<{ readonly rowsAffected: number }> {
  const { file, session, adapter, signal, projectRoot, targetDir, uniqueId } = options;
  const [bundle, { createContext }] = await Promise.all([
    bundleModel({ file, name: uniqueId, projectRoot, targetDir }),
    import('./context.js'),
  ]);
  const users = new UserFrames(bundle, projectRoot);
  const context = createContext({ ...options, dialect: adapter.dialect });
  Error.stackTraceLimit = Math.max(Error.stackTraceLimit, STACK_DEPTH);
  let result: TypedResult;
  try {
    const module = (await import(importUrl(bundle))) as { default?: ModelFunction };
    const model = module.default;
    if (typeof model !== 'function') {
      const hint = 'export default async function model({ columns }: ModelContext): Promise<ModelResult> { ... }';
      throw new ModelFault('model-without-function', 'its default export is not a function', hint);
    }
    const returned = await settled((async () => model(context))(), signal, session);
    result = readResult(returned, options.columnTypes ?? {});
  } catch (error) {
    if (error instanceof DatabaseError && error.kind === 'interrupted') throw error;
    throw modelError(error, options, users);
  }
  if (signal.aborted) throw cancelled();
  try {
    await session.load({
      table: options.table,
      columns: result.columns.map(({ name, type }) => ({ name: toWarehouseName(adapter.dialect, name), type })),
      data: result.columns.map((column) => column.data),
      length: result.length,
    });
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind === 'interrupted') throw error;
    const hint = "Check the column's values, and the types that the model gives for them.";
    const fault = new ModelFault('model-not-loaded', `its result could not be loaded: ${error.message}`, hint, {
      cause: error,
    });
    throw modelError(fault, options, users);
  }
  return { rowsAffected: result.length };
}
