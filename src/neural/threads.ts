/**
 * Training on the threads of a pool: those share the loops of the thread that trains.
 *
 * @module
 */
import type { Job, JobPool, OpenJobs } from '../core/jobs.js';
import {
  type ArrayStack,
  type GrowingMemory,
  joinSharedArrays,
  joinTeam,
  MOST_THREADS,
  makeSharedArrays,
  performPart,
  type TeamBoard,
  TeamLeader,
  TeamLoops,
} from '../simd/index.js';

/** What a thread is told. */
interface TeamTask {
  readonly memory: GrowingMemory;
  readonly board: TeamBoard;
  readonly room: number;
}

/** Jobs of networks by their names. */
export const NETWORK_JOBS: Readonly<Record<'network-team', Job>> = {
  'network-team': (_input: undefined, { memory, board, room }: TeamTask): Promise<void> => {
    const loops = joinSharedArrays(memory, room);
    // Without loops of its own a thread is of no use, and not missed either.
    if (loops !== undefined) joinTeam(board, (work, part) => performPart(loops, work, part));
    return Promise.resolve();
  },
};

/** Loops over arrays that the threads of a pool share while a training goes on. */
export class PoolArrays {
  readonly stack: ArrayStack;
  readonly #memory: GrowingMemory;
  readonly #pool: JobPool;
  readonly #loops: TeamLoops;
  readonly #threads: number;
  /** Trainings under way. */
  #users = 0;
  #jobs: OpenJobs | undefined;

  private constructor(pool: JobPool, threads: number, loops: TeamLoops, stack: ArrayStack, memory: GrowingMemory) {
    this.#pool = pool;
    this.#threads = threads;
    this.#loops = loops;
    this.stack = stack;
    this.#memory = memory;
  }

  /** `undefined` where threads cannot share memory. */
  static make(pool: JobPool): PoolArrays | undefined {
    const threads = Math.min(pool.threads, MOST_THREADS);
    let team: TeamLoops | undefined;
    const arrays = makeSharedArrays(threads, (own) => {
      team = new TeamLoops(own, threads);
      return team.loops;
    });
    return arrays && team && new PoolArrays(pool, threads, team, arrays.stack, arrays.memory);
  }

  /**
   * Runs a training with the pool's threads at its side; trainings at the same time share them.
   *
   * The thread that trains is one of them: of a pool of n, n - 1 take part, each once it is free.
   *
   * @param owner - Who complains.
   * @throws ModelError by rejection where the pool is closed meanwhile.
   */
  async during<T>(owner: string, work: () => Promise<T>): Promise<T> {
    this.#users++;
    try {
      if (this.#users === 1) this.#open(owner);
      const result = await work();
      // Small networks never ask for help; a pool that was closed is told of all the same.
      this.#loops.leader?.check();
      return result;
    } finally {
      if (--this.#users === 0) this.#close();
    }
  }

  #open(owner: string): void {
    const own = this.#loops.own;
    const leader = new TeamLeader((work, part) => performPart(own, work, part));
    this.#loops.leader = leader;
    const onStop = (reason: unknown): void => leader.fail(reason);
    const jobs = this.#pool.openJobs({ owner, kind: 'network-team', input: undefined, onStop });
    this.#jobs = jobs;
    for (let room = 0; room < this.#threads - 1; room++) {
      const task: TeamTask = { memory: this.#memory, board: leader.board, room };
      jobs.run(task).catch((reason: unknown) => leader.fail(reason));
    }
  }

  #close(): void {
    this.#loops.leader?.close();
    this.#loops.leader = undefined;
    this.#jobs?.close();
    this.#jobs = undefined;
  }
}
