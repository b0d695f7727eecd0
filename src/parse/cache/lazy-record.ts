const PENDING = Symbol('not read yet');

/** A record with these keys, whose values are made when they are first looked at; going through the keys makes none. */
export function lazyRecord<T>(keys: readonly string[], make: (key: string) => T): Record<string, T> {
  const target: Record<string, T | typeof PENDING> = {};
  for (const key of keys) target[key] = PENDING;
  return new Proxy(target as Record<string, T>, {
    get(_, key) {
      const value: unknown = Reflect.get(target, key);
      if (value !== PENDING || typeof key !== 'string') return value;
      const made = make(key);
      target[key] = made;
      return made;
    },
  });
}
