import { type Code, F64, get, I32, i32, memory, op, repeat, set, tee, type WasmFunction } from './encode.js';

/**
 * `bin<s>(values, cuts, bins, rows)`, for 2 ** s - 1 cuts ascending and padded with NaN: bins[i] is the number of cuts not above
 * values[i], less `zero`; a NaN gets the byte `missing`. Bisection without branches.
 */
export function binFunction(steps: number, zero: number, missing: number): WasmFunction {
  const [values, cuts, bins, rows, place, value] = [0, 1, 2, 3, 4, 5];
  const search: Code[] = [];
  for (let step = 2 ** (steps - 1); step >= 1; step /= 2) {
    search.push(
      // place + step bytes of cuts further, when the last cut passed over is not above the value
      [...get(place), ...i32(8 * step), ...op('i32.add'), ...get(place)],
      [...get(place), ...memory('f64.load', 8 * (step - 1)), ...get(value), ...op('f64.le')],
      [...op('select'), ...set(place)],
    );
  }
  const body: Code = [
    ...repeat(
      [
        ...[...get(values), ...memory('f64.load'), ...set(value), ...get(cuts), ...set(place)],
        ...search.flat(),
        ...get(bins),
        ...[
          ...get(place),
          ...get(cuts),
          ...op('i32.sub'),
          ...i32(3),
          ...op('i32.shr_u'),
          ...i32(zero),
          ...op('i32.sub'),
        ],
        ...[...i32(missing), ...get(value), ...get(value), ...op('f64.eq'), ...op('select'), ...memory('i32.store8')],
        ...[...get(values), ...i32(8), ...op('i32.add'), ...set(values)],
        ...[...get(bins), ...i32(1), ...op('i32.add'), ...set(bins)],
      ],
      [...get(rows), ...i32(1), ...op('i32.sub'), ...tee(rows)],
    ),
  ];
  return { name: `bin${steps}`, parameters: [I32, I32, I32, I32], locals: [I32, F64], body };
}
