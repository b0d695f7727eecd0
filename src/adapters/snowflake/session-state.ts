/** What statements change in a session, as far as this side keeps it. */
import type { SnowflakeProfile } from './credentials.js';
import { leavesState, queryTagOf, usedWarehouse } from './split.js';

function fold(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toUpperCase();
}

/** The warehouse and the query tag of a session, and whether it holds what a new one would not. */
export class SessionState {
  readonly #profile: SnowflakeProfile;
  #warehouse: string | undefined;
  #queryTag: string | null;
  /** Something was made or set that a new session would not have. */
  #own = false;

  constructor(profile: SnowflakeProfile) {
    this.#profile = profile;
    this.#warehouse = profile.warehouse;
    this.#queryTag = profile.queryTag ?? null;
  }

  /** A new session can't take this one's place. */
  get isOwn(): boolean {
    return this.#own;
  }

  /** Session parameters that a statement carries along. */
  get parameters(): Readonly<Record<string, string>> {
    const { parameters } = this.#profile;
    return this.#queryTag === null ? parameters : { ...parameters, QUERY_TAG: this.#queryTag };
  }

  /** True for a statement that changes only what is kept here, or nothing: it need not be sent. */
  absorbs(text: string): boolean {
    const tag = queryTagOf(text);
    if (tag !== undefined) {
      this.#queryTag = tag;
      return true;
    }
    const warehouse = usedWarehouse(text);
    return warehouse !== undefined && this.#isCurrent(warehouse);
  }

  /** Follows a statement that has run. */
  ran(text: string): void {
    if (leavesState(text)) this.#own = true;
    this.#warehouse = usedWarehouse(text) ?? this.#warehouse;
  }

  /** The session is a new one. */
  renewed(): void {
    this.#warehouse = this.#profile.warehouse;
  }

  /** Back to the profile's tag; gives the statement that leads back to its warehouse, where one is needed. */
  restore(): string | undefined {
    const { warehouse, queryTag } = this.#profile;
    this.#queryTag = queryTag ?? null;
    return warehouse === undefined || this.#isCurrent(warehouse) ? undefined : `use warehouse ${warehouse}`;
  }

  #isCurrent(warehouse: string): boolean {
    return this.#warehouse !== undefined && fold(this.#warehouse) === fold(warehouse);
  }
}
