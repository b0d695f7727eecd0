/** Statements to Snowflake, one at a time: sent again where that is safe, given up on request. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, RowStatement } from 'snowflake-sdk';
import type { QueryOptions } from '../adapter.js';
import { DatabaseError } from '../adapter.js';
import { connect, disconnect } from './connect.js';
import type { SnowflakeProfile } from './credentials.js';
import { isExpired, isTransient, redact, toDatabaseError } from './errors.js';
import type { SessionState } from './session-state.js';
import type { Statement } from './split.js';
import { type Running, start } from './statement.js';

/** How often a statement that had to give way to a lock is tried, and the first wait in milliseconds. */
const ATTEMPTS = 5;
const FIRST_WAIT = 200;
/** Milliseconds that a cancelled statement is waited for. */
const CANCEL_TIME = 5_000;

export class Sender {
  readonly #profile: SnowflakeProfile;
  readonly #state: SessionState;
  #connection: Connection;
  #running: Running | undefined;
  #cancelled = false;
  #abandon: () => void = () => {};

  constructor(connection: Connection, profile: SnowflakeProfile, state: SessionState) {
    this.#connection = connection;
    this.#profile = profile;
    this.#state = state;
  }

  fault(error: unknown, sql: string, statement?: Statement): DatabaseError {
    return toDatabaseError(error, sql, this.#profile.secrets, statement?.start, statement?.text);
  }

  /**
   * One statement of `sql`, again when it gave way to a lock or when the session had expired before it began; not within
   * an open transaction. Throws DatabaseError.
   */
  async send(sql: string, statement: Statement, options: QueryOptions, inTransaction: boolean): Promise<RowStatement> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(statement.text, options);
      } catch (error) {
        if (this.#cancelled) {
          this.#cancelled = false;
          throw new DatabaseError('The statement was cancelled.', sql, 'interrupted');
        }
        const again = attempt < ATTEMPTS && !inTransaction;
        if (again && isTransient(error)) await sleep(FIRST_WAIT * 2 ** (attempt - 1) * (0.5 + Math.random()));
        else if (again && isExpired(error) && !this.#state.isOwn) await this.#reconnect();
        else throw this.#explained(error, sql, statement);
      }
    }
  }

  /** Ends the open transaction, whatever comes of it. */
  async giveUp(): Promise<void> {
    await start(this.#connection, 'rollback', { session: {} }).done.catch(() => undefined);
  }

  /** Stops the statement that runs, if any. */
  cancel(): void {
    if (this.#running === undefined) return;
    this.#cancelled = true;
    void this.#running.cancel();
    // A server that does not answer a cancellation keeps nobody waiting.
    setTimeout(() => this.#abandon(), CANCEL_TIME).unref();
  }

  close(): Promise<void> {
    return disconnect(this.#connection);
  }

  async #once(text: string, { parameters }: QueryOptions): Promise<RowStatement> {
    const running = start(this.#connection, text, { parameters, session: this.#state.parameters });
    this.#running = running;
    this.#cancelled = false;
    try {
      const abandoned = new Promise<never>((_, reject) => {
        this.#abandon = () => reject(new Error('cancelled'));
      });
      return await Promise.race([running.done, abandoned]);
    } finally {
      this.#running = undefined;
      // An answer to an abandoned statement comes too late for anybody.
      running.done.catch(() => undefined);
    }
  }

  #explained(error: unknown, sql: string, statement: Statement): DatabaseError {
    const fault = this.fault(error, sql, statement);
    if (!isExpired(error)) return fault;
    const lost =
      'The session at Snowflake has ended, and with it its temporary tables or its open transaction. Run again';
    return new DatabaseError(`${lost} (${redact(fault.message, this.#profile.secrets)}).`, sql, 'io', fault.offset);
  }

  async #reconnect(): Promise<void> {
    const old = this.#connection;
    this.#connection = await connect(this.#profile);
    this.#state.renewed();
    void disconnect(old);
  }
}
