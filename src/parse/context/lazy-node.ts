/** A node as a dict whose values are made when a template asks for them: names are made of a few of some thirty. */
import { Dict, toJinja } from '../../jinja/index.js';

export class LazyNode extends Dict {
  /** What is not in the dict yet. */
  #rest: Readonly<Record<string, unknown>> | undefined;
  readonly #shown: (value: unknown) => unknown;

  /** @param shown a value as templates see it; undefined where the dict has no such key */
  constructor(node: Readonly<Record<string, unknown>>, shown: (value: unknown) => unknown) {
    super();
    this.#rest = node;
    this.#shown = shown;
  }

  #whole(): void {
    const rest = this.#rest;
    if (rest === undefined) return;
    this.#rest = undefined;
    const asked = [...super.entries()];
    super.clear();
    for (const [key, value] of Object.entries(rest)) {
      const shown = this.#shown(value);
      if (shown !== undefined) super.set(key, toJinja(shown));
    }
    // A value that was handed out stays the same one.
    for (const [key, value] of asked) super.set(key, value);
  }

  override get(key: unknown): unknown {
    const known = super.get(key);
    const rest = this.#rest;
    if (known !== undefined || rest === undefined || typeof key !== 'string' || !Object.hasOwn(rest, key)) return known;
    const shown = this.#shown(rest[key]);
    if (shown === undefined) return undefined;
    const value = toJinja(shown);
    super.set(key, value);
    return value;
  }

  override get size(): number {
    this.#whole();
    return super.size;
  }

  override has(key: unknown): boolean {
    return this.get(key) !== undefined;
  }

  override set(key: unknown, value: unknown): void {
    this.#whole();
    super.set(key, value);
  }

  override delete(key: unknown): boolean {
    this.#whole();
    return super.delete(key);
  }

  override clear(): void {
    this.#rest = undefined;
    super.clear();
  }

  override *keys(): Generator<unknown> {
    this.#whole();
    yield* super.keys();
  }

  override *values(): Generator<unknown> {
    this.#whole();
    yield* super.values();
  }

  override *entries(): Generator<[unknown, unknown]> {
    this.#whole();
    yield* super.entries();
  }
}
