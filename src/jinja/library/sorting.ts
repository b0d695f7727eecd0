import { compare } from '../values/compare.js';

/** Python's `sorted`: stable, also in reverse; throws a TypeError for items without an order. */
export function sorted(
  items: readonly unknown[],
  key: ((item: unknown) => unknown) | null,
  reverse: boolean,
): unknown[] {
  const keyed = items.map((item) => ({ item, key: key === null ? item : key(item) }));
  const sign = reverse ? -1 : 1;
  keyed.sort((a, b) => sign * compare(a.key, b.key));
  return keyed.map(({ item }) => item);
}
