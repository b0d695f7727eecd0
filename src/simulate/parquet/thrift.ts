/**
 * Thrift's compact protocol, as much of it as Parquet's headers need (fields in rising order, no maps, no doubles).
 * Specification: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */

/** A value with its Thrift type: a struct is a list of [field id, value], undefined values are left out. */
export type Thrift =
  | { readonly kind: 'i32' | 'i64'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'binary'; readonly value: Uint8Array }
  | { readonly kind: 'list'; readonly of: 'i32' | 'binary' | 'struct'; readonly items: readonly Thrift[] }
  | { readonly kind: 'struct'; readonly fields: readonly (readonly [number, Thrift | undefined])[] };

export const i32 = (value: number): Thrift => ({ kind: 'i32', value });
export const i64 = (value: number): Thrift => ({ kind: 'i64', value });
export const bool = (value: boolean): Thrift => ({ kind: 'bool', value });
export const binary = (value: Uint8Array | string): Thrift => ({
  kind: 'binary',
  value: typeof value === 'string' ? new Uint8Array(Buffer.from(value)) : value,
});
export const list = (of: 'i32' | 'binary' | 'struct', items: readonly Thrift[]): Thrift => ({
  kind: 'list',
  of,
  items,
});
export const struct = (...fields: readonly (readonly [number, Thrift | undefined])[]): Thrift => ({
  kind: 'struct',
  fields,
});

const TYPE = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

/** The bytes of a struct. */
export function encodeThrift(value: Thrift): Uint8Array {
  const out: number[] = [];
  write(out, value);
  return Uint8Array.from(out);
}

function write(out: number[], value: Thrift): void {
  switch (value.kind) {
    case 'i32':
    case 'i64':
      varint(out, zigzag(value.value));
      return;
    case 'binary':
      varint(out, value.value.length);
      for (const byte of value.value) out.push(byte);
      return;
    case 'list': {
      const size = value.items.length;
      if (size < 15) out.push((size << 4) | TYPE[value.of]);
      else {
        out.push(0xf0 | TYPE[value.of]);
        varint(out, size);
      }
      for (const item of value.items) write(out, item);
      return;
    }
    case 'struct': {
      let last = 0;
      for (const [id, field] of value.fields) {
        if (field === undefined) continue;
        const type = field.kind === 'bool' ? (field.value ? 1 : 2) : TYPE[field.kind];
        out.push(((id - last) << 4) | type);
        if (field.kind !== 'bool') write(out, field);
        last = id;
      }
      out.push(0);
      return;
    }
    case 'bool':
      out.push(value.value ? 1 : 2);
  }
}

/** Signed to unsigned with small absolute values small; exact for safe integers. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** Base-128 digits, the lowest first; exact for numbers below 2^53, which may be above 2^31. */
export function varint(out: { push(byte: number): unknown }, value: number): void {
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
}
