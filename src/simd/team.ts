/**
 * A team of threads on memory that they share: the leader publishes a piece of work in parts, and every thread, the leader
 * among them, claims parts until none is left.
 *
 * Nobody is waited for who has not claimed a part: a member that comes late, or never, or was put aside by the machine, costs nothing,
 * and the leader alone is a team too. What is published is one word, the ticket: the number of the piece of work and how many
 * parts are left of it. A part is claimed by lowering the ticket in one step, which fails if another thread was quicker or
 * the piece is over; arguments are written before the ticket, and not again until all parts that were claimed are done.
 *
 * @module
 */

/** What a part of a piece of work is. */
export type Perform = (work: Readonly<Float64Array>, part: number) => void;

/** Memory that a team talks through; plain data for messages. */
export interface TeamBoard {
  readonly words: Int32Array;
  /** Numbers that describe a piece of work: written by the leader while none is under way. */
  readonly work: Float64Array;
}

/** Numbers that describe a piece of work, at most. */
const MOST_NUMBERS = 16;
/** Threads of a team, at most: parts have six bits of a ticket. */
export const MOST_THREADS = 63;
const PART_BITS = 6;
const PARTS = (1 << PART_BITS) - 1;
/** The numbers of pieces come round again after 2^25 of them, ten minutes at 50,000 a second: no member sleeps in a claim so long. */
const PIECES = 2 ** 25 - 1;

// Words.
const TICKET = 0;
/** Parts that members have done. */
const DONE = 16;
/** Whether the leader sleeps until a part is done. */
const LEADER_SLEEPS = 17;
/** How many members sleep until there is work. */
const SLEEPERS = 32;
const FAULTS = 33;
// Words that different threads write lie on cache lines of their own.
const WORDS = 48;

/** A ticket that ends the team. */
const CLOSED = -1;

/**
 * Looks at a word, 5 to 10 ns each, before a thread goes to sleep: about as long as a part takes for the leader, whose members are
 * all at work, and longer than what a leader does alone within a step for members. Waking takes 10 to 50 us: with a tenth of
 * these looks two threads took a sixth longer for a round of adversarial networks.
 */
const LEADER_LOOKS = 20_000;
const MEMBER_LOOKS = 60_000;
/** Milliseconds. Sleepers are woken; this is for those who were missed for a reason that nobody thought of. */
const LONGEST_SLEEP = 100;

/** The side of the thread that has the work. */
export class TeamLeader {
  readonly board: TeamBoard;
  readonly #perform: Perform;
  #piece = 0;
  #fault: { readonly reason: unknown } | undefined;

  constructor(perform: Perform) {
    this.#perform = perform;
    this.board = {
      words: new Int32Array(new SharedArrayBuffer(4 * WORDS)),
      work: new Float64Array(new SharedArrayBuffer(8 * MOST_NUMBERS)),
    };
  }

  /**
   * Has the piece of work done that stands on the board, and returns when it is.
   *
   * @param parts - In how many parts, at most {@link MOST_THREADS}.
   * @throws what {@link fail} was given; Error where a member failed.
   */
  run(parts: number): void {
    this.check();
    const { words, work } = this.board;
    Atomics.store(words, DONE, 0);
    this.#piece = (this.#piece + 1) & PIECES;
    Atomics.store(words, TICKET, (this.#piece << PART_BITS) | parts);
    if (Atomics.load(words, SLEEPERS) > 0) Atomics.notify(words, TICKET);
    let own = 0;
    for (let part = claim(words); part !== undefined; part = claim(words), own++) this.#perform(work, part);
    this.#await(parts - own);
    if (Atomics.load(words, FAULTS) > 0) throw new Error('a thread of the team has failed');
  }

  /** @throws what {@link fail} was given. */
  check(): void {
    if (this.#fault) throw this.#fault.reason;
  }

  /** From now on work is refused, for this reason. */
  fail(reason: unknown): void {
    this.#fault = { reason };
    this.close();
  }

  /** Sends all members home. */
  close(): void {
    const { words } = this.board;
    Atomics.store(words, TICKET, CLOSED);
    Atomics.notify(words, TICKET);
  }

  /** Waits until members have done so many parts. */
  #await(count: number): void {
    const { words } = this.board;
    for (let looks = 0; ; looks++) {
      const done = Atomics.load(words, DONE);
      if (done === count) return;
      if (looks < LEADER_LOOKS) continue;
      Atomics.store(words, LEADER_SLEEPS, 1);
      Atomics.wait(words, DONE, done, LONGEST_SLEEP);
      Atomics.store(words, LEADER_SLEEPS, 0);
    }
  }
}

/** The side of a thread that helps: works until the leader closes. */
export function joinTeam({ words, work }: TeamBoard, perform: Perform): void {
  for (let looks = 0; ; looks++) {
    const ticket = Atomics.load(words, TICKET);
    if (ticket === CLOSED) return;
    if ((ticket & PARTS) === 0) {
      if (looks > MEMBER_LOOKS) {
        sleep(words, ticket);
        looks = 0;
      }
      continue;
    }
    const part = claim(words);
    if (part === undefined) continue;
    try {
      perform(work, part);
    } catch {
      Atomics.add(words, FAULTS, 1);
    }
    Atomics.add(words, DONE, 1);
    if (Atomics.load(words, LEADER_SLEEPS) === 1) Atomics.notify(words, DONE);
    looks = 0;
  }
}

/** Until the ticket changes. */
function sleep(words: Int32Array, ticket: number): void {
  Atomics.add(words, SLEEPERS, 1);
  Atomics.wait(words, TICKET, ticket, LONGEST_SLEEP);
  Atomics.sub(words, SLEEPERS, 1);
}

/** A part that is now the caller's; `undefined` where none is left. */
function claim(words: Int32Array): number | undefined {
  for (;;) {
    const ticket = Atomics.load(words, TICKET);
    const left = ticket & PARTS;
    if (ticket === CLOSED || left === 0) return undefined;
    if (Atomics.compareExchange(words, TICKET, ticket, ticket - 1) === ticket) return left - 1;
  }
}
