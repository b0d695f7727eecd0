/**
 * The part of WebAssembly's binary format that the kernels of this folder need (WebAssembly Core Specification 2.0, chapter 5). Code is
 * a list of bytes on the stack machine: an instruction's operands come before it.
 */
export type Code = readonly number[];

export const I32 = 0x7f;
export const F64 = 0x7c;
export const V128 = 0x7b;

export interface WasmFunction {
  readonly name: string;
  /** Types of the parameters, locals 0 and up, and of the further locals. */
  readonly parameters: readonly number[];
  /** Type of the result, if there is one. */
  readonly result?: number;
  readonly locals: readonly number[];
  readonly body: Code;
}

/** Bytes of an operator by its name in the text format, without operands of its own. */
const OPERATORS = {
  select: [0x1b],
  'i32.lt_u': [0x49],
  'i32.eq': [0x46],
  'i32.add': [0x6a],
  'i32.sub': [0x6b],
  'i32.mul': [0x6c],
  'i32.xor': [0x73],
  'i32.shl': [0x74],
  'i32.shr_u': [0x76],
  'f64.eq': [0x61],
  'f64.le': [0x65],
  'v128.and': [0xfd, 0x4e],
  'v128.andnot': [0xfd, 0x4f],
  'v128.xor': [0xfd, 0x51],
  'v128.bitselect': [0xfd, 0x52],
  'i8x16.swizzle': [0xfd, 0x0e],
  'i8x16.gt_s': [0xfd, 0x27],
  'i8x16.add': [0xfd, 0x6e],
  'i16x8.add': [0xfd, 0x8e, 0x01],
  'i16x8.extend_low_i8x16_u': [0xfd, 0x89, 0x01],
  'i16x8.extend_high_i8x16_u': [0xfd, 0x8a, 0x01],
  'i32x4.add': [0xfd, 0xae, 0x01],
  'i32x4.extend_low_i16x8_u': [0xfd, 0xa9, 0x01],
  'i32x4.extend_high_i16x8_u': [0xfd, 0xaa, 0x01],
  'f64x2.add': [0xfd, 0xf0, 0x01],
} as const;

/** Loads and stores: opcode and the exponent of the alignment that is promised. */
const MEMORY = {
  'i32.load': [[0x28], 2],
  'i32.load16_u': [[0x2f], 1],
  'f64.load': [[0x2b], 3],
  'i32.store': [[0x36], 2],
  'i32.store8': [[0x3a], 0],
  'i32.store16': [[0x3b], 1],
  'v128.load': [[0xfd, 0x00], 3],
  'v128.store': [[0xfd, 0x0b], 3],
} as const;

export const op = (name: keyof typeof OPERATORS): Code => OPERATORS[name];
/** A load takes an address from the stack, a store an address and a value; `offset` is added to the address. */
export const memory = (name: keyof typeof MEMORY, offset = 0): Code => {
  const [opcode, align] = MEMORY[name];
  return [...opcode, align, ...unsigned(offset)];
};
export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const tee = (local: number): Code => [0x22, ...unsigned(local)];
export const i32 = (value: number): Code => [0x41, ...signed(value)];
/** Sixteen bytes. */
export const v128 = (bytes: readonly number[]): Code => [0xfd, 0x0c, ...bytes.map((byte) => byte & 0xff)];
export const splat8 = (byte: number): Code => v128(new Array<number>(16).fill(byte));
/** Runs the body unless the condition (an i32) holds. */
export const unless = (condition: Code, body: Code): Code => [0x02, 0x40, ...condition, 0x0d, 0, ...body, 0x0b];
/** Runs the body, and again as long as the condition (an i32) holds after it. */
export const repeat = (body: Code, condition: Code): Code => [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b];

/** A module of functions, all exported, over a memory imported as `env.memory`. */
export function encodeModule(
  functions: readonly WasmFunction[],
  pages: { readonly least: number; readonly most: number; readonly shared: boolean },
): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, result }) => [
    ...[0x60, ...vector(parameters.map((type) => [type]))],
    ...vector(result === undefined ? [] : [[result]]),
  ]);
  const limits = [pages.shared ? 3 : 1, ...unsigned(pages.least), ...unsigned(pages.most)];
  const bodies = functions.map(({ locals, body }) => {
    const declared = vector(locals.map((type) => [1, type]));
    return [...unsigned(declared.length + body.length + 1), ...declared, ...body, 0x0b];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([[...text('env'), ...text('memory'), 2, ...limits]])),
    ...section(3, vector(functions.map((_, i) => unsigned(i)))),
    ...section(7, vector(functions.map(({ name }, i) => [...text(name), 0, ...unsigned(i)]))),
    ...section(10, vector(bodies)),
  ]);
}

function section(id: number, content: number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly Code[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...unsigned(bytes.length), ...bytes];
}

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? byte : byte | 0x80);
  } while (rest !== 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
}
