import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';

/**
 * The chunks of a streaming result. DuckDB gives up such a result when its connection runs another statement, so a
 * statement that comes while the stream is read makes room first: the rest of the result is kept in memory.
 */
export class ChunkStream {
  readonly #result: DuckDBResult;
  readonly #kept: DuckDBDataChunk[] = [];
  #draining: Promise<void> | undefined;

  constructor(result: DuckDBResult) {
    this.#result = result;
  }

  /** The next chunk, or undefined at the end. Throws what DuckDB throws. */
  async next(): Promise<DuckDBDataChunk | undefined> {
    if (this.#draining !== undefined) {
      await this.#draining;
      return this.#kept.shift();
    }
    return this.#fetch();
  }

  /** Reads all that is left, so that the connection is free. Never throws; the reader gets the error. */
  async drain(): Promise<void> {
    this.#draining ??= this.#fetchAll();
    await this.#draining.catch(() => undefined);
  }

  async #fetchAll(): Promise<void> {
    await this.#fetching;
    for (let chunk = await this.#fetch(); chunk !== undefined; chunk = await this.#fetch()) this.#kept.push(chunk);
  }

  /** The reader's fetch that is under way when draining starts: its chunk comes first. */
  #fetching: Promise<unknown> = Promise.resolve();

  #fetch(): Promise<DuckDBDataChunk | undefined> {
    const fetched = this.#result.fetchChunk().then((chunk) => (chunk?.rowCount ? chunk : undefined));
    this.#fetching = fetched.catch(() => undefined);
    return fetched;
  }
}

/** A stream's turn in the queue of its session, from when it is asked for until the connection is free again. */
export class StreamTurn {
  readonly over: Promise<void>;
  #end: () => void = () => {};
  #wanted = false;
  #chunks: ChunkStream | undefined;

  constructor() {
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** The stream has begun. */
  begin(chunks: ChunkStream): void {
    this.#chunks = chunks;
    if (this.#wanted) void chunks.drain().then(this.#end);
  }

  /** Another statement waits for the connection. */
  makeRoom(): void {
    this.#wanted = true;
    if (this.#chunks !== undefined) void this.#chunks.drain().then(this.#end);
  }

  end(): void {
    this.#end();
  }
}
