import { CATEGORY_NAMES, FEATURES, PLATFORMS, UNKNOWN_PLATFORM } from './catalogue.js';
import { encodeText, textCapacity } from './encode-text.js';
import type { Format } from './options.js';
import { Bytes } from './parquet/bytes.js';
import { encodeRowGroup, type ParquetField, type RowGroup } from './parquet/index.js';
import { Fault, type Rows } from './rows.js';

/** A block in the bytes of a file. `group` says where its columns are, in Parquet. */
export interface Encoded {
  readonly bytes: Uint8Array;
  readonly group?: RowGroup;
}

export const EVENT_FIELDS: readonly ParquetField[] = [
  { name: 'user_id', type: 'integer' },
  { name: 'timestamp', type: 'timestamp' },
  { name: 'category_used', type: 'text' },
  { name: 'feature_used', type: 'text' },
  { name: 'session_length', type: 'integer' },
  { name: 'platform', type: 'text' },
];

const FEATURE_NAMES = FEATURES.map((f) => f.name);
const CATEGORY_OF = Uint8Array.from(FEATURES, (f) => f.category);
const PLATFORM_NAMES = [...PLATFORMS.map((p) => p.name), UNKNOWN_PLATFORM];

/** Encodes rows into `buffer` where it is large enough, else into a new one; `bytes` is a view of either. */
export function encode(format: Format, rows: Rows, buffer: ArrayBuffer | undefined): Encoded {
  if (format === 'parquet') return encodeParquet(rows);
  const capacity = textCapacity(rows.length);
  const out = new Uint8Array(
    buffer !== undefined && buffer.byteLength >= capacity ? buffer : new ArrayBuffer(capacity),
  );
  return { bytes: out.subarray(0, encodeText(format, rows, out)) };
}

function encodeParquet(rows: Rows): Encoded {
  const count = rows.length;
  const nullsOf = (missing: number): Uint8Array | undefined => {
    let nulls: Uint8Array | undefined;
    for (let i = 0; i < count; i++) {
      const fault = rows.fault[i] as number;
      if (fault !== Fault.malformed && fault !== missing) continue;
      nulls ??= new Uint8Array(count);
      nulls[i] = 1;
    }
    return nulls;
  };
  const malformed = nullsOf(Fault.malformed);
  const categories = new Uint8Array(count);
  for (let i = 0; i < count; i++) categories[i] = CATEGORY_OF[rows.feature[i] as number] as number;
  const out = new Bytes(count * 12 + 4096);
  const group = encodeRowGroup(out, count, [
    { kind: 'integer', values: rows.user, nulls: nullsOf(Fault.missingUser) },
    { kind: 'timestamp', values: rows.time, nulls: nullsOf(Fault.missingTimestamp) },
    { kind: 'dictionary', values: categories, dictionary: CATEGORY_NAMES, nulls: malformed },
    {
      kind: 'dictionary',
      values: rows.feature.subarray(0, count),
      dictionary: FEATURE_NAMES,
      nulls: nullsOf(Fault.missingFeature),
    },
    { kind: 'integer', values: rows.seconds, nulls: malformed },
    { kind: 'dictionary', values: rows.platform.subarray(0, count), dictionary: PLATFORM_NAMES, nulls: malformed },
  ]);
  return { bytes: out.view(), group };
}
