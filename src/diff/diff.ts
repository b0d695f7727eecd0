/** Compares nodes between two sides. */
import type { ColumnInfo } from '../adapters/adapter.js';
import type { Node } from '../parse/node.js';
import { type CommonColumn, commonColumns, sameMeaning, sameName } from './columns.js';
import type { ColumnDiff, RelationDiff } from './relation-diff.js';
import { type Found, findRelation, type Side } from './side.js';
import { diffByKey, diffWholeRows, type RowsDiff, repeatedKeys } from './sql-diff.js';
import { countWholeRows, mergeByKey } from './stream-diff.js';

export interface DiffOptions {
  readonly left: Side;
  readonly right: Side;
  /** One session reads both: rows are then compared by SQL, else by merging ordered streams. */
  readonly together: boolean;
  /** In place of each node's own key. */
  readonly key?: readonly string[];
  /** For floats: relative above 1, absolute below. Default 0. */
  readonly tolerance?: number;
  /** Rows shown of each difference. Default 3. */
  readonly samples?: number;
}

/** Compares a node's relation on the two sides. What the warehouse answers with an error is thrown. */
export async function diffNode(node: Node, options: DiffOptions): Promise<RelationDiff> {
  const [left, right] = [
    await findRelation(options.left, node.unique_id),
    await findRelation(options.right, node.unique_id),
  ];
  const base = {
    id: node.unique_id,
    name: node.name,
    left: left?.sql ?? null,
    right: right?.sql ?? null,
    key: [],
    columns: [],
    rows: null,
    shown: [],
    added: [],
    removed: [],
  };
  if (left === undefined || right === undefined) {
    const labels = [left === undefined ? options.left.label : '', right === undefined ? options.right.label : ''];
    return { ...base, status: 'missing', note: `not built in ${labels.filter((label) => label !== '').join(' or ')}` };
  }
  return { ...base, ...(await compare(node, left, right, options)) };
}

async function compare(node: Node, left: Found, right: Found, options: DiffOptions) {
  const { tolerance = 0, samples = 3 } = options;
  const common = commonColumns(left.columns, right.columns, tolerance);
  const wanted = options.key ?? keyOf(node);
  const key = wanted.flatMap((name) => common.find((column) => sameName(column.left.name, name)) ?? []);
  const usable = wanted.length > 0 && key.length === wanted.length;
  let note = keyNote(wanted, usable);
  const diff = {
    dialect: options.right.adapter.dialect,
    session: options.right.session,
    left: left.sql,
    right: right.sql,
    key,
    values: common.filter((column) => !key.includes(column)),
    tolerance,
    samples,
  };
  const streams = {
    ...diff,
    left: { side: options.left, sql: left.sql },
    right: { side: options.right, sql: right.sql },
  };
  let rows: RowsDiff | undefined;
  if (usable) {
    const repeated = `the key ${wanted.join(', ')} is not unique, so whole rows are compared`;
    if (options.together) {
      if ((await repeatedKeys(diff, 'left')) + (await repeatedKeys(diff, 'right')) === 0) rows = await diffByKey(diff);
    } else {
      const merged = await mergeByKey(streams);
      if (!merged.repeated) rows = merged;
    }
    if (rows === undefined) note = repeated;
  }
  const byKey = rows !== undefined;
  const across = options.left.adapter.type !== options.right.adapter.type;
  const all = { key: [], values: common };
  rows ??= await (options.together ? diffWholeRows({ ...diff, ...all }) : countWholeRows({ ...streams, ...all }));
  const columns = columnDiffs(left.columns, right.columns, byKey ? diff.values : common, rows, across);
  const same =
    rows.rows.added + rows.rows.removed + (rows.rows.changed ?? 0) === 0 &&
    columns.every((column) => !isChanged(column));
  return {
    status: same ? ('same' as const) : ('different' as const),
    key: byKey ? key.map((column) => column.left.name) : [],
    ...(note === undefined ? {} : { note }),
    columns,
    rows: rows.rows,
    shown: (byKey ? key : common).map((column) => column.left.name),
    added: rows.added,
    removed: rows.removed,
  };
}

/** Whether a column is on one side only or of another type. */
export function isChanged({ left, right, alike = false }: ColumnDiff): boolean {
  if (alike) return false;
  return left === null || right === null || left.toLowerCase() !== right.toLowerCase();
}

function keyNote(wanted: readonly string[], usable: boolean): string | undefined {
  if (wanted.length === 0) return 'it has no unique_key or primary key, so whole rows are compared; --key names one';
  return usable ? undefined : `the key ${wanted.join(', ')} is not on both sides, so whole rows are compared`;
}

/** A node's key: `unique_key` of an incremental model, a snapshot's row id, else its primary key (unique and not null). */
export function keyOf(node: Node): readonly string[] {
  if (node.resource_type === 'snapshot') {
    const names = node.config.snapshot_meta_column_names as Readonly<Record<string, string | null>> | undefined;
    return [names?.dbt_scd_id ?? 'dbt_scd_id'];
  }
  const unique = node.config.unique_key;
  if (typeof unique === 'string') return [unique];
  if (Array.isArray(unique) && unique.length > 0 && unique.every((part) => typeof part === 'string')) return unique;
  return node.primary_key ?? [];
}

function columnDiffs(
  left: readonly ColumnInfo[],
  right: readonly ColumnInfo[],
  compared: readonly CommonColumn[],
  rows: RowsDiff,
  across: boolean,
): readonly ColumnDiff[] {
  const names = [
    ...left.map(({ name }) => name),
    ...right.map(({ name }) => name).filter((name) => !left.some((column) => sameName(column.name, name))),
  ];
  return names.map((name) => {
    const at = compared.findIndex((column) => sameName(column.left.name, name));
    const [here, there] = [typeOf(left, name), typeOf(right, name)];
    const alike = across && here !== null && there !== null && sameMeaning(here, there);
    return {
      name,
      left: here,
      right: there,
      ...(alike ? { alike } : {}),
      different: at < 0 ? 0 : (rows.different[at] ?? null),
      samples: at < 0 ? [] : (rows.valueSamples[at] ?? []),
    };
  });
}

function typeOf(columns: readonly ColumnInfo[], name: string): string | null {
  return columns.find((column) => sameName(column.name, name))?.dataType ?? null;
}
