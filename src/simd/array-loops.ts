/**
 * Loops over float32 arrays that networks are trained with, and the memory that they work in.
 *
 * There is no plain twin here: where SIMD is missing, networks are trained on another backend. The twins that tests
 * compare with are naive loops in doubles, and for the optimiser the plain loop of adam-loop.ts, equal to the bit.
 *
 * @module
 */
import { bytes } from './arrays.generated.js';
import { bytes as sharedBytes } from './arrays-shared.generated.js';
import { type GrowingMemory, instantiateGrowing, instantiateOn, makeSharedMemory } from './webassembly.js';

/** The compiled loops. All arguments that end an array's name with no size are addresses, a multiple of 4. */
export interface ArrayLoops {
  /**
   * C = g(b + A B); see assembly/layers.ts. Strides are in bytes. Without `biases`, 0, b is 0; a `slope` of 1 leaves sums as
   * they are.
   */
  product(
    a: number,
    b: number,
    c: number,
    m: number,
    n: number,
    k: number,
    rowOfA: number,
    columnOfA: number,
    rowOfB: number,
    columnOfB: number,
    biases: number,
    slope: number,
  ): void;
  /** Has the instance pack its panels from an address on, a multiple of 16, instead of where it would. */
  packAt(room: number): void;
  /** The first address behind the panels. */
  firstFree(): number;
  unary(operation: number, from: number, to: number, count: number): void;
  gate(from: number, by: number, to: number, count: number, slope: number): void;
  binary(
    operation: number,
    form: number,
    a: number,
    b: number,
    to: number,
    rows: number,
    width: number,
    rowOfA: number,
    rowOfB: number,
  ): void;
  sumRows(from: number, to: number, rows: number, width: number): void;
  sumColumns(from: number, to: number, rows: number, width: number): void;
  largestOfRows(from: number, to: number, rows: number, width: number): void;
  copyRows(from: number, to: number, rows: number, width: number, rowOfSource: number, rowOfTarget: number): void;
  repeatEntries(from: number, to: number, rows: number, width: number): void;
  clear(to: number, bytes: number): void;
  adam(
    values: number,
    first: number,
    second: number,
    gradient: number,
    count: number,
    clip: number,
    b1: number,
    c1: number,
    b2: number,
    c2: number,
    rate: number,
    floor: number,
    kept: number,
  ): void;
}

/** Loops read up to so many bytes beyond an array, and write garbage there. */
const SLACK = 32;

/** Memory that is taken from the bottom up, and given back down to a mark. */
export class ArrayStack {
  readonly loops: ArrayLoops;
  readonly #memory: GrowingMemory;
  #floats: Float32Array;
  #top: number;

  constructor(loops: ArrayLoops, memory: GrowingMemory) {
    this.loops = loops;
    this.#memory = memory;
    this.#floats = new Float32Array(memory.buffer);
    this.#top = loops.firstFree();
  }

  /** The address of a new array of floats, with garbage in it. */
  take(count: number): number {
    const at = this.#top;
    this.#top += 16 * Math.ceil(count / 4) + SLACK;
    if (this.#top > this.#floats.byteLength) this.#grow();
    return at;
  }

  /** How much is taken: {@link release} gives back what is taken from now on. */
  get mark(): number {
    return this.#top;
  }

  release(mark: number): void {
    this.#top = mark;
  }

  /** The floats of an array: a view that {@link take} may detach. */
  view(address: number, count: number): Float32Array {
    return this.#floats.subarray(address / 4, address / 4 + count);
  }

  /** Writes an array. */
  write(address: number, values: ArrayLike<number>): void {
    this.#floats.set(values, address / 4);
  }

  /** By half at least, so that a few steps are enough for any size. */
  #grow(): void {
    const now = this.#floats.byteLength;
    this.#memory.grow(Math.ceil(Math.max(this.#top - now, now / 2) / PAGE));
    this.#floats = new Float32Array(this.#memory.buffer);
  }
}

const PAGE = 65_536;
/** What is there from the beginning: enough for small networks. */
const INITIAL_BYTES = 64 * PAGE;

/** A stack in memory that threads share, packed in by each in a room of its own. */
export interface SharedArrays {
  readonly stack: ArrayStack;
  readonly memory: GrowingMemory;
}

/**
 * Loops of the thread that shares its arrays with others; `undefined` where they cannot be had.
 *
 * @param threads - How many there are, this one included.
 * @param wrap - What the stack is to work with instead of this thread's own loops.
 */
export function makeSharedArrays(threads: number, wrap: (own: ArrayLoops) => ArrayLoops): SharedArrays | undefined {
  const memory = makeSharedMemory(INITIAL_BYTES);
  const loops = memory && instantiateOn<ArrayLoops>(sharedBytes, memory);
  if (memory === undefined || loops === undefined) return undefined;
  const rooms = PAGE + (threads - 1) * (loops.firstFree() - PAGE);
  const end = rooms + loops.firstFree() - PAGE;
  loops.packAt(rooms);
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  return { stack: new ArrayStack(wrap(loops), memory), memory };
}

/**
 * Loops of another thread on memory of {@link makeSharedArrays}.
 *
 * @param room - From 0, below the number of threads less one: each its own.
 */
export function joinSharedArrays(memory: GrowingMemory, room: number): ArrayLoops | undefined {
  const loops = instantiateOn<ArrayLoops>(sharedBytes, memory);
  loops?.packAt(PAGE + room * (loops.firstFree() - PAGE));
  return loops;
}

/** Loops with a memory of their own; `undefined` where they cannot be had. */
export function makeArrayStack(): ArrayStack | undefined {
  const loaded = instantiateGrowing<ArrayLoops>(bytes, INITIAL_BYTES);
  return loaded && new ArrayStack(loaded.exports, loaded.memory);
}
