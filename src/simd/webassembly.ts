/**
 * Where compiled loops are loaded, and the one place that chooses between them and their plain twins.
 *
 * Modules are compiled once, when first asked for, and synchronously. Every instance has a memory of its own, made at its
 * final size and held by nothing but its user: it is collected like any array, and its views never detach. In Node 20
 * one instance takes about 0.1 ms and 64 KiB beside its arrays, and 13,000 of them can live at once; beyond that, or where
 * memory, WebAssembly or SIMD is missing, {@link instantiate} returns `undefined`, and the caller uses the plain loops.
 *
 * @module
 */

// The part of WebAssembly's JavaScript interface that is used here: its declarations come with the DOM's, which this
// library does not ask of its users.
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => CompiledModule;
  readonly Memory: new (size: { initial: number; maximum?: number; shared?: boolean }) => GrowingMemory;
  readonly Instance: new (module: CompiledModule, imports: object) => { readonly exports: object };
}

/** Memory that can grow; then `buffer` is another, and views of the one before detach. */
export interface GrowingMemory {
  readonly buffer: ArrayBuffer;
  /** @throws RangeError where there is no more. */
  grow(pages: number): number;
}

/** A compiled module; opaque. */
type CompiledModule = object;

/** Running loops, and their arrays in the memory that they read and write. */
export interface Loaded<Exports> {
  readonly exports: Exports;
  /** One for each size asked for, zeroed; each starts at a multiple of 16 bytes. */
  readonly arrays: readonly Float64Array[];
}

const PAGE = 65_536;
/** Addresses are 32 bits wide. */
const MOST_PAGES = 65_536;

// (module (func (result v128) (v128.const i64x2 0 0))): valid where SIMD is.
const SIMD_PROBE = [
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
  ...[1, 5, 1, 0x60, 0, 1, 0x7b], // types: () -> v128
  ...[3, 2, 1, 0], // functions: one, of type 0
  ...[10, 22, 1, 20, 0, 0xfd, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b], // code
];

let hasSimd: boolean | undefined;
let isPlainForced = false;
const modules: Map<string, CompiledModule | undefined> = /* @__PURE__ */ new Map();

/** From now on, makes every new user of loops take the plain ones, or lets them choose again: for tests. */
export function forcePlainLoops(force: boolean): void {
  isPlainForced = force;
}

/** Whether compiled loops run here. */
export function hasCompiledLoops(): boolean {
  return !isPlainForced && probeSimd();
}

/**
 * An instance of a module with arrays of the given lengths in its memory; `undefined` where it cannot be had.
 *
 * @param base64 - The module's bytes.
 * @param lengths - How many doubles each array holds.
 */
export function instantiate<Exports>(base64: string, lengths: readonly number[]): Loaded<Exports> | undefined {
  if (!hasCompiledLoops()) return undefined;
  // The first page is the module's own, for constants and scratch.
  const offsets: number[] = [];
  let end = PAGE;
  for (const length of lengths) {
    offsets.push(end);
    end += 16 * Math.ceil(length / 2);
  }
  const pages = Math.ceil(end / PAGE);
  if (!(pages <= MOST_PAGES)) return undefined;
  try {
    const { Memory, Instance } = webAssembly() as WebAssemblyApi;
    const module = compiled(base64);
    if (module === undefined) return undefined;
    const memory = new Memory({ initial: pages, maximum: pages });
    const { exports } = new Instance(module, { env: { memory } });
    const arrays = lengths.map((length, i) => new Float64Array(memory.buffer, offsets[i], length));
    return { exports: exports as Exports, arrays };
  } catch {
    // No memory of this size, or a page whose policy forbids WebAssembly: the plain loops need neither.
    return undefined;
  }
}

/** An instance of a module with a memory that its user grows; `undefined` where it cannot be had. */
export function instantiateGrowing<Exports>(
  base64: string,
  bytes: number,
): { readonly exports: Exports; readonly memory: GrowingMemory } | undefined {
  if (!hasCompiledLoops()) return undefined;
  try {
    const { Memory, Instance } = webAssembly() as WebAssemblyApi;
    const module = compiled(base64);
    if (module === undefined) return undefined;
    const memory = new Memory({ initial: Math.ceil(bytes / PAGE) });
    const { exports } = new Instance(module, { env: { memory } });
    return { exports: exports as Exports, memory };
  } catch {
    return undefined;
  }
}

/** Memory that threads share and their user grows; `undefined` where it cannot be had. */
export function makeSharedMemory(bytes: number): GrowingMemory | undefined {
  if (!hasCompiledLoops()) return undefined;
  try {
    const { Memory } = webAssembly() as WebAssemblyApi;
    const memory = new Memory({ initial: Math.ceil(bytes / PAGE), maximum: MOST_PAGES, shared: true });
    // Only where pages from elsewhere are kept out have browsers any.
    return isShared(memory.buffer) ? memory : undefined;
  } catch {
    return undefined;
  }
}

function isShared(buffer: unknown): boolean {
  return typeof SharedArrayBuffer === 'function' && buffer instanceof SharedArrayBuffer;
}

/** An instance of a module on a memory that there is. */
export function instantiateOn<Exports>(base64: string, memory: GrowingMemory): Exports | undefined {
  try {
    const { Instance } = webAssembly() as WebAssemblyApi;
    const module = compiled(base64);
    return module && (new Instance(module, { env: { memory } }).exports as Exports);
  } catch {
    return undefined;
  }
}

function webAssembly(): WebAssemblyApi | undefined {
  return (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;
}

function probeSimd(): boolean {
  hasSimd ??= webAssembly()?.validate(Uint8Array.from(SIMD_PROBE)) ?? false;
  return hasSimd;
}

/** The module of these bytes, compiled at most once; `undefined` where that failed. */
function compiled(base64: string): CompiledModule | undefined {
  if (modules.has(base64)) return modules.get(base64);
  modules.set(base64, undefined);
  const { Module } = webAssembly() as WebAssemblyApi;
  const characters = atob(base64);
  const code = new Uint8Array(characters.length);
  // A callback for each character would take 10 ms at a program's start.
  for (let i = 0; i < code.length; i++) code[i] = characters.charCodeAt(i);
  const module = new Module(code);
  modules.set(base64, module);
  return module;
}
