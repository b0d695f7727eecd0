import { get, I32, i32, memory, op, repeat, set, tee, unless, V128, type WasmFunction } from './encode.js';

/**
 * `sum(rows, end, derivatives, cells, histogram)`: for each row number (u32) in `[rows, end)` adds its pair of derivatives (two doubles) to
 * the places of the histogram that its `width` cells (u16) name. The order of the sums is that of the rows.
 */
export function sumFunction(width: number): WasmFunction {
  const [rows, end, derivatives, cells, histogram, row, at, pair] = [0, 1, 2, 3, 4, 5, 6, 7];
  const cell = (j: number) => [
    ...[...get(row), ...memory('i32.load16_u', 2 * j), ...i32(4), ...op('i32.shl')],
    ...[...get(histogram), ...op('i32.add'), ...tee(at), ...get(at), ...memory('v128.load')],
    ...[...get(pair), ...op('f64x2.add'), ...memory('v128.store')],
  ];
  const body = unless(
    [...get(rows), ...get(end), ...op('i32.eq')],
    repeat(
      [
        ...[...get(rows), ...memory('i32.load'), ...tee(row), ...i32(4), ...op('i32.shl')],
        ...[...get(derivatives), ...op('i32.add'), ...memory('v128.load'), ...set(pair)],
        ...[...get(row), ...i32(2 * width), ...op('i32.mul'), ...get(cells), ...op('i32.add'), ...set(row)],
        ...Array.from({ length: width }, (_, j) => cell(j)).flat(),
        ...[...get(rows), ...i32(4), ...op('i32.add'), ...set(rows)],
      ],
      [...get(rows), ...get(end), ...op('i32.lt_u')],
    ),
  );
  return { name: 'sum', parameters: [I32, I32, I32, I32, I32], locals: [I32, I32, V128], body };
}

/**
 * `divide(rows, end, cells, stride, missing, missingLeft, last, right)`: moves the row numbers whose cell goes left to the front and the
 * others to `right`, both in their old order; gives the number of the latter. `cells` is the address of row 0's cell of the feature. A
 * cell goes left when it is at most `last`; that of a missing value, `missing`, when `missingLeft` is 1. Without branches.
 */
export function divideFunction(): WasmFunction {
  const [rows, end, cells, stride, missing, missingLeft, last, right, row, cell, left, goes, start] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
  ];
  const body = [
    ...[...get(rows), ...set(left), ...get(right), ...set(start)],
    ...unless(
      [...get(rows), ...get(end), ...op('i32.eq')],
      repeat(
        [
          ...[...get(rows), ...memory('i32.load'), ...tee(row), ...get(stride), ...op('i32.mul')],
          ...[...get(cells), ...op('i32.add'), ...memory('i32.load16_u'), ...set(cell)],
          ...[...get(missingLeft), ...get(last), ...get(cell), ...op('i32.lt_u'), ...i32(1), ...op('i32.xor')],
          ...[...get(cell), ...get(missing), ...op('i32.eq'), ...op('select'), ...set(goes)],
          ...[...get(left), ...get(row), ...memory('i32.store'), ...get(right), ...get(row), ...memory('i32.store')],
          ...[...get(left), ...get(goes), ...i32(2), ...op('i32.shl'), ...op('i32.add'), ...set(left)],
          ...[...get(right), ...i32(4), ...op('i32.add'), ...get(goes), ...i32(2), ...op('i32.shl')],
          ...[...op('i32.sub'), ...set(right)],
          ...[...get(rows), ...i32(4), ...op('i32.add'), ...set(rows)],
        ],
        [...get(rows), ...get(end), ...op('i32.lt_u')],
      ),
    ),
    ...[...get(right), ...get(start), ...op('i32.sub'), ...i32(2), ...op('i32.shr_u')],
  ];
  return {
    name: 'divide',
    parameters: new Array<number>(8).fill(I32),
    result: I32,
    locals: new Array<number>(5).fill(I32),
    body,
  };
}
