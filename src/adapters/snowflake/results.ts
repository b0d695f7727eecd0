/** Results of the driver's statements. */
import type { RowStatement } from 'snowflake-sdk';
import type { QueryOptions, QueryResult, RowBatch, SqlValue } from '../adapter.js';
import { describeColumns } from './values.js';

/** Rows of one batch. */
const BATCH = 5_000;

/** The rows of a statement that has run, all or the first `limit`. */
export async function readResult(done: RowStatement, { fetch, limit }: QueryOptions): Promise<QueryResult> {
  const { columns, readers } = describeColumns(done.getColumns() ?? []);
  const changed = done.getNumUpdatedRows();
  const rowsAffected = changed === undefined || changed < 0 ? undefined : changed;
  const rows: SqlValue[][] = [];
  if (fetch !== false && limit !== 0) {
    for await (const row of done.streamRows() as AsyncIterable<unknown[]>) {
      rows.push(readers.map((read, i) => read(row[i])));
      if (rows.length === limit) break;
    }
  }
  const count = rowsAffected ?? done.getNumRows();
  return {
    columns,
    rows,
    message: `SUCCESS ${count}`,
    queryId: done.getQueryId(),
    ...(rowsAffected === undefined ? {} : { rowsAffected }),
  };
}

/** The rows batch by batch; one empty batch when there are none. */
export async function* readBatches(done: RowStatement): AsyncGenerator<RowBatch> {
  const { columns, readers } = describeColumns(done.getColumns() ?? []);
  let rows: SqlValue[][] = [];
  let sent = false;
  for await (const row of done.streamRows() as AsyncIterable<unknown[]>) {
    rows.push(readers.map((read, i) => read(row[i])));
    if (rows.length < BATCH) continue;
    yield { columns, rows };
    sent = true;
    rows = [];
  }
  if (rows.length > 0 || !sent) yield { columns, rows };
}
