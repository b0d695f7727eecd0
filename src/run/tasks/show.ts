import { DatabaseError, type ResultColumn, type Session, type SqlValue } from '../../adapters/adapter.js';
import { problem, UpsqlError } from '../../diagnostics/index.js';
import type { Node } from '../../parse/node.js';
import type { Engine } from '../engine.js';
import type { NodeResult } from '../events.js';
import { blankResult, executeNode } from '../execute.js';
import { failureOf } from '../failure.js';
import { inlineFailure } from '../inline.js';
import { type SelectionOptions, selectNodes } from '../selection.js';
import { standIn } from '../stand-in.js';

export interface ShowOptions extends SelectionOptions {
  /** A query with Jinja, in place of a selection. */
  readonly inline?: string | undefined;
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

const PREVIEWED = ['model', 'seed', 'snapshot', 'analysis'];

/**
 * Runs the query of each selected model, snapshot or analysis (or an inline query) and gives its first rows; of a seed
 * and of a model in TypeScript, the table's; of tests, when nothing else is selected, the failing rows. Throws UpsqlError with the place of a fault.
 */
export async function show(engine: Engine, options: ShowOptions = {}): Promise<readonly Preview[]> {
  const limit = options.limit ?? 5;
  const session = await engine.adapter.session('main');
  try {
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

function asked(engine: Engine, options: ShowOptions): readonly Node[] {
  if (!options.select?.length && options.selector === undefined) {
    throw new UpsqlError(
      problem('nothing-selected', 'show needs --select or --inline', {
        hint: 'For example: upsql show --select my_model, or upsql show --inline "select 1".',
      }),
    );
  }
  const nodes = selectNodes(engine, [...PREVIEWED, 'test'], options);
  const relations = nodes.filter((node) => PREVIEWED.includes(node.resource_type));
  if (nodes.length > 0) return relations.length > 0 ? relations : nodes;
  throw new UpsqlError(
    problem('nothing-selected', `Nothing is selected by --select ${(options.select ?? []).join(' ')}`, {
      hint: 'See what a selection gives with `upsql ls --select ...`.',
    }),
  );
}

async function showInline(engine: Engine, inline: string, limit: number, session: Session): Promise<Preview> {
  let sql: string | undefined;
  try {
    const startedAt = new Date();
    sql = await engine.runtime.compileInline(inline, session);
    const compiledAt = new Date();
    const { sent, ...shown } = await firstRows(sql, limit, session);
    const timing = [
      { name: 'compile', startedAt, completedAt: compiledAt },
      { name: 'execute', startedAt: compiledAt, completedAt: new Date() },
    ] as const;
    const executionTime = (Date.now() - startedAt.getTime()) / 1000;
    const result = { ...blankResult(inlineStandIn(engine), 'main'), timing, executionTime };
    return { node: null, name: 'inline_query', ...shown, result: previewed(result, sent) };
  } catch (error) {
    throw inlineFailure(error, engine, inline, sql);
  }
}

async function showNode(engine: Engine, node: Node, limit: number, session: Session): Promise<Preview> {
  const result = await executeNode(engine, node, 'compile', session, 'main');
  if (result.status === 'error') throw new UpsqlError(result.diagnostics, 1);
  const header = typeof node.config.sql_header === 'string' ? node.config.sql_header.trim() : '';
  const code = hasQuery(node) ? (node.compiled_code ?? '') : `select * from ${node.relation_name}`;
  const ownStatement = header.endsWith(';');
  const sql = ownStatement || header === '' ? code : `${header}\n${code}`;
  try {
    if (ownStatement) await session.execute(header);
    const { sent, ...shown } = await firstRows(sql, limit, session);
    return { node, name: shownName(node), ...shown, result: previewed(result, sent) };
  } catch (error) {
    throw new UpsqlError(failureOf(error, node, engine).diagnostics, 1, error);
  }
}

/** Seeds and models in TypeScript are no queries: what is shown of them is the table that was built. */
const hasQuery = (node: Node): boolean => node.resource_type !== 'seed' && node.language === 'sql';

const shownName = (node: Node): string =>
  node.version === undefined || node.version === null ? node.name : `${node.name}.v${node.version}`;

const previewed = (result: NodeResult, sent: string): NodeResult => ({
  ...result,
  status: 'success',
  compiled: true,
  compiledCode: sent,
});

function inlineStandIn({ project }: Engine): Node {
  const package_name = project.config.name;
  const path = 'inline_query.sql';
  return standIn({
    resource_type: 'sql_operation',
    unique_id: `sql_operation.${package_name}.inline_query`,
    name: 'inline_query',
    package_name,
    path,
    original_file_path: path,
  });
}

const OWN_LIMIT = /\blimit\s+\d+(\s+offset\s+\d+)?\s*$/i;

/**
 * The first rows of a query. The warehouse is asked for no more of them, but where the query has a limit of its own or is
 * none that takes one (`describe`): then rows are read as they come, until there are enough.
 */
async function firstRows(sql: string, limit: number, session: Session): Promise<Rows> {
  const query = sql.trim().replace(/;+\s*$/, '');
  if (limit < 0 || OWN_LIMIT.test(query)) return readRows(query, limit, session);
  try {
    return await readRows(`${query}\nlimit ${limit}`, limit, session);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return readRows(query, limit, session);
  }
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
