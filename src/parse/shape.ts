/** Reading values of unknown shape, as YAML gives them. */

export type Raw = Readonly<Record<string, unknown>>;

/** True for plain maps: not for lists, nulls and numbers that the YAML reader keeps as objects. */
export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.getPrototypeOf(value) === Object.prototype;

/** The map, or an empty one for anything else. */
export const mapOf = (value: unknown): Record<string, unknown> => (isMap(value) ? value : {});

/** The maps of a list; none for anything else. */
export const mapsOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isMap) : []);

export const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** A list of texts, from a list or a single value; empty for null and what is not given. */
export const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : value === undefined || value === null ? [] : [String(value)];

/** The value as a list, itself where it is one. */
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
