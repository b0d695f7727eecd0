import { type Diagnostic, didYouMean, problem, UpsqlError } from '../diagnostics/index.js';

export const FORMATS = ['json', 'csv', 'parquet'] as const;
export const BEHAVIOURS = ['lifecycle', 'classic'] as const;
export type Format = (typeof FORMATS)[number];
export type Behaviour = (typeof BEHAVIOURS)[number];

/** What to simulate. Only `out` is needed; the defaults are those of `DEFAULTS`. */
export interface SimulateOptions {
  /** The folder to write into; made if missing. */
  readonly out: string;
  /** Users who have signed up by the end of the `days`. */
  readonly users?: number;
  /** Good, distinct events in the `days`: exactly so many. Damaged rows (`dirt`) come on top. */
  readonly events?: number;
  readonly days?: number;
  readonly seed?: number;
  readonly format?: Format;
  readonly behaviour?: Behaviour;
  /** ISO date, the day after the last of the `days`. A fixed default: nothing reads the wall clock. */
  readonly endDate?: string;
  /** Worker threads at most; the bytes written do not depend on it. */
  readonly threads?: number;
  /** Damaged rows for every good event, 0 to 0.5. Default 0.001 in lifecycle mode and 0 in classic mode. */
  readonly dirt?: number;
  /** Share of events that arrive 1 to 3 days late, 0 to 0.5. Default 0.002 in lifecycle mode and 0 in classic mode. */
  readonly late?: number;
  /**
   * Which days to write, as day numbers: `fromDay` is the first (default 0) and `toDay` the one after the last (default
   * `days`). Day `days` and later carry the same simulation on: the users live on, new ones sign up, at the same pace.
   * Slices laid end to end hold exactly the lines of one run over all their days.
   */
  readonly fromDay?: number;
  readonly toDay?: number;
  /** Short for `fromDay: days, toDay: days + appendDays`. */
  readonly appendDays?: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** The options after defaults and checks: plain data that is also sent to workers. */
export interface Settings {
  readonly out: string;
  readonly users: number;
  readonly events: number;
  readonly days: number;
  readonly seed: number;
  readonly format: Format;
  readonly behaviour: Behaviour;
  /** Milliseconds since 1970 (UTC) at the start of day 0. */
  readonly start: number;
  readonly threads: number;
  readonly dirt: number;
  readonly late: number;
  readonly fromDay: number;
  readonly toDay: number;
}

export const DEFAULTS = {
  users: 20_000,
  events: 1_000_000,
  days: 365,
  seed: 42,
  format: 'json',
  behaviour: 'lifecycle',
  endDate: '2026-01-01',
  threads: 2,
  dirt: { lifecycle: 0.001, classic: 0 },
  late: { lifecycle: 0.002, classic: 0 },
} as const;

export const DAY_MS = 86_400_000;
const MAX_DAYS = 30_000;
const MAX_USERS = 100_000_000;

/**
 * Fills in the defaults and checks every option.
 * @throws UpsqlError with one `invalid-option` diagnostic for each wrong option.
 */
export function settings(options: SimulateOptions): Settings {
  const problems: Diagnostic[] = [];
  const wrong = (name: string, value: unknown, need: string, hint?: string): void => {
    const message = `--${name} is ${value === '' ? 'empty' : String(value)}, but it must be ${need}`;
    problems.push(problem('invalid-option', message, hint === undefined ? {} : { hint }));
  };
  const integer = (name: string, value: number, low: number, high: number): number => {
    if (!Number.isSafeInteger(value) || value < low || value > high) {
      const need =
        high === Number.MAX_SAFE_INTEGER ? `a whole number from ${low}` : `a whole number from ${low} to ${high}`;
      wrong(name, value, need);
    }
    return value;
  };
  const share = (name: string, value: number): number => {
    if (!(value >= 0 && value <= 0.5)) wrong(name, value, 'a share from 0 to 0.5', 'One in a thousand is 0.001.');
    return value;
  };
  const oneOf = <T extends string>(name: string, value: T, known: readonly T[]): T => {
    if (!known.includes(value)) wrong(name, value, `one of ${known.join(', ')}`, didYouMean(String(value), known));
    return value;
  };

  const behaviour = oneOf('behaviour', options.behaviour ?? DEFAULTS.behaviour, BEHAVIOURS);
  const days = integer('days', options.days ?? DEFAULTS.days, 1, MAX_DAYS);
  const append = options.appendDays === undefined ? undefined : integer('append-days', options.appendDays, 1, MAX_DAYS);
  if (append !== undefined && (options.fromDay !== undefined || options.toDay !== undefined)) {
    wrong('append-days', append, 'used without --from-day and --to-day', 'Use either the one or the others.');
  }
  const fromDay = integer('from-day', append === undefined ? (options.fromDay ?? 0) : days, 0, MAX_DAYS);
  const toDay = integer('to-day', append === undefined ? (options.toDay ?? days) : days + append, 0, 2 * MAX_DAYS);
  if (problems.length === 0 && toDay <= fromDay) wrong('to-day', toDay, `later than --from-day (${fromDay})`);
  const endDate = options.endDate ?? DEFAULTS.endDate;
  const end = dateOf(endDate);
  if (end === undefined) wrong('end-date', endDate, 'a date such as 2026-01-01 (years 1900 to 2200)');
  const out = options.out;
  if (typeof out !== 'string' || out.trim() === '') wrong('out', out, 'a folder');

  const result: Settings = {
    out,
    users: integer('users', options.users ?? DEFAULTS.users, 1, MAX_USERS),
    events: integer('events', options.events ?? DEFAULTS.events, 0, 1_000_000_000_000),
    days,
    seed: integer('seed', options.seed ?? DEFAULTS.seed, 0, Number.MAX_SAFE_INTEGER),
    format: oneOf('format', options.format ?? DEFAULTS.format, FORMATS),
    behaviour,
    start: (end ?? 0) - days * DAY_MS,
    threads: integer('threads', options.threads ?? DEFAULTS.threads, 1, 256),
    dirt: share('dirt', options.dirt ?? DEFAULTS.dirt[behaviour] ?? 0),
    late: share('late', options.late ?? DEFAULTS.late[behaviour] ?? 0),
    fromDay,
    toDay,
  };
  if (problems.length > 0) throw new UpsqlError(problems);
  return result;
}

/** Midnight (UTC) of an ISO date, or undefined when it is none. */
function dateOf(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  const year = Number(text.slice(0, 4));
  if (Number.isNaN(time) || year < 1900 || year > 2200) return undefined;
  return new Date(time).toISOString().startsWith(text) ? time : undefined;
}
