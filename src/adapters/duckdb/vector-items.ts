/** An array of numbers as a vector has it in memory. */
export type Items =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

const KINDS = [Float64Array, Int32Array, Int16Array, Int8Array, Uint32Array, Uint16Array, Uint8Array, Float32Array];

/**
 * A vector's numbers as they lie in memory, which the package keeps to itself: to ask for each takes ten times as long. Undefined where
 * there is something else. What stands in a null's place means nothing.
 */
export function itemsOf(vector: object): Items | undefined {
  const items: unknown = Reflect.get(vector, 'items');
  return KINDS.some((kind) => items instanceof kind) ? (items as Items) : undefined;
}

/** The same for integers of 64 bits. */
export function longsOf(vector: object): BigInt64Array | undefined {
  const items: unknown = Reflect.get(vector, 'items');
  return items instanceof BigInt64Array ? items : undefined;
}

/** Which rows have a value, a bit a row from the lowest of each byte on; null when all do, undefined when it can't be told. */
export function validBits(vector: object): Uint8Array | null | undefined {
  const validity: unknown = Reflect.get(vector, 'validity');
  const words: unknown = typeof validity === 'object' && validity !== null ? Reflect.get(validity, 'data') : undefined;
  if (words === null) return null;
  return words instanceof BigUint64Array ? new Uint8Array(words.buffer, words.byteOffset, words.byteLength) : undefined;
}
