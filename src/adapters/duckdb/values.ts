import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBValue,
  DuckDBVariantValue,
} from '@duckdb/node-api';
import type { SqlValue } from '../adapter.js';
import { timestampText, type ZoneOffset, zonedTimestampText } from './timestamps.js';

/** The type's name as it stands in a cast; JSON and other named types by their alias. */
export function typeName(type: DuckDBType): string {
  return type.alias ?? type.toString();
}

/** True when a value of the type, or within it, is printed in the session's time zone. */
export function needsZone(type: DuckDBType): boolean {
  return typeName(type).includes('WITH TIME ZONE');
}

function exactInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function nestedTypes(type: DuckDBType): readonly DuckDBType[] {
  if (type.typeId === DuckDBTypeId.STRUCT) return type.entryTypes;
  if (type.typeId === DuckDBTypeId.LIST || type.typeId === DuckDBTypeId.ARRAY) return [type.valueType];
  return type.typeId === DuckDBTypeId.MAP ? [type.valueType] : [];
}

/**
 * A driver's value as a `SqlValue`: BIGINT as a number when that is exact, HUGEINT as bigint, DECIMAL, dates, times,
 * intervals and UUIDs as DuckDB's text, BLOB as bytes, lists as arrays, structs and maps as objects.
 */
export function toSqlValue(value: DuckDBValue, type: DuckDBType | undefined, zone: ZoneOffset): SqlValue {
  switch (typeof value) {
    case 'number':
    case 'string':
    case 'boolean':
      return value;
    case 'bigint':
      return type?.typeId === DuckDBTypeId.BIGINT || type?.typeId === DuckDBTypeId.UBIGINT
        ? exactInteger(value)
        : value;
  }
  if (value === null) return null;
  if (value instanceof DuckDBTimestampValue) return timestampText(value.micros) ?? value.toString();
  if (value instanceof DuckDBTimestampTZValue) return zonedTimestampText(value.micros, zone) ?? value.toString();
  if (value instanceof DuckDBBlobValue) return Uint8Array.from(value.bytes);
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    const inner = type && nestedTypes(type)[0];
    return value.items.map((item) => toSqlValue(item, inner, zone));
  }
  if (value instanceof DuckDBStructValue) {
    const inner = type ? nestedTypes(type) : [];
    const entries = Object.entries(value.entries).map(([k, v], i) => [k, toSqlValue(v, inner[i], zone)] as const);
    return Object.fromEntries(entries);
  }
  if (value instanceof DuckDBMapValue) {
    const inner = type && nestedTypes(type)[0];
    return Object.fromEntries(value.entries.map((e) => [String(e.key), toSqlValue(e.value, inner, zone)] as const));
  }
  if (value instanceof DuckDBUnionValue) return toSqlValue(value.value, undefined, zone);
  if (value instanceof DuckDBVariantValue) return toSqlValue(value.value, value.type, zone);
  return value.toString();
}
