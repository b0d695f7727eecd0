import { DOUBLE, type DuckDBConnection, DuckDBDoubleVector, DuckDBScalarFunction } from '@duckdb/node-api';
import type { NumbersFunction } from '../adapter.js';
import { toDatabaseError } from './errors.js';
import { itemsOf, validBits } from './vector-items.js';

/** The function's name and what is called now, by names: DuckDB keeps the first function that a name was given. */
const current = new Map<string, NumbersFunction>();

/**
 * Makes a SQL function of doubles that calls back into this process, a vector of rows at a time. DuckDB's threads wait for the
 * main thread meanwhile, so what it does has to be quick.
 */
export function defineNumbersFunction(connection: DuckDBConnection, definition: NumbersFunction): void {
  const { name, width } = definition;
  current.set(name, definition);
  const scalar = DuckDBScalarFunction.create({
    name,
    parameterTypes: new Array<typeof DOUBLE>(width).fill(DOUBLE),
    returnType: DOUBLE,
    // Nulls are ours to read, too.
    specialHandling: true,
    mainFunction(info, chunk, output) {
      try {
        if (!(output instanceof DuckDBDoubleVector)) throw new Error(`${name} does not give doubles`);
        const rows = chunk.rowCount;
        const { evaluate } = current.get(name) ?? definition;
        const results = doublesOf(output) ?? new Float64Array(rows);
        evaluate((j) => numbersOf(chunk.getColumnVector(j), rows), rows, results);
        if (doublesOf(output) !== results) for (let i = 0; i < rows; i++) output.setItem(i, results[i] ?? null);
        output.flush();
      } catch (error) {
        info.setError(error instanceof Error ? error.message : String(error));
      }
    },
  });
  try {
    connection.registerScalarFunction(scalar);
  } catch (error) {
    throw toDatabaseError(error, name);
  }
}

function doublesOf(vector: DuckDBDoubleVector): Float64Array | undefined {
  const items = itemsOf(vector);
  return items instanceof Float64Array ? items : undefined;
}

function numbersOf(vector: unknown, rows: number): Float64Array {
  if (!(vector instanceof DuckDBDoubleVector)) throw new Error('the arguments are not doubles');
  const items = doublesOf(vector);
  const bits = validBits(vector);
  if (items === undefined || bits === undefined)
    return Float64Array.from({ length: rows }, (_, i) => vector.getItem(i) ?? Number.NaN);
  if (bits === null) return items;
  const values = items.slice(0, rows);
  for (let i = 0; i < rows; i++) if (((bits[i >> 3] as number) & (1 << (i & 7))) === 0) values[i] = Number.NaN;
  return values;
}
