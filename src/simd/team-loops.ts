/**
 * Loops over float32 arrays that a team of threads shares: products by rows of C, operations entry by entry by ranges.
 *
 * Each entry of a result is computed as by one thread, from the same numbers in the same order, so that results have the same
 * bits whatever the number of threads, and whoever was quick enough to take part.
 *
 * @module
 */
import type { ArrayLoops } from './array-loops.js';
import type { TeamLeader } from './team.js';

// Kinds of work: the first number of a piece.
const PRODUCT = 0;
const UNARY = 1;
const GATE = 2;
const BINARY = 3;

/**
 * Least work of a part, so that a piece of two takes some 10 us by one thread: sharing it costs about 1 us. In multiplications,
 * and in entries.
 */
const LEAST_OF = { product: 100_000, functions: 2_000, entries: 8_000 } as const;
/** Multiplications that take as long as an entry of C beside those of its sum: 256 x 128 over 1 takes 11 us. */
const ENTRY = 8;

/** Rows of a tile of products: a part is a whole number of them. */
const TILE = 4;
/** Entries that ranges are made of: whole vectors, as loops write no less. */
const VECTORS = 64;

/** The part of `count` that falls to one of `parts`, from and to, both multiples of `unit` but for the end. */
function rangeOf(count: number, unit: number, part: number, parts: number): readonly [number, number] {
  const units = Math.ceil(count / unit);
  const cut = (at: number): number => Math.min(count, unit * Math.floor((at * units) / parts));
  return [cut(part), cut(part + 1)];
}

/**
 * Does a part of a piece of work with a thread's own loops. On the board stand its kind, the number of parts, the addresses of its
 * arrays, how many rows or entries there are, and up to eight numbers more.
 */
export function performPart(loops: ArrayLoops, work: Readonly<Float64Array>, part: number): void {
  const [x, y, to, count, p] = [work[2], work[3], work[4], work[5], work[6]];
  const kind = work[0];
  const [first, end] = rangeOf(count, kind === PRODUCT ? TILE : VECTORS, part, work[1]);
  const bytes = 4 * first;
  if (kind === PRODUCT) {
    const [a, c] = [x + first * work[8], to + bytes * p];
    loops.product(a, y, c, end - first, p, work[7], work[8], work[9], work[10], work[11], work[12], work[13]);
  } else if (kind === UNARY) loops.unary(p, x + bytes, to + bytes, end - first);
  else if (kind === GATE) loops.gate(x + bytes, y + bytes, to + bytes, end - first, p);
  else loops.binary(p, 0, x + bytes, y + bytes, to + bytes, 1, end - first, 0, 0);
}

/** The leader's loops: what is large enough is shared. */
export class TeamLoops {
  /** This thread's. */
  readonly own: ArrayLoops;
  readonly #threads: number;
  /** Who helps now. */
  leader: TeamLeader | undefined;

  constructor(own: ArrayLoops, threads: number) {
    this.own = own;
    this.#threads = threads;
  }

  /** The same loops, shared where that pays. */
  get loops(): ArrayLoops {
    const { own } = this;
    return {
      ...own,
      product: (a, b, c, m, n, k, rowOfA, columnOfA, rowOfB, columnOfB, biases, slope) => {
        const parts = this.#parts(m * n * (k + ENTRY), LEAST_OF.product, Math.ceil(m / TILE));
        if (parts < 2) own.product(a, b, c, m, n, k, rowOfA, columnOfA, rowOfB, columnOfB, biases, slope);
        else {
          const { work } = (this.leader as TeamLeader).board;
          work[7] = k;
          work[8] = rowOfA;
          work[9] = columnOfA;
          work[10] = rowOfB;
          work[11] = columnOfB;
          work[12] = biases;
          work[13] = slope;
          this.#run(PRODUCT, parts, a, b, c, m, n);
        }
      },
      unary: (operation, from, to, count) => {
        const parts = this.#parts(count, LEAST_OF.functions);
        if (parts < 2) own.unary(operation, from, to, count);
        else this.#run(UNARY, parts, from, 0, to, count, operation);
      },
      gate: (from, by, to, count, slope) => {
        const parts = this.#parts(count, LEAST_OF.entries);
        if (parts < 2) own.gate(from, by, to, count, slope);
        else this.#run(GATE, parts, from, by, to, count, slope);
      },
      binary: (operation, form, a, b, to, rows, width, rowOfA, rowOfB) => {
        const parts = rows === 1 && form === 0 ? this.#parts(width, LEAST_OF.entries) : 1;
        if (parts < 2) own.binary(operation, form, a, b, to, rows, width, rowOfA, rowOfB);
        else this.#run(BINARY, parts, a, b, to, width, operation);
      },
    };
  }

  /** Into how many parts a piece is cut: one for each thread, if they are large enough. */
  #parts(work: number, least: number, most: number = Number.POSITIVE_INFINITY): number {
    return this.leader === undefined ? 1 : Math.min(this.#threads, most, Math.floor(work / least));
  }

  /** Writes a piece of work down: what it is, its arrays, rows or entries, a number; further numbers stand there already. */
  #run(kind: number, parts: number, x: number, y: number, to: number, count: number, p: number): void {
    const leader = this.leader as TeamLeader;
    const { work } = leader.board;
    work[0] = kind;
    work[1] = parts;
    work[2] = x;
    work[3] = y;
    work[4] = to;
    work[5] = count;
    work[6] = p;
    leader.run(parts);
  }
}
