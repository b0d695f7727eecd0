import type { Faker, LocaleDefinition, Randomizer } from '@faker-js/faker';
import { COUNTRIES, PERSONAS, PLANS } from './catalogue.js';
import { DAY_MS, type Settings } from './options.js';
import type { ParquetField } from './parquet/index.js';
import type { Population } from './population.js';
import { draw, keyOf, Stream, words } from './random.js';
import { isoDate, type Row } from './table-file.js';

export const USER_FIELDS: readonly ParquetField[] = [
  { name: 'user_id', type: 'integer' },
  { name: 'name', type: 'text' },
  { name: 'email', type: 'text' },
  { name: 'country', type: 'text' },
  { name: 'plan', type: 'text' },
  { name: 'signup_date', type: 'date' },
];

/** What the simulator knows of a user and the models must find out. */
export const TRUTH_FIELDS: readonly ParquetField[] = [
  { name: 'user_id', type: 'integer' },
  { name: 'persona', type: 'text' },
  { name: 'cohort_month', type: 'text' },
  { name: 'activity_rate', type: 'double' },
  { name: 'lifetime_days', type: 'integer' },
  { name: 'churn_date', type: 'date' },
  { name: 'pause_start', type: 'date' },
  { name: 'pause_end', type: 'date' },
];

/** Rows made between two turns of the event loop. */
const CHUNK = 4_096;

/** A maker of profiles, with a faker of its own: the random numbers of a profile depend on the seed and the user alone. */
export async function profiles(settings: Settings, people: Population): Promise<(user: number) => Row> {
  const { faker } = await import('@faker-js/faker/locale/en');
  const key = keyOf(settings.seed, Stream.profile);
  const r = words();
  let current = 0;
  let drawn = 0;
  const randomizer: Randomizer = {
    next: () => {
      draw(key, current, drawn++, r);
      return r.x * 2 ** -32;
    },
    seed: () => undefined,
  };
  // The locale's entry brings only an instance along; importing the class by name would load every locale.
  const Make = faker.constructor as new (options: { locale: LocaleDefinition; randomizer: Randomizer }) => Faker;
  const own = new Make({ locale: faker.rawDefinitions, randomizer });
  const countries = [...COUNTRIES];
  return (user) => {
    current = user;
    drawn = 0;
    const firstName = own.person.firstName();
    const lastName = own.person.lastName();
    // The id at the end makes the address unique; example.com belongs to nobody.
    const email = `${own.internet.username({ firstName, lastName })}.${user + 1}@example.com`.toLowerCase();
    const country = own.helpers.weightedArrayElement(countries);
    const signup = settings.start / DAY_MS + (people.signup[user] as number);
    return [
      user + 1,
      `${firstName} ${lastName}`,
      email,
      country,
      PLANS[people.plan[user] as number]?.name ?? '',
      signup,
    ];
  };
}

/** A user's row of the truth table. */
export function truthOf(settings: Settings, people: Population, user: number): Row {
  const first = settings.start / DAY_MS;
  const signup = people.signup[user] as number;
  const leaves = (people.last[user] as number) + 1;
  const pause = people.pauseFrom[user] as number;
  const back = Math.min(people.pauseTo[user] as number, leaves);
  const pauses = back > pause;
  return [
    user + 1,
    PERSONAS[people.persona[user] as number]?.name ?? '',
    isoDate(first + signup).slice(0, 7),
    people.rate[user] as number,
    leaves - signup,
    first + leaves,
    pauses ? first + pause : null,
    pauses ? first + back : null,
  ];
}

/** The numbers of the users a run writes: all there are before `toDay`, or, for a later slice, the new ones. */
export function userRange(settings: Settings, people: Population): readonly [number, number] {
  const before = (day: number): number => {
    let low = 0;
    let high = people.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((people.signup[middle] as number) < day) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return [settings.fromDay === 0 ? 0 : before(settings.fromDay), before(settings.toDay)];
}

/** Makes the rows of users in chunks, giving way to other work after each. */
export async function eachChunk(
  [from, to]: readonly [number, number],
  make: (user: number) => readonly Row[],
  use: (rows: readonly Row[]) => Promise<void>,
): Promise<void> {
  for (let start = from; start < to; start += CHUNK) {
    const rows: Row[] = [];
    for (let user = start; user < Math.min(to, start + CHUNK); user++) rows.push(...make(user));
    await use(rows);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
