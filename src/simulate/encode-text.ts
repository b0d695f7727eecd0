import { CATEGORY_NAMES, FEATURES, PLATFORMS, UNKNOWN_PLATFORM } from './catalogue.js';
import { DAY_MS } from './options.js';
import { Fault, type Rows } from './rows.js';

/** The columns of an event, in order, whatever the format. */
export const EVENT_COLUMNS = [
  'user_id',
  'timestamp',
  'category_used',
  'feature_used',
  'session_length',
  'platform',
] as const;

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

/** The two digits of 0 to 99 and the three of 0 to 999, as ASCII. */
const TWO = Uint8Array.from({ length: 200 }, (_, i) => 48 + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10));
const THREE = Uint8Array.from({ length: 3000 }, (_, i) => {
  const n = Math.floor(i / 3);
  return 48 + (i % 3 === 0 ? Math.floor(n / 100) : i % 3 === 1 ? Math.floor(n / 10) % 10 : n % 10);
});

/**
 * A text to copy often. It is held as 8-byte words, since copying words is several times faster than copying bytes; the
 * last word is filled up with spaces, which the next text overwrites. ASCII never has the bits of a NaN, so its bytes
 * pass through a double unchanged.
 */
interface Fragment {
  readonly words: Float64Array;
  readonly length: number;
}

function fragment(text: string): Fragment {
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8), 'latin1');
  const words = Float64Array.from({ length: padded.length / 8 }, (_, i) => padded.readDoubleLE(i * 8));
  return { words, length: text.length };
}

/** Copies a fragment to `at` and returns the place after it; up to 7 bytes behind it are overwritten. */
function copy(out: DataView, at: number, { words, length }: Fragment): number {
  for (let k = 0; k < words.length; k++) out.setFloat64(at + 8 * k, words[k] as number, true);
  return at + length;
}

/** The parts of a line that stand between the values, made once. */
interface Layout {
  readonly beforeUser: Fragment;
  readonly beforeTime: Fragment;
  /** By feature: from after the timestamp to before the session length. */
  readonly features: readonly Fragment[];
  /** By platform, the unknown one last: from after the session length to the end of the line. */
  readonly platforms: readonly Fragment[];
}

const platformNames = [...PLATFORMS.map((p) => p.name), UNKNOWN_PLATFORM];

const JSON_LAYOUT: Layout = {
  beforeUser: fragment('{"user_id":'),
  beforeTime: fragment(',"timestamp":"'),
  features: FEATURES.map((f) =>
    fragment(`Z","category_used":"${CATEGORY_NAMES[f.category]}","feature_used":"${f.name}","session_length":`),
  ),
  platforms: platformNames.map((name) => fragment(`,"platform":"${name}"}\n`)),
};

const CSV_LAYOUT: Layout = {
  beforeUser: fragment(''),
  beforeTime: fragment(','),
  features: FEATURES.map((f) => fragment(`Z,${CATEGORY_NAMES[f.category]},${f.name},`)),
  platforms: platformNames.map((name) => fragment(`,${name}\n`)),
};

export const CSV_HEADER = `${EVENT_COLUMNS.join(',')}\n`;

const longest = (parts: readonly Fragment[]): number => Math.max(...parts.map((part) => part.length));

/** The longest line: its fixed parts, two numbers of at most 10 digits and a timestamp of 23 characters. */
const LONGEST_LINE =
  JSON_LAYOUT.beforeUser.length +
  JSON_LAYOUT.beforeTime.length +
  longest(JSON_LAYOUT.features) +
  longest(JSON_LAYOUT.platforms) +
  43;

/** Room in bytes that `encodeText` needs for so many rows. */
export function textCapacity(rows: number): number {
  return rows * LONGEST_LINE + 8;
}

/** Writes the rows as lines into `out`, which has room for them, and returns the number of bytes. */
export function encodeText(format: 'json' | 'csv', rows: Rows, out: Uint8Array): number {
  const { beforeUser, beforeTime, features, platforms } = format === 'json' ? JSON_LAYOUT : CSV_LAYOUT;
  let at = 0;
  let day = Number.NaN;
  let date = fragment('');
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  for (let i = 0; i < rows.length; i++) {
    const fault = rows.fault[i] as number;
    if (fault !== Fault.none) {
      const line = faultyLine(format, rows, i);
      out.set(line, at);
      at += line.length;
      continue;
    }
    at = copy(view, at, beforeUser);
    at = digits(out, at, rows.user[i] as number);
    at = copy(view, at, beforeTime);

    const time = rows.time[i] as number;
    if (!(time >= day && time < day + DAY_MS)) {
      day = Math.floor(time / DAY_MS) * DAY_MS;
      date = fragment(`${new Date(day).toISOString().slice(0, 10)}T`);
    }
    at = copy(view, at, date);
    const ms = time - day;
    const seconds = (ms / 1000) | 0;
    const minutes = (seconds / 60) | 0;
    const hours = (minutes / 60) | 0;
    let two = hours * 2;
    out[at] = TWO[two] as number;
    out[at + 1] = TWO[two + 1] as number;
    out[at + 2] = 58;
    two = (minutes - hours * 60) * 2;
    out[at + 3] = TWO[two] as number;
    out[at + 4] = TWO[two + 1] as number;
    out[at + 5] = 58;
    two = (seconds - minutes * 60) * 2;
    out[at + 6] = TWO[two] as number;
    out[at + 7] = TWO[two + 1] as number;
    out[at + 8] = 46;
    const three = (ms - seconds * 1000) * 3;
    out[at + 9] = THREE[three] as number;
    out[at + 10] = THREE[three + 1] as number;
    out[at + 11] = THREE[three + 2] as number;
    at += 12;

    at = copy(view, at, features[rows.feature[i] as number] as Fragment);
    at = digits(out, at, rows.seconds[i] as number);
    at = copy(view, at, platforms[rows.platform[i] as number] as Fragment);
  }
  return at;
}

/** Writes a whole number from 0 and returns the place after it. */
function digits(out: Uint8Array, start: number, value: number): number {
  let end = start + 1;
  for (let rest = value; rest >= 10; rest = (rest / 10) | 0) end++;
  let rest = value;
  for (let at = end - 1; at >= start; at--) {
    const next = (rest / 10) | 0;
    out[at] = 48 + rest - next * 10;
    rest = next;
  }
  return end;
}

/** A damaged line. Few rows are damaged, so this takes the plain way. */
function faultyLine(format: 'json' | 'csv', rows: Rows, i: number): Uint8Array {
  const fault = rows.fault[i] as number;
  const feature = FEATURES[rows.feature[i] as number];
  const event: Record<string, string | number | undefined> = {
    user_id: fault === Fault.missingUser ? undefined : (rows.user[i] as number),
    timestamp: fault === Fault.missingTimestamp ? undefined : new Date(rows.time[i] as number).toISOString(),
    category_used: CATEGORY_NAMES[feature?.category ?? 0],
    feature_used: fault === Fault.missingFeature ? undefined : feature?.name,
    session_length: rows.seconds[i] as number,
    platform: platformNames[rows.platform[i] as number],
  };
  const line = format === 'json' ? JSON.stringify(event) : EVENT_COLUMNS.map((name) => event[name] ?? '').join(',');
  return bytes(`${fault === Fault.malformed ? line.slice(0, Math.floor(line.length / 2)) : line}\n`);
}
