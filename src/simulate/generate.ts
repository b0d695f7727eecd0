import { type Block, dayShape, type Piece, timeOfDay, weekdayOf } from './calendar.js';
import { CATEGORY_NAMES, FEATURE_SLOTS, FEATURES, featureTables, PLATFORMS, pickShare } from './catalogue.js';
import { type Crowd, crowds, isPresent } from './crowd.js';
import { DAY_MS, type Settings } from './options.js';
import { FAVOURITES, type Population } from './population.js';
import { draw, keyOf, Stream, uniform, words } from './random.js';
import { allocateRows, Fault, type Rows, type Tally, tallyRows } from './rows.js';
import { sorter } from './sort.js';

/** Rate of the exponential law of a session's length, a second. */
export const SESSION_RATE = 0.0005;
/** The range in seconds that a session's length is clamped to. */
export const SESSION_SECONDS = { min: 10, max: 14_400 } as const;
/** Probability that a further event follows in the same login: a login has two events on average. */
export const NEXT_EVENT = 0.5;
/** Mean pause in ms between the end of an event and the next of the same login. */
const GAP_MS = 45_000;
/** Share of a user's events that go to one of the user's favourite features. */
export const FAVOURITE_SHARE = 0.4;
/** Share of a user's logins on the platform that the user mostly uses. */
export const MAIN_PLATFORM = 0.85;
/** Share of events that ask for support in the user's last SUPPORT_DAYS: many who leave complain first. */
const SUPPORT_SHARE = 0.12;
const SUPPORT_DAYS = 21;
/** Most days by which an event is late. */
export const MAX_DELAY_DAYS = 3;

const SUPPORT = FEATURES.flatMap((f, i) => (CATEGORY_NAMES[f.category] === 'support' ? [i] : []));
const FIRST_FEATURE = CATEGORY_NAMES.map((_, c) => FEATURES.findIndex((f) => f.category === c));
const FEATURE_COUNT = CATEGORY_NAMES.map((_, c) => FEATURES.filter((f) => f.category === c).length);
const FAULTS = [
  Fault.malformed,
  Fault.duplicate,
  Fault.missingUser,
  Fault.missingTimestamp,
  Fault.missingFeature,
  Fault.platform,
];

/** A session's length in whole seconds: the exponential law's quantile, clamped to SESSION_SECONDS. */
function sessionSeconds(word: number): number {
  const seconds = Math.round(-Math.log(uniform(word)) / SESSION_RATE);
  return Math.min(SESSION_SECONDS.max, Math.max(SESSION_SECONDS.min, seconds));
}

/**
 * A maker of the events of a block. What it returns depends on the settings and the block alone; the rows are its own
 * buffers, valid until the next call. Rows are in the order of arrival: by day, and within a piece by time of day (a late
 * event takes the place of the day on which it arrives).
 */
export function generator(settings: Settings, people: Population): (block: Block) => { rows: Rows; tally: Tally } {
  const sessionKey = keyOf(settings.seed, Stream.session);
  const eventKey = keyOf(settings.seed, Stream.event);
  const crowdOf = crowds(settings, people);
  const tables = featureTables();
  const session = words();
  const event = words();
  const dirtBelow = settings.dirt * 2 ** 32;
  const lateBelow = settings.late * 2 ** 32;
  let capacity = 0;
  let rows = allocateRows(0);
  let made = allocateRows(0);
  let arrivals = new Uint32Array(0);
  let order = sorter(0);
  let late = 0;

  /** Puts one good event into `made`, and perhaps a damaged copy of it. `arrival` is a time of the day, in ms. */
  const put = (
    user: number,
    time: number,
    arrival: number,
    feature: number,
    seconds: number,
    platform: number,
  ): void => {
    const i = made.length++;
    made.user[i] = user + 1;
    made.time[i] = time;
    made.feature[i] = feature;
    made.seconds[i] = seconds;
    made.platform[i] = platform;
    made.fault[i] = Fault.none;
    arrivals[i] = arrival;
    if (event.w >= dirtBelow) return;
    const fault = FAULTS[event.w % FAULTS.length] as number;
    const j = made.length++;
    made.user[j] = user + 1;
    made.time[j] = time;
    made.feature[j] = feature;
    made.seconds[j] = seconds;
    made.platform[j] = fault === Fault.platform ? PLATFORMS.length : platform;
    made.fault[j] = fault;
    arrivals[j] = Math.min(DAY_MS - 1, arrival + (fault === Fault.duplicate ? event.x % 60_000 : 0));
  };

  const classicPiece = (piece: Piece, counter: number, crowd: Crowd): void => {
    const midnight = settings.start + piece.day * DAY_MS;
    for (let i = 0; i < piece.events; i++) {
      draw(sessionKey, counter, i, session);
      draw(eventKey, counter, i, event);
      const user = crowd.pick(uniform(session.x));
      const category = Math.floor(uniform(session.z) * CATEGORY_NAMES.length);
      const feature =
        (FIRST_FEATURE[category] as number) + Math.floor(uniform(event.x) * (FEATURE_COUNT[category] as number));
      const time = Math.floor(((piece.slot + uniform(session.y)) / piece.slots) * DAY_MS);
      const platform = pickShare(PLATFORMS, uniform(session.w));
      put(user, midnight + time - delay(user, piece.day) * DAY_MS, time, feature, sessionSeconds(event.y), platform);
    }
  };

  const lifecyclePiece = (piece: Piece, counter: number, crowd: Crowd): void => {
    const midnight = settings.start + piece.day * DAY_MS;
    const shape = dayShape(weekdayOf(midnight));
    let left = piece.events;
    let drawn = 0;
    for (let login = 0; left > 0; login++) {
      draw(sessionKey, counter, login, session);
      const user = crowd.pick(uniform(session.x));
      let time = timeOfDay(shape, (piece.slot + uniform(session.y)) / piece.slots);
      // One word serves both: which platform, and whether it is the user's main one.
      const spread = uniform(session.z) / MAIN_PLATFORM;
      const platform =
        spread < 1 ? (people.platform[user] as number) : pickShare(PLATFORMS, (spread - 1) / (1 / MAIN_PLATFORM - 1));
      const persona = (people.persona[user] as number) * FEATURE_SLOTS;
      const leaving = (people.last[user] as number) - piece.day < SUPPORT_DAYS;
      let more = true;
      while (more && left > 0 && time < DAY_MS) {
        draw(eventKey, counter, drawn++, event);
        const u = uniform(event.x);
        let feature: number;
        if (leaving && u >= 1 - SUPPORT_SHARE) {
          feature = SUPPORT[event.x % SUPPORT.length] as number;
        } else if (u < FAVOURITE_SHARE) {
          feature = people.favourites[user * FAVOURITES + Math.floor((u / FAVOURITE_SHARE) * FAVOURITES)] as number;
        } else {
          feature = tables[persona + (event.x & (FEATURE_SLOTS - 1))] as number;
        }
        const seconds = sessionSeconds(event.y);
        put(user, midnight + time - delay(user, piece.day) * DAY_MS, time, feature, seconds, platform);
        left--;
        const next = uniform(event.z);
        more = next < NEXT_EVENT;
        time += seconds * 1000 + Math.floor(-Math.log(next / NEXT_EVENT) * GAP_MS);
      }
    }
  };

  /** By how many days the event just drawn is late: 0, or 1 to MAX_DELAY_DAYS where the user was there at the time. */
  const delay = (user: number, day: number): number => {
    // Not the word that decides on damage, so that both are independent.
    const word = Math.imul(event.z ^ event.y, 0x9e3779b1) >>> 0;
    if (word >= lateBelow) return 0;
    const days = 1 + (event.y % MAX_DELAY_DAYS);
    if (day - days < 0 || !isPresent(people, user, day - days)) return 0;
    late++;
    return days;
  };

  return (block) => {
    if (block.events * 2 > capacity) {
      capacity = block.events * 2;
      rows = allocateRows(capacity);
      made = allocateRows(capacity);
      arrivals = new Uint32Array(capacity);
      order = sorter(capacity);
    }
    rows.length = 0;
    late = 0;
    for (const piece of block.pieces) {
      made.length = 0;
      const crowd = crowdOf(piece.day);
      const counter = piece.day * 65_536 + piece.slot;
      if (settings.behaviour === 'classic') classicPiece(piece, counter, crowd);
      else lifecyclePiece(piece, counter, crowd);
      appendRows(rows, made, order(arrivals, made.length));
    }
    return { rows, tally: tallyRows(rows, late) };
  };
}

/** Appends the rows of `made` to `rows` in the given order. */
function appendRows(rows: Rows, made: Rows, order: Uint32Array): void {
  let to = rows.length;
  for (let k = 0; k < made.length; k++) {
    const from = order[k] as number;
    rows.user[to] = made.user[from] as number;
    rows.time[to] = made.time[from] as number;
    rows.feature[to] = made.feature[from] as number;
    rows.seconds[to] = made.seconds[from] as number;
    rows.platform[to] = made.platform[from] as number;
    rows.fault[to] = made.fault[from] as number;
    to++;
  }
  rows.length = to;
}
