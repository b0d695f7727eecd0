/** How files on a stage are to be read, as Snowflake's `FILE_FORMAT` options. */
import { quoteLiteral } from './dialect.js';

export interface CsvFormat {
  readonly type: 'csv';
  /** Default: a comma. */
  readonly delimiter?: string;
  /** Lines before the data; with `parseHeader` the first line names the columns instead. */
  readonly skipHeader?: number;
  readonly parseHeader?: boolean;
  /** What may enclose a field; null for nothing. Default: the double quote. */
  readonly quote?: string | null;
  /** Texts that mean null. Default: none; an empty field is null, an enclosed empty one is the empty text. */
  readonly nullIf?: readonly string[];
  /** A row with too few or too many fields is an error. Default: true. */
  readonly strictFieldCount?: boolean;
  readonly encoding?: string;
  readonly dateFormat?: string;
  readonly timestampFormat?: string;
  readonly compression?: string;
}

export interface JsonFormat {
  readonly type: 'json';
  /** The file is one array of records instead of a record a line. */
  readonly stripOuterArray?: boolean;
  readonly compression?: string;
}

export interface ParquetFormat {
  readonly type: 'parquet';
}

export type FileFormat = CsvFormat | JsonFormat | ParquetFormat;

function csvOptions(format: CsvFormat): string[] {
  const { quote = '"', nullIf = [] } = format;
  return [
    ...(format.delimiter === undefined ? [] : [`field_delimiter = ${quoteLiteral(format.delimiter)}`]),
    ...(format.parseHeader ? ['parse_header = true'] : []),
    ...(format.skipHeader === undefined ? [] : [`skip_header = ${format.skipHeader}`]),
    `field_optionally_enclosed_by = ${quote === null ? 'none' : quoteLiteral(quote)}`,
    // By default a backslash would take the character behind it along.
    'escape_unenclosed_field = none',
    `null_if = (${nullIf.map(quoteLiteral).join(', ')})`,
    'empty_field_as_null = true',
    ...(format.strictFieldCount === false ? ['error_on_column_count_mismatch = false'] : []),
    ...(format.encoding === undefined ? [] : [`encoding = ${quoteLiteral(format.encoding)}`]),
    ...(format.dateFormat === undefined ? [] : [`date_format = ${quoteLiteral(format.dateFormat)}`]),
    ...(format.timestampFormat === undefined ? [] : [`timestamp_format = ${quoteLiteral(format.timestampFormat)}`]),
    ...(format.compression === undefined ? [] : [`compression = ${format.compression}`]),
  ];
}

/** `(type = csv skip_header = 1 ...)`, as it stands behind `file_format =`. */
export function formatOptions(format: FileFormat): string {
  switch (format.type) {
    case 'csv':
      return `(${['type = csv', ...csvOptions(format)].join(' ')})`;
    case 'json':
      return `(type = json${format.stripOuterArray ? ' strip_outer_array = true' : ''}${
        format.compression === undefined ? '' : ` compression = ${format.compression}`
      })`;
    case 'parquet':
      return '(type = parquet use_logical_type = true)';
  }
}
