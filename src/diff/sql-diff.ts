/** The comparison of two relations that one query can read: computed in the warehouse. */
import type { Dialect, Session, SqlValue } from '../adapters/adapter.js';
import type { CommonColumn } from './columns.js';
import type { RowCounts, RowSample, ValueSample } from './relation-diff.js';
import { quoted } from './side.js';

export interface SqlDiff {
  readonly dialect: Dialect;
  readonly session: Session;
  /** The relations as they stand in SQL. */
  readonly left: string;
  readonly right: string;
  readonly key: readonly CommonColumn[];
  /** Common columns that are no part of the key. */
  readonly values: readonly CommonColumn[];
  /** Relative, of numbers above 1; absolute below. */
  readonly tolerance: number;
  readonly samples: number;
}

export interface RowsDiff {
  readonly rows: RowCounts;
  /** Differing rows of each of `values`; null without a key. */
  readonly different: readonly (number | null)[];
  readonly valueSamples: readonly (readonly ValueSample[])[];
  readonly added: readonly RowSample[];
  readonly removed: readonly RowSample[];
}

/** How many values of the key come more than once on a side. */
export async function repeatedKeys(diff: SqlDiff, side: 'left' | 'right'): Promise<number> {
  const columns = diff.key.map((column) => quoted(diff.dialect, column[side].name)).join(', ');
  const sql = `select count(*) from (select ${columns} from ${diff[side]} group by ${columns} having count(*) > 1) as k`;
  return one(await diff.session.execute(sql));
}

/** Matches rows by the key in one pass over both relations, then reads samples of what differs. */
export async function diffByKey(diff: SqlDiff): Promise<RowsDiff> {
  const { session, values, key, samples } = diff;
  const both = 'l.upsql_here = 1 and r.upsql_here = 1';
  const differs = values.map((column, i) => differ(column, `l.v${i}`, `r.v${i}`, diff.tolerance));
  const any = differs.length === 0 ? 'false' : differs.map((text) => `(${text})`).join(' or ');
  const sums = [
    'count(l.upsql_here)',
    'count(r.upsql_here)',
    count('l.upsql_here is null'),
    count('r.upsql_here is null'),
    count(`${both} and (${any})`),
    ...differs.map((text) => count(`${both} and (${text})`)),
  ];
  const joined = joinSql(diff);
  const found = await session.execute(`select ${sums.join(', ')} from ${joined}`);
  const [left = 0, right = 0, added = 0, removed = 0, changed = 0, ...different] = (found.rows[0] ?? []).map(Number);
  const keyText = (side: string) => key.map((_, i) => text(`${side}.k${i}`)).join(', ');
  const some = async (
    when: string,
    side: 'l' | 'r',
    columns: string,
  ): Promise<readonly (readonly (string | null)[])[]> => {
    if (samples === 0) return [];
    const order = key.map((_, i) => `${side}.k${i}`).join(', ');
    const sql = `select ${columns} from ${joined} where ${when} order by ${order} limit ${samples}`;
    return (await session.execute(sql)).rows.map((row) => row.map(shown));
  };
  const valueSamples: ValueSample[][] = [];
  for (const [i, count] of different.entries()) {
    const rows =
      count === 0
        ? []
        : await some(`${both} and (${differs[i]})`, 'l', `${keyText('l')}, ${text(`l.v${i}`)}, ${text(`r.v${i}`)}`);
    valueSamples.push(
      rows.map((row) => ({
        key: row.slice(0, key.length),
        left: row[key.length] ?? null,
        right: row[key.length + 1] ?? null,
      })),
    );
  }
  const toRow = (values: readonly (string | null)[]): RowSample => ({ values });
  return {
    rows: { left, right, added, removed, changed },
    different,
    valueSamples,
    added: added === 0 ? [] : (await some('l.upsql_here is null', 'r', keyText('r'))).map(toRow),
    removed: removed === 0 ? [] : (await some('r.upsql_here is null', 'l', keyText('l'))).map(toRow),
  };
}

/** Compares whole rows, how often they come included. Numbers have to be equal: nothing says which rows belong together. */
export async function diffWholeRows(diff: SqlDiff): Promise<RowsDiff> {
  const { session, values, samples, dialect } = diff;
  const from = (side: 'left' | 'right') => {
    const columns = values.map((column) => {
      const name = quoted(dialect, column[side].name);
      return column.compare === 'text' ? text(name) : name;
    });
    return `select ${columns.length === 0 ? '1' : columns.join(', ')} from ${diff[side]}`;
  };
  const left = one(await session.execute(`select count(*) from ${diff.left}`));
  const right = one(await session.execute(`select count(*) from ${diff.right}`));
  const only = async (here: 'left' | 'right', there: 'left' | 'right') => {
    const names = values.map((_, i) => `c${i}`);
    const less = exceptAll(from(here), from(there), names, dialect);
    const count = one(await session.execute(`select coalesce(sum(upsql_times), 0) from ${less}`));
    if (count === 0 || samples === 0) return { count, rows: [] };
    const columns = names.map(text).join(', ');
    const rows = await session.execute(
      `select ${columns} from ${less} order by ${names.map((_, i) => i + 1)} limit ${samples}`,
    );
    return { count, rows: rows.rows.map((row) => ({ values: row.map(shown) })) };
  };
  const removed = await only('left', 'right');
  const added = await only('right', 'left');
  return {
    rows: { left, right, added: added.count, removed: removed.count, changed: null },
    different: values.map(() => null),
    valueSamples: values.map(() => []),
    added: added.rows,
    removed: removed.rows,
  };
}

/** Rows that come more often in `here` than in `there`, and by how much; EXCEPT ALL is not in every warehouse. */
function exceptAll(here: string, there: string, names: readonly string[], dialect: Dialect): string {
  const list = names.map((name) => quoted(dialect, name)).join(', ');
  const columns = names.length === 0 ? 'c' : list;
  return `(
    select ${columns}, sum(upsql_side) as upsql_times from (
      select *, 1 as upsql_side from (${here}) as h(${columns})
      union all select *, -1 as upsql_side from (${there}) as t(${columns})
    ) as both_sides group by ${columns} having sum(upsql_side) > 0
  ) as more`;
}

function joinSql(diff: SqlDiff): string {
  const { key, values, dialect } = diff;
  const part = (side: 'left' | 'right') => {
    const columns = [
      ...key.map((column, i) => `${valueSql(column, side, dialect)} as k${i}`),
      ...values.map((column, i) => `${valueSql(column, side, dialect)} as v${i}`),
    ];
    return `(select ${columns.join(', ')}, 1 as upsql_here from ${diff[side]})`;
  };
  const on = key.map((_, i) => `l.k${i} is not distinct from r.k${i}`).join(' and ');
  return `${part('left')} as l full outer join ${part('right')} as r on ${on}`;
}

function valueSql(column: CommonColumn, side: 'left' | 'right', dialect: Dialect): string {
  const name = quoted(dialect, column[side].name);
  return column.compare === 'text' ? text(name) : name;
}

function differ({ compare }: CommonColumn, a: string, b: string, tolerance: number): string {
  const distinct = `${a} is distinct from ${b}`;
  if (compare !== 'number') return distinct;
  const [x, y] = [`cast(${a} as double)`, `cast(${b} as double)`];
  const near = `abs(${x} - ${y}) <= ${tolerance} * greatest(1, abs(${x}), abs(${y}))`;
  return `${distinct} and not coalesce(${near}, false)`;
}

const count = (condition: string): string => `coalesce(sum(case when ${condition} then 1 else 0 end), 0)`;
const text = (sql: string): string => `cast(${sql} as varchar)`;

function one({ rows }: { readonly rows: readonly (readonly SqlValue[])[] }): number {
  return Number(rows[0]?.[0] ?? 0);
}

const shown = (value: SqlValue): string | null => (value === null ? null : String(value));
