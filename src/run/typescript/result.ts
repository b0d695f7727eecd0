import { nearest } from '../../diagnostics/index.js';
import { ModelFault } from './fault.js';
import { type TypedColumn, typeColumn } from './infer.js';

export interface TypedResult {
  readonly columns: readonly TypedColumn[];
  readonly length: number;
}

const SHAPES = 'Return rows as objects, or { columns: { name: values } }.';

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** Rows as columns, in the order in which names first come; a key that a row lacks is null there. */
function fromRows(rows: readonly unknown[]): Map<string, unknown[]> {
  const columns = new Map<string, unknown[]>();
  rows.forEach((row, i) => {
    if (!isRecord(row)) {
      throw new ModelFault('invalid-model-result', `row ${i + 1} is ${describe(row)}, not an object`, SHAPES);
    }
    for (const [name, value] of Object.entries(row)) {
      let column = columns.get(name);
      if (column === undefined) {
        column = new Array<unknown>(rows.length).fill(null);
        columns.set(name, column);
      }
      column[i] = value;
    }
  });
  if (rows.length === 0) {
    throw new ModelFault(
      'model-without-columns',
      'it returned no rows, which leaves its columns unknown',
      "Return columns with types: { columns: { id: [] }, types: { id: 'bigint' } }.",
    );
  }
  return columns;
}

function checkNames(names: readonly string[]): void {
  if (names.length === 0) throw new ModelFault('model-without-columns', 'it returned no columns', SHAPES);
  const seen = new Map<string, string>();
  for (const name of names) {
    if (name.trim() === '') throw new ModelFault('invalid-column-name', 'a column has no name');
    if (/^(__upsql_|_dbt_|dbt_internal_)/i.test(name))
      throw new ModelFault('invalid-column-name', `the column name '${name}' is reserved`, 'Choose another name.');
    const same = seen.get(name.toLowerCase());
    if (same !== undefined) {
      const message = `the columns '${same}' and '${name}' differ only in case, which is one name in SQL`;
      throw new ModelFault('invalid-column-name', message, 'Rename one of them.');
    }
    seen.set(name.toLowerCase(), name);
  }
}

function checkLengths(columns: ReadonlyMap<string, ArrayLike<unknown>>): number {
  const lengths = [...columns].map(([name, values]) => [name, values.length] as const);
  const [first] = lengths;
  const other = lengths.find(([, length]) => length !== first?.[1]);
  if (first && other) {
    throw new ModelFault(
      'unequal-column-lengths',
      `its columns differ in length: '${first[0]}' has ${first[1]} values, '${other[0]}' has ${other[1]}`,
      'Every column needs one value a row; use null where there is none.',
    );
  }
  return first?.[1] ?? 0;
}

/**
 * What a model returned, checked and typed. `declared` holds column types from the model's properties file; those in
 * the result come first. Throws ModelFault.
 */
export function readResult(returned: unknown, declared: Readonly<Record<string, string>>): TypedResult {
  let columns: ReadonlyMap<string, ArrayLike<unknown>>;
  let types: Readonly<Record<string, string>> = declared;
  if (Array.isArray(returned)) columns = fromRows(returned);
  else if (isRecord(returned) && isRecord(returned.columns)) {
    for (const [name, values] of Object.entries(returned.columns)) {
      if (!isArrayLike(values))
        throw new ModelFault('invalid-model-result', `column '${name}' is ${describe(values)}, not an array`, SHAPES);
    }
    columns = new Map(Object.entries(returned.columns as Record<string, ArrayLike<unknown>>));
    const own = returned.types === undefined ? {} : returned.types;
    if (!isRecord(own) || !Object.values(own).every((type) => typeof type === 'string'))
      throw new ModelFault('invalid-model-result', "'types' must give SQL types as strings, by column");
    for (const name of Object.keys(own)) {
      if (columns.has(name)) continue;
      const close = nearest(name, columns.keys());
      const hint = close === undefined ? undefined : `Did you mean '${close}'?`;
      throw new ModelFault('invalid-model-result', `'types' names the column '${name}', which is not returned`, hint);
    }
    types = { ...declared, ...(own as Record<string, string>) };
  } else throw new ModelFault('invalid-model-result', `it returned ${describe(returned)}`, SHAPES);
  checkNames([...columns.keys()]);
  const length = checkLengths(columns);
  return { length, columns: [...columns].map(([name, values]) => typeColumn(name, values, types[name])) };
}
