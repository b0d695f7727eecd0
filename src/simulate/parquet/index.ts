/**
 * A small Parquet writer for tables whose row groups are made apart from each other: `encodeRowGroup` runs anywhere (in a
 * worker), `footer` joins what it returned. Uncompressed, since the encodings already bring an event to some 8 bytes.
 * Format: https://parquet.apache.org/docs/file-format/
 */

export { footer, MAGIC, type ParquetField, type ParquetType } from './footer.js';
export { encodeRowGroup, type ParquetColumn, type RowGroup } from './row-group.js';
