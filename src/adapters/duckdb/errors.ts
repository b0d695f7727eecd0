import { DatabaseError } from '../adapter.js';

/** What DuckDB tells of an error with `errors_as_json` set. `position` is a byte offset into the UTF-8 text. */
interface ErrorReport {
  readonly exception_type: string;
  readonly exception_message: string;
  readonly error_subtype?: string;
  readonly position?: string;
  readonly name?: string;
}

function parseReport(message: string): ErrorReport {
  const json = message.indexOf('{"exception_type"');
  if (json !== -1) {
    try {
      return JSON.parse(message.slice(json)) as ErrorReport;
    } catch {
      // A report that is cut off: read it as plain text.
    }
  }
  const plain = /^(?:Failed to extract statements: )?([A-Za-z][A-Za-z -]*?) Error: ([\s\S]*)$/.exec(message);
  return { exception_type: plain?.[1] ?? '', exception_message: plain?.[2] ?? message };
}

const SUBTYPES_OF_MISSING = new Set(['MISSING_ENTRY', 'COLUMN_NOT_FOUND']);

function kindOf(report: ErrorReport): DatabaseError['kind'] {
  const message = report.exception_message;
  if (SUBTYPES_OF_MISSING.has(report.error_subtype ?? '')) return 'missing';
  if (
    /write-write conflict|^Conflict on |Could not commit creation of dependency|\bconflict\b.*transaction/i.test(
      message,
    )
  )
    return 'conflict';
  switch (report.exception_type.toLowerCase()) {
    case 'parser':
    case 'syntax':
      return 'syntax';
    case 'constraint':
      return 'constraint';
    case 'interrupt':
      return 'interrupted';
    case 'io':
    case 'http':
    case 'network':
    case 'permission':
      return 'io';
    case 'transactioncontext':
      return /failed to commit/i.test(message) && /PRIMARY KEY|UNIQUE|constraint/i.test(message)
        ? 'constraint'
        : 'other';
    default:
      return 'other';
  }
}

/** The UTF-16 offset of a byte offset into the UTF-8 form of `sql`. */
function fromByteOffset(sql: string, position: number): number {
  const bytes = Buffer.from(sql, 'utf8');
  return bytes.length === sql.length ? position : bytes.subarray(0, position).toString('utf8').length;
}

const NAME_CHARACTER = /[\p{L}\p{N}_$]/u;

/** The only place where `name` stands as a whole word, or undefined. */
function onlyOccurrence(sql: string, name: string): number | undefined {
  const text = sql.toLowerCase();
  const word = name.toLowerCase();
  let found: number | undefined;
  for (let i = text.indexOf(word); i !== -1; i = text.indexOf(word, i + 1)) {
    const whole = !NAME_CHARACTER.test(text.charAt(i - 1)) && !NAME_CHARACTER.test(text.charAt(i + word.length));
    if (!whole) continue;
    if (found !== undefined) return undefined;
    found = i;
  }
  return found;
}

/**
 * The offset that the report gives, or that follows from the name it gives. An error inside a view's body comes with a
 * position in that body, which says nothing about `sql`: it is dropped when the missing name does not stand there.
 */
function offsetOf(report: ErrorReport, sql: string): number | undefined {
  const name = report.name?.split('.').at(-1)?.replaceAll('"', '');
  if (report.position !== undefined) {
    const offset = fromByteOffset(sql, Number(report.position));
    if (offset > sql.length) return undefined;
    if (
      !name ||
      sql
        .slice(offset, offset + 200 + name.length)
        .toLowerCase()
        .includes(name.toLowerCase())
    )
      return offset;
  }
  return name ? onlyOccurrence(sql, name) : undefined;
}

/** Of a CSV file that DuckDB can't make out, the reason without the page of options that might help. */
function brief(message: string): string {
  const file = /^Error when sniffing file "([^"]+)"/.exec(message)?.[1];
  if (file === undefined) return message;
  const counts = /contain: (\d+) columns\. It does not match the number of columns found by the sniffer: (\d+)/.exec(
    message,
  );
  if (counts !== null) return `The file "${file}" has ${counts[2]} columns, its table has ${counts[1]}.`;
  return message.replace(/\nThe search space used was:[\s\S]*$/, '');
}

/** The name that dbt-duckdb's `retryable_exceptions` uses: `IOException`. */
export function exceptionName(error: unknown): string {
  const type = parseReport(error instanceof Error ? error.message : String(error)).exception_type;
  return `${type.replaceAll(' ', '')}Exception`;
}

/**
 * What DuckDB threw, as a `DatabaseError` about `sql`. `start` is where the text that ran begins in `sql`.
 * The message is DuckDB's, `Catalog Error: Table with name x does not exist!`, without its `LINE 1:` excerpt.
 */
export function toDatabaseError(error: unknown, sql: string, start = 0, ran: string = sql): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const report = parseReport(error instanceof Error ? error.message : String(error));
  const message = brief(report.exception_message.replace(/\n\nLINE \d+: [\s\S]*$/, ''));
  const offset = offsetOf(report, ran);
  return new DatabaseError(
    report.exception_type === '' ? message : `${report.exception_type} Error: ${message}`,
    sql,
    kindOf(report),
    offset === undefined ? undefined : start + offset,
  );
}
