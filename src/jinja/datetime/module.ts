import { Fault } from '../error.js';
import { numeric } from '../values/compare.js';
import { HostFunction } from '../values/host.js';
import { PyClass, PyModule } from '../values/py-class.js';
import { hostFunction } from '../values/signature.js';
import { repr } from '../values/text.js';
import { DAY, daysOf, EPOCH_ORDINAL, MAX_DAYS, MIN_DAYS, weekdayOf } from './calendar.js';
import { checkedDays, PyDate } from './date.js';
import { DateTime } from './datetime.js';
import { strptime, zoneOfOffset } from './strptime.js';
import { checkedMicros, PyTime } from './time.js';
import { TIMEDELTA, type TimeDelta } from './timedelta.js';
import { fixedZone, UTC, Zone, zoneOf } from './zone.js';

const asZone = (value: unknown): Zone | null => (value instanceof Zone ? value : null);

/** The wall clock as Python's naive local time. */
function localNow(): DateTime {
  const now = new Date();
  return DateTime.ofEpoch((now.getTime() - now.getTimezoneOffset() * 60_000) * 1000, null);
}

const ISO =
  /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,6})\d*)?)?)?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?$/i;

function fromIso(text: unknown): DateTime {
  const found = typeof text === 'string' ? ISO.exec(text) : null;
  if (found === null) throw new Fault('ValueError', `Invalid isoformat string: ${repr(text)}`);
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone] = found;
  const micros = checkedMicros(Number(hour), Number(minute), Number(second), Number(fraction.padEnd(6, '0')));
  const moment = { days: checkedDays(Number(year), Number(month), Number(day)), micros };
  return new DateTime(moment, zone === undefined ? null : zoneOfOffset(/^[+-]\d\d$/.test(zone) ? `${zone}00` : zone));
}

function seconds(value: unknown): number {
  const x = numeric(value);
  if (x === undefined) throw new Fault('TypeError', 'a number of seconds is required');
  return Math.round(Number(x) * 1_000_000);
}

const fromIsoCalendar = (year: number, week: number, day: number): number => {
  const fourth = daysOf(year, 1, 4);
  return fourth - weekdayOf(fourth) + (week - 1) * 7 + day - 1;
};

const DATE = new PyClass(
  'datetime.date',
  ['year', 'month', 'day'],
  (year: unknown, month: unknown, day: unknown) => new PyDate(checkedDays(year, month, day)),
  [
    ['today', new HostFunction('today', () => new PyDate(localNow().days))],
    [
      'fromisoformat',
      hostFunction('fromisoformat', ['date_string'], (text: unknown) => new PyDate(fromIso(text).days)),
    ],
    ['fromordinal', hostFunction('fromordinal', ['n'], (n: number) => new PyDate(n - EPOCH_ORDINAL))],
    ['fromtimestamp', hostFunction('fromtimestamp', ['t'], (t: unknown) => new PyDate(Math.floor(seconds(t) / DAY)))],
    [
      'fromisocalendar',
      hostFunction(
        'fromisocalendar',
        ['year', 'week', 'day'],
        (y: number, w: number, d: number) => new PyDate(fromIsoCalendar(y, w, d)),
      ),
    ],
    ['min', new PyDate(MIN_DAYS)],
    ['max', new PyDate(MAX_DAYS)],
  ],
);

const DATETIME = new PyClass(
  'datetime.datetime',
  [
    'year',
    'month',
    'day',
    ['hour', 0],
    ['minute', 0],
    ['second', 0],
    ['microsecond', 0],
    ['tzinfo', null],
    ['fold', 0],
  ],
  (...values: unknown[]) => {
    const [year, month, day, hour, minute, second, micro, zone] = values;
    return new DateTime(
      { days: checkedDays(year, month, day), micros: checkedMicros(hour, minute, second, micro) },
      asZone(zone),
    );
  },
  [
    [
      'now',
      hostFunction('now', [['tz', null]], (zone: unknown) =>
        zone instanceof Zone ? DateTime.ofEpoch(Date.now() * 1000, zone) : localNow(),
      ),
    ],
    ['today', new HostFunction('today', localNow)],
    ['utcnow', new HostFunction('utcnow', () => DateTime.ofEpoch(Date.now() * 1000, null))],
    [
      'fromtimestamp',
      hostFunction('fromtimestamp', ['timestamp', ['tz', null]], (t: unknown, zone: unknown) =>
        DateTime.ofEpoch(seconds(t), asZone(zone)),
      ),
    ],
    [
      'utcfromtimestamp',
      hostFunction('utcfromtimestamp', ['timestamp'], (t: unknown) => DateTime.ofEpoch(seconds(t), null)),
    ],
    ['fromisoformat', hostFunction('fromisoformat', ['date_string'], fromIso)],
    [
      'fromordinal',
      hostFunction('fromordinal', ['n'], (n: number) => new DateTime({ days: n - EPOCH_ORDINAL, micros: 0 })),
    ],
    [
      'strptime',
      hostFunction('strptime', ['date_string', 'format'], (text: unknown, format: unknown) => {
        if (typeof text !== 'string' || typeof format !== 'string')
          throw new Fault('TypeError', 'strptime() takes two strings');
        const moment = strptime(text, format);
        return new DateTime(moment, moment.zone);
      }),
    ],
    [
      'combine',
      hostFunction(
        'combine',
        ['date', 'time', ['tzinfo', null]],
        (date: PyDate | DateTime, time: PyTime, zone: unknown) =>
          new DateTime({ days: date.days, micros: time.micros }, asZone(zone) ?? time.zone),
      ),
    ],
    ['min', new DateTime({ days: MIN_DAYS, micros: 0 })],
    ['max', new DateTime({ days: MAX_DAYS, micros: DAY - 1 })],
  ],
);

const TIME = new PyClass(
  'datetime.time',
  [
    ['hour', 0],
    ['minute', 0],
    ['second', 0],
    ['microsecond', 0],
    ['tzinfo', null],
  ],
  (hour: unknown, minute: unknown, second: unknown, micro: unknown, zone: unknown) =>
    new PyTime(checkedMicros(hour, minute, second, micro), asZone(zone)),
  [
    [
      'fromisoformat',
      hostFunction(
        'fromisoformat',
        ['time_string'],
        (text: string) => new PyTime(fromIso(`2000-01-01T${text}`).micros),
      ),
    ],
    ['min', new PyTime(0)],
    ['max', new PyTime(DAY - 1)],
  ],
);

const TIMEZONE = new PyClass(
  'datetime.timezone',
  ['offset', ['name', null]],
  (offset: TimeDelta, name: string | null) => fixedZone(Number(offset.total), name),
  [['utc', fixedZone(0)]],
);

/** dbt's `modules.datetime`. */
export const DATETIME_MODULE = new PyModule('datetime', [
  ['date', DATE],
  ['datetime', DATETIME],
  ['time', TIME],
  ['timedelta', TIMEDELTA],
  ['timezone', TIMEZONE],
  ['tzinfo', new PyClass('datetime.tzinfo', [], () => fixedZone(0))],
]);

/** pytz; the list of all zones takes a while to make, so it is made when it is asked for. */
class Pytz extends PyModule {
  override getAttribute(name: string): unknown {
    if (name === 'all_timezones' || name === 'common_timezones') return Intl.supportedValuesOf('timeZone');
    return super.getAttribute(name);
  }
}

/** dbt's `modules.pytz`. */
export const PYTZ_MODULE = new Pytz('pytz', [
  ['timezone', hostFunction('timezone', ['zone'], (name: unknown) => zoneOf(String(name)))],
  ['utc', UTC],
  ['FixedOffset', hostFunction('FixedOffset', ['offset'], (minutes: number) => fixedZone(minutes * 60_000_000))],
]);
