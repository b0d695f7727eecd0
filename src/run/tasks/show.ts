import type { ResultColumn, Session, SqlValue } from '../../adapters/adapter.js';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { Node } from '../../parse/node.js';
import type { Engine } from '../engine.js';
import type { NodeResult } from '../events.js';
import { executeNode } from '../execute.js';
import { failureOf } from '../failure.js';
import { inlineFailure, inlineResult } from '../inline.js';
import { type SelectionOptions, selectIds } from '../selection.js';

export interface ShowOptions extends SelectionOptions {
  /** A query with Jinja, in place of a selection. */
  readonly inline?: string | undefined;
  /** A query without Jinja, sent as it is. */
  readonly direct?: string | undefined;
  /** Rows at most; negative: all. Default 5. */
  readonly limit?: number;
}

/** The first rows of a query's result. */
export interface Preview {
  /** Null for an inline query. */
  readonly node: Node | null;
  readonly name: string;
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly SqlValue[])[];
  /** For run_results.json; its compiled code is the query that was sent. */
  readonly result: NodeResult;
}

type Rows = Pick<Preview, 'columns' | 'rows'> & { readonly sent: string };

const SHOWN = ['model', 'seed', 'snapshot', 'analysis', 'test'];

/**
 * Runs the query of each selected model, snapshot, analysis or test (or an inline query) and gives its first rows; of a seed
 * and of a model in TypeScript, the table's. Throws UpsqlError with the place of a fault.
 */
export async function show(engine: Engine, options: ShowOptions = {}): Promise<readonly Preview[]> {
  const limit = options.limit ?? 5;
  const session = await engine.adapter.session('main');
  try {
    if (options.direct !== undefined) return [await showDirect(engine, options.direct, limit, session)];
    if (options.inline !== undefined) return [await showInline(engine, options.inline, limit, session)];
    const previews: Preview[] = [];
    for (const node of asked(engine, options)) {
      previews.push(await showNode(engine, node, limit, session));
    }
    return previews;
  } finally {
    await session.close();
  }
}

/** The selected nodes in the graph's order. */
function asked(engine: Engine, options: ShowOptions): readonly Node[] {
  if (!options.select?.length && options.selector === undefined) {
    throw new UpsqlError(
      problem('nothing-selected', 'show needs --select or --inline', {
        hint: 'For example: upsql show --select my_model, or upsql show --inline "select 1".',
      }),
    );
  }
  const ids = new Set(selectIds(engine, SHOWN, options));
  return engine.graph.order.filter((id) => ids.has(id)).flatMap((id) => engine.manifest.nodes[id] ?? []);
}

async function showInline(engine: Engine, inline: string, limit: number, session: Session): Promise<Preview> {
  let sql: string | undefined;
  try {
    const startedAt = new Date();
    sql = await engine.runtime.compileInline(inline, session);
    const compiledAt = new Date();
    const { sent, ...shown } = await firstRows(sql, limit, session);
    const result = inlineResult(engine, sent, [startedAt, compiledAt, new Date()]);
    return { node: null, name: 'inline_query', ...shown, result: previewed(result, sent) };
  } catch (error) {
    throw hinted(inlineFailure(error, engine, inline, sql), sql, limit);
  }
}

/** A query that is sent as it is. */
async function showDirect(engine: Engine, query: string, limit: number, session: Session): Promise<Preview> {
  const startedAt = new Date();
  try {
    const { sent, ...shown } = await readRows(query, limit, session);
    return { node: null, name: 'inline_query', ...shown, result: inlineResult(engine, sent, [startedAt, new Date()]) };
  } catch (error) {
    throw inlineFailure(error, engine, query, query);
  }
}

async function showNode(engine: Engine, node: Node, limit: number, session: Session): Promise<Preview> {
  const result = await executeNode(engine, node, 'compile', session, 'main');
  if (result.status === 'error') throw new UpsqlError(result.diagnostics, 2);
  const header = typeof node.config.sql_header === 'string' ? node.config.sql_header.trim() : '';
  const code = hasQuery(node) ? (node.compiled_code ?? '') : `select * from ${node.relation_name}`;
  const ownStatement = header.endsWith(';');
  const sql = ownStatement || header === '' ? code : `${header}\n${code}`;
  try {
    if (ownStatement) await session.execute(header);
    const { sent, ...shown } = await firstRows(sql, limit, session);
    return { node, name: shownName(node), ...shown, result: previewed(result, sent) };
  } catch (error) {
    throw hinted(new UpsqlError(failureOf(error, node, engine).diagnostics, 2, error), sql, limit);
  }
}

/** Seeds and models in TypeScript are no queries: what is shown of them is the table that was built. */
const hasQuery = (node: Node): boolean => node.resource_type !== 'seed' && node.language === 'sql';

const shownName = (node: Node): string =>
  node.version === undefined || node.version === null ? node.name : `${node.name}.v${node.version}`;

/** The answer to a query, as dbt has it in its results. */
const ANSWER = { _message: 'OK', code: null, rows_affected: null, query_id: null };

const previewed = (result: NodeResult, sent: string): NodeResult => ({
  ...result,
  status: 'success',
  adapterResponse: result.node.resource_type === 'seed' ? {} : ANSWER,
  compiled: true,
  compiledCode: sent,
});

/** The first rows of a query. As in dbt the limit is put behind it, so that one with a limit of its own is an error. */
async function firstRows(sql: string, limit: number, session: Session): Promise<Rows> {
  const query = sql.trim().replace(/;+\s*$/, '');
  return readRows(limit < 0 ? query : `${query}\nlimit ${limit}`, limit, session);
}

/** A query with a limit of its own, or a statement that takes none. */
const NO_LIMIT = /\blimit\s+\d+(\s+offset\s+\d+)?[\s;]*$|^\s*(show|desc(ribe)?|summarize|explain|pragma|call)\b/i;

/** The failure of a query that takes no limit says what to do about it. */
function hinted(failure: UpsqlError, sql: string | undefined, limit: number): UpsqlError {
  if (limit < 0 || sql === undefined || !NO_LIMIT.test(sql)) return failure;
  const hint = 'show puts a limit behind the query, and this one takes none: --limit -1 leaves it as it is.';
  const diagnostics = failure.diagnostics.map((found) => ({ ...found, hint }));
  return new UpsqlError(diagnostics, failure.exitCode, failure);
}

async function readRows(sent: string, limit: number, session: Session): Promise<Rows> {
  let columns: readonly ResultColumn[] = [];
  const rows: (readonly SqlValue[])[] = [];
  for await (const batch of session.stream(sent)) {
    columns = batch.columns;
    for (const row of batch.rows) {
      if (limit >= 0 && rows.length >= limit) break;
      rows.push(row);
    }
    if (limit >= 0 && rows.length >= limit) break;
  }
  return { columns, rows, sent };
}
