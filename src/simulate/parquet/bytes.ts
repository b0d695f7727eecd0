/** A growing byte buffer. */
export class Bytes {
  #data: Uint8Array;
  length = 0;

  constructor(capacity = 1024) {
    this.#data = new Uint8Array(capacity);
  }

  /** The buffer with room for `more` bytes after `length`: write there, then set `length`. */
  room(more: number): Uint8Array {
    if (this.length + more > this.#data.length) {
      const larger = new Uint8Array(Math.max(this.#data.length * 2, this.length + more));
      larger.set(this.#data.subarray(0, this.length));
      this.#data = larger;
    }
    return this.#data;
  }

  push(byte: number): void {
    this.room(1)[this.length++] = byte;
  }

  append(bytes: Uint8Array): void {
    this.room(bytes.length).set(bytes, this.length);
    this.length += bytes.length;
  }

  /** The bytes written so far; valid until the next write. */
  view(): Uint8Array {
    return this.#data.subarray(0, this.length);
  }
}
