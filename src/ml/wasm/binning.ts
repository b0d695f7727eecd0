import { type Code, F64, get, I32, i32, memory, op, repeat, set, tee, type WasmFunction } from './encode.js';

/** Cuts that a bisection can take, and the room they have, padded with NaN. */
export const MOST_CUTS = 255;
export const CUTS_BYTES = 8 * (MOST_CUTS + 1);

/** Steps of a bisection among so many cuts. */
export function bisectionSteps(cuts: number): number {
  return Math.max(1, Math.ceil(Math.log2(cuts + 1)));
}

/** Writes cuts where a bisection reads them. */
export function writeCuts(buffer: ArrayBufferLike, address: number, cuts: ArrayLike<number>): void {
  const padded = new Float64Array(buffer, address, CUTS_BYTES / 8).fill(Number.NaN);
  padded.set(cuts);
}

/**
 * `bin<steps>(values, cuts, bins, rows, zero, missing)`: for each of `rows` doubles (one or more) writes `zero` and the number of the
 * cuts that are not above it, or `missing` for NaN, as a number of `size` bytes every `stride` bytes. Bisection without branches.
 */
export function binFunction(steps: number, size: 1 | 2, stride: number): WasmFunction {
  const [values, cuts, bins, rows, zero, missing, place, value] = [0, 1, 2, 3, 4, 5, 6, 7];
  const search: Code[] = [];
  for (let step = 2 ** (steps - 1); step >= 1; step /= 2) {
    search.push(
      [...get(place), ...i32(8 * step), ...op('i32.add'), ...get(place)],
      [...get(place), ...memory('f64.load', 8 * (step - 1)), ...get(value), ...op('f64.le')],
      [...op('select'), ...set(place)],
    );
  }
  const count = [...get(place), ...get(cuts), ...op('i32.sub'), ...i32(3), ...op('i32.shr_u')];
  const body = repeat(
    [
      ...[...get(values), ...memory('f64.load'), ...set(value), ...get(cuts), ...set(place)],
      ...search.flat(),
      ...[...get(bins), ...count, ...get(zero), ...op('i32.add')],
      ...[...get(missing), ...get(value), ...get(value), ...op('f64.eq'), ...op('select')],
      ...memory(size === 1 ? 'i32.store8' : 'i32.store16'),
      ...[...get(values), ...i32(8), ...op('i32.add'), ...set(values)],
      ...[...get(bins), ...i32(stride), ...op('i32.add'), ...set(bins)],
    ],
    [...get(rows), ...i32(1), ...op('i32.sub'), ...tee(rows)],
  );
  const parameters = [I32, I32, I32, I32, I32, I32];
  return { name: `bin${steps}`, parameters, locals: [I32, F64], body };
}
