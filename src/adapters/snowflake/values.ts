import type { Column } from 'snowflake-sdk';
import type { ResultColumn, SqlValue } from '../adapter.js';
import { type ZoneOffset, zoneOffset } from '../duckdb/timestamps.js';

/** A date or timestamp of the driver: a JavaScript Date that also has the exact parts. */
interface DriverTime {
  getEpochSeconds(): number;
  getNanoSeconds(): number;
  /** A zone's name, or minutes east of UTC. */
  getTimezone(): string | number | undefined;
}

/** Everything but dates is fetched as the text that Snowflake sent, which loses nothing. */
export const FETCHED_AS_TEXT = ['Number', 'JSON'] as const;

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

function isTime(value: unknown): value is DriverTime {
  return typeof value === 'object' && value !== null && 'getEpochSeconds' in value;
}

function dateText(epochSeconds: number): string {
  const date = new Date(epochSeconds * 1000);
  const year = date.getUTCFullYear();
  return `${String(year).padStart(4, '0')}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
}

/** `2024-01-31 12:30:00.25`: the fraction, of up to nine digits, without its closing zeros. */
export function timestampText(epochSeconds: number, nanoSeconds: number): string {
  const day = Math.floor(epochSeconds / 86_400);
  const second = epochSeconds - day * 86_400;
  const clock = `${pad(Math.floor(second / 3600))}:${pad(Math.floor(second / 60) % 60)}:${pad(second % 60)}`;
  const fraction = nanoSeconds === 0 ? '' : `.${String(nanoSeconds).padStart(9, '0').replace(/0+$/, '')}`;
  return `${dateText(day * 86_400)} ${clock}${fraction}`;
}

/** `+02`, `-03:30`. */
function offsetText(minutes: number): string {
  const rest = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(rest / 60))}${rest % 60 === 0 ? '' : `:${pad(rest % 60)}`}`;
}

const zones = new Map<string, ZoneOffset>();

function minutesEast(zone: string | number | undefined, epochSeconds: number): number {
  if (typeof zone === 'number') return zone;
  const name = zone ?? 'UTC';
  let offset = zones.get(name);
  if (offset === undefined) {
    offset = zoneOffset(name);
    zones.set(name, offset);
  }
  return Math.round(offset(epochSeconds * 1000) / 60);
}

function zonedText(value: DriverTime): string {
  const seconds = value.getEpochSeconds();
  const minutes = minutesEast(value.getTimezone(), seconds);
  return timestampText(seconds + minutes * 60, value.getNanoSeconds()) + offsetText(minutes);
}

/** A whole number, exact. */
export function integer(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** How values of a column become `SqlValue`s. */
export type Reader = (value: unknown) => SqlValue;

function present(read: (value: unknown) => SqlValue): Reader {
  return (value) => (value === null || value === undefined ? null : read(value));
}

/** The columns of a result and how their values are read. A name that comes twice gets `_2`, `_3` ... */
export function describeColumns(columns: readonly Column[]): { columns: ResultColumn[]; readers: Reader[] } {
  const taken = new Set<string>();
  const described = columns.map((column) => {
    const name = column.getName();
    let unique = name;
    for (let n = 2; taken.has(unique); n++) unique = `${name}_${n}`;
    taken.add(unique);
    return { name: unique, type: typeName(column) };
  });
  return { columns: described, readers: columns.map(readerOf) };
}

/** The type as it stands in a cast: `NUMBER(38,0)`, `VARCHAR`, `TIMESTAMP_NTZ`. */
export function typeName(column: Column): string {
  const type = column.getType().toLowerCase();
  if (type === 'fixed') return `NUMBER(${column.getPrecision() ?? 38},${column.getScale() ?? 0})`;
  if (type === 'text') return 'VARCHAR';
  return type === 'real' ? 'FLOAT' : type.toUpperCase();
}

function readerOf(column: Column): Reader {
  switch (column.getType().toLowerCase()) {
    case 'fixed':
      return (column.getScale() ?? 0) > 0 ? present(String) : present((value) => integer(String(value)));
    case 'real':
      return present((value) => realValue(String(value)));
    case 'boolean':
      return present((value) => (typeof value === 'boolean' ? value : /^(true|1)$/i.test(String(value))));
    case 'date':
      return present((value) => (isTime(value) ? dateText(value.getEpochSeconds()) : String(value)));
    case 'timestamp_ntz':
      return present((value) =>
        isTime(value) ? timestampText(value.getEpochSeconds(), value.getNanoSeconds()) : String(value),
      );
    case 'timestamp_tz':
    case 'timestamp_ltz':
      return present((value) => (isTime(value) ? zonedText(value) : String(value)));
    case 'binary':
      return present((value) => (value instanceof Uint8Array ? Uint8Array.from(value) : String(value)));
    default:
      return present(String);
  }
}

function realValue(text: string): number {
  if (/^-?inf(inity)?$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
