import type { Column } from 'snowflake-sdk';
import { DatabaseError, type ResultColumn, type SqlValue } from '../adapter.js';
import { type ZoneOffset, zoneOffset } from '../duckdb/timestamps.js';

/** A timestamp of the driver: a JavaScript Date that also has the exact parts. */
interface DriverTime {
  getEpochSeconds(): number;
  getNanoSeconds(): number;
  /** A zone's name, or minutes east of UTC. */
  getTimezone(): string | number | undefined;
}

/** How the driver reads a column of a row, whose values are as Snowflake sent them until something reads them. */
interface ReadingColumn {
  _getRowValue(row: { readonly values: readonly unknown[] }): unknown;
  _getRowValueAsString(row: { readonly values: readonly unknown[] }): unknown;
}

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

/** `12:30:00.25`: the fraction, of up to nine digits, without its closing zeros. */
function timeText(second: number, nanoSeconds: number): string {
  const clock = `${pad(Math.floor(second / 3600))}:${pad(Math.floor(second / 60) % 60)}:${pad(second % 60)}`;
  return nanoSeconds === 0 ? clock : `${clock}.${String(nanoSeconds).padStart(9, '0').replace(/0+$/, '')}`;
}

/** `2024-01-31 12:30:00.25`. */
export function timestampText(epochSeconds: number, nanoSeconds: number): string {
  const day = Math.floor(epochSeconds / 86_400);
  return `${dateText(day * 86_400)} ${timeText(epochSeconds - day * 86_400, nanoSeconds)}`;
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

/**
 * Lets the driver hand over what Snowflake sent. Its own reading drops the fraction of times and rounds numbers within
 * structured values, and takes ten times as long. Only a timestamp in the session's zone needs it, as the zone is
 * the driver's. Throws DatabaseError where the driver has come to read its columns in another way.
 */
function readRaw(column: Column, index: number): void {
  const hooks = column as unknown as Partial<ReadingColumn>;
  if (typeof hooks._getRowValue !== 'function' || typeof hooks._getRowValueAsString !== 'function')
    throw new DatabaseError('this version of snowflake-sdk reads results in a way that upsql does not know', '');
  if (kindOf(column) === 'timestamp_ltz') return;
  hooks._getRowValue = hooks._getRowValueAsString = ({ values }) => values[index];
}

function kindOf(column: Column): string {
  return column.getType().toLowerCase();
}

/** The columns of a result and how their values are read. A name that comes twice gets `_2`, `_3` ... */
export function describeColumns(columns: readonly Column[]): { columns: ResultColumn[]; readers: Reader[] } {
  const taken = new Set<string>();
  const described = columns.map((column, i) => {
    readRaw(column, i);
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
  const type = kindOf(column);
  if (type === 'fixed') return `NUMBER(${column.getPrecision() ?? 38},${column.getScale() ?? 0})`;
  if (type === 'text') return 'VARCHAR';
  return type === 'real' ? 'FLOAT' : type.toUpperCase();
}

function readerOf(column: Column): Reader {
  switch (kindOf(column)) {
    case 'fixed':
      return (column.getScale() ?? 0) > 0 ? present(String) : present((value) => integer(String(value)));
    case 'real':
      return present((value) => realValue(String(value)));
    case 'boolean':
      return present((value) => /^(true|1)$/i.test(String(value)));
    case 'date':
      return present((value) => dateText(Number(value) * 86_400));
    case 'time':
      return present((value) => timeText(...secondsOf(String(value))));
    case 'timestamp_ntz':
      return present((value) => timestampText(...secondsOf(String(value))));
    case 'timestamp_tz':
      return present((value) => zonedValue(String(value)));
    case 'timestamp_ltz':
      return present((value) => (isTime(value) ? zonedText(value) : String(value)));
    case 'binary':
      return present((value) => Uint8Array.from(Buffer.from(String(value), 'hex')));
    default:
      return present(String);
  }
}

/** Seconds and nanoseconds of `1706704200.25`; those of `-0.25` are -1 and 750 million. */
function secondsOf(text: string): [seconds: number, nanoSeconds: number] {
  const dot = text.indexOf('.');
  if (dot === -1) return [Number(text), 0];
  const nanos = Number(text.slice(dot + 1).padEnd(9, '0'));
  const whole = Number(text.slice(0, dot));
  if (nanos === 0 || !text.startsWith('-')) return [whole, nanos];
  return [whole - 1, 1_000_000_000 - nanos];
}

/** `1706704200.25 1560`: the seconds, and the minutes east of UTC plus 24 hours. */
function zonedValue(text: string): string {
  const [at = '', zone = '1440'] = text.split(' ');
  const [seconds, nanoSeconds] = secondsOf(at);
  const minutes = Number(zone) - 1440;
  return timestampText(seconds + minutes * 60, nanoSeconds) + offsetText(minutes);
}

function realValue(text: string): number {
  if (/^-?inf(inity)?$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
