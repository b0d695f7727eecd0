import { type ColumnChunk, ENCODING, type RowGroup } from './row-group.js';
import { binary, bool, encodeThrift, i32, i64, list, struct, type Thrift } from './thrift.js';

/** `timestamp` is milliseconds since 1970 without a time zone (UTC by convention), `date` days since 1970. */
export type ParquetType = 'integer' | 'double' | 'text' | 'date' | 'timestamp';

export interface ParquetField {
  readonly name: string;
  readonly type: ParquetType;
}

/** The first and the last four bytes of a file. */
export const MAGIC = new Uint8Array([0x50, 0x41, 0x52, 0x31]);

const PHYSICAL = { integer: 1, double: 5, text: 6, date: 1, timestamp: 2 } as const;

/**
 * The end of a file: its schema, where its row groups are, and the closing bytes. The row groups must have been written
 * in order, right after MAGIC.
 */
export function footer(fields: readonly ParquetField[], groups: readonly RowGroup[]): Uint8Array {
  let offset = MAGIC.length;
  const described = groups.map((group) => {
    const columns = fields.map((field, i) => columnChunk(field, group.columns[i], group.rows, offset));
    offset += group.size;
    return struct([1, list('struct', columns)], [2, i64(group.size)], [3, i64(group.rows)]);
  });
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  const root = struct([4, binary('schema')], [5, i32(fields.length)]);
  const meta = encodeThrift(
    struct(
      [1, i32(1)],
      [2, list('struct', [root, ...fields.map(schemaElement)])],
      [3, i64(rows)],
      [4, list('struct', described)],
      [6, binary('upsql')],
    ),
  );
  const out = new Uint8Array(meta.length + 8);
  out.set(meta);
  new DataView(out.buffer).setUint32(meta.length, meta.length, true);
  out.set(MAGIC, meta.length + 4);
  return out;
}

/** A column of the schema, which may hold nulls (repetition type 1, optional). */
function schemaElement({ name, type }: ParquetField): Thrift {
  const milliseconds = struct([1, struct()]);
  const logical = {
    integer: undefined,
    double: undefined,
    text: struct([1, struct()]),
    date: struct([6, struct()]),
    timestamp: struct([8, struct([1, bool(false)], [2, milliseconds])]),
  }[type];
  const converted = { integer: undefined, double: undefined, text: i32(0), date: i32(6), timestamp: undefined }[type];
  return struct([1, i32(PHYSICAL[type])], [3, i32(1)], [4, binary(name)], [6, converted], [10, logical]);
}

function columnChunk(field: ParquetField, chunk: ColumnChunk | undefined, rows: number, base: number): Thrift {
  if (chunk === undefined) throw new Error(`no values for column ${field.name}`);
  const start = base + chunk.start;
  const data = base + chunk.data;
  const encodings = [ENCODING.plain, ENCODING.rle, ENCODING.delta, ENCODING.dictionary].map(i32);
  const [least, greatest] = chunk.range ?? [undefined, undefined];
  return struct(
    [2, i64(start)],
    [
      3,
      struct(
        [1, i32(PHYSICAL[field.type])],
        [2, list('i32', encodings)],
        [3, list('binary', [binary(field.name)])],
        [4, i32(0)],
        [5, i64(rows)],
        [6, i64(chunk.size)],
        [7, i64(chunk.size)],
        [9, i64(data)],
        [11, data > start ? i64(start) : undefined],
        [12, struct([3, i64(chunk.nulls)], [5, bound(field.type, greatest)], [6, bound(field.type, least)])],
      ),
    ],
  );
}

/** A bound of a column's values in the column's own bytes. */
function bound(type: ParquetType, value: number | undefined): Thrift | undefined {
  if (value === undefined) return undefined;
  const bytes = new DataView(new ArrayBuffer(type === 'timestamp' ? 8 : 4));
  if (type === 'timestamp') bytes.setBigInt64(0, BigInt(value), true);
  else bytes.setInt32(0, value, true);
  return binary(new Uint8Array(bytes.buffer));
}
