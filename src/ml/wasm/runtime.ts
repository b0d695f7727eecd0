/** What this folder asks of the host's WebAssembly. */
interface WasmHost {
  readonly Memory: new (limits: { initial: number; maximum: number; shared?: boolean }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
}

export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
}

/** Numbers in, and a number out where the function has a result. */
export type Kernel = (...parameters: readonly number[]) => number | undefined;

export const PAGE = 65_536;

function host(): WasmHost | undefined {
  return Reflect.get(globalThis, 'WebAssembly') as WasmHost | undefined;
}

/** A memory, or undefined where there is no WebAssembly or no room. */
export function makeMemory(pages: number, shared = false): WasmMemory | undefined {
  const wasm = host();
  try {
    return wasm === undefined ? undefined : new wasm.Memory({ initial: pages, maximum: pages, shared });
  } catch {
    return undefined;
  }
}

/** The functions of a module over a memory; undefined where the host lacks what the module uses (vector instructions). */
export function instantiate(
  bytes: Uint8Array<ArrayBuffer>,
  memory: WasmMemory,
): Readonly<Record<string, Kernel>> | undefined {
  const wasm = host();
  if (wasm === undefined) return undefined;
  try {
    return new wasm.Instance(new wasm.Module(bytes), { env: { memory } }).exports as Record<string, Kernel>;
  } catch {
    return undefined;
  }
}
