/**
 * Teams of threads: members start from the built package.
 */
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import {
  type ArrayLoops,
  type ArrayStack,
  makeArrayStack,
  makeSharedArrays,
  performPart,
  TeamLeader,
  TeamLoops,
} from '../../src/simd/index.js';

const DIST = new URL('../../dist/simd/index.js', import.meta.url);
if (!existsSync(DIST)) throw new Error('dist must exist: run npm run build first');

const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

/** A thread that runs `body` with the library's `simd` and its own `data`. */
function startThread(data: object, body: string): Worker {
  const source = `import { parentPort, workerData } from 'node:worker_threads';
    const simd = await import(${JSON.stringify(DIST.href)});
    parentPort.postMessage('ready');
    ${body}
    parentPort.postMessage('home');`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { workerData: data });
  workers.push(worker);
  return worker;
}

function once(worker: Worker, message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (got) => {
      if (got === message) resolve();
    });
  });
}

describe('a team', () => {
  /** Each part adds its square to a total that all threads see, after waiting for a while. */
  const body = `const { board, total, wait } = workerData;
    simd.joinTeam(board, ([scale], part) => {
      if (part === wait) Atomics.wait(total, 1, 0, 20);
      if (scale < 0) throw new Error('no');
      Atomics.add(total, 0, scale * part * part);
    });`;
  const sumOfSquares = (parts: number): number => ((parts - 1) * parts * (2 * parts - 1)) / 6;

  test.each([0, 1, 3])('does each part once, with %i members', async (members) => {
    const total = new Int32Array(new SharedArrayBuffer(8));
    const leader = new TeamLeader(([scale], part) => {
      Atomics.add(total, 0, scale * part * part);
    });
    const threads = Array.from({ length: members }, () => startThread({ board: leader.board, total, wait: 5 }, body));
    await Promise.all(threads.map((thread) => once(thread, 'ready')));
    let expected = 0;
    for (let piece = 0; piece < 20_000; piece++) {
      const [scale, parts] = [1 + (piece % 3), 1 + (piece % 4)];
      leader.board.work[0] = scale;
      leader.run(parts);
      expected += scale * sumOfSquares(parts);
      if (Atomics.load(total, 0) !== expected) throw new Error(`piece ${piece}`);
    }
    leader.board.work[0] = 1;
    // A part that takes longer than either side looks before it sleeps.
    for (let piece = 0; piece < 20; piece++) {
      leader.run(8);
      expected += sumOfSquares(8);
      expect(Atomics.load(total, 0)).toBe(expected);
    }
    const home = Promise.all(threads.map((thread) => once(thread, 'home')));
    leader.close();
    await home;
  });

  test('wakes members that have fallen asleep', async () => {
    const total = new Int32Array(new SharedArrayBuffer(8));
    let own = 0;
    const leader = new TeamLeader((_, part) => {
      own++;
      Atomics.add(total, 0, part * part);
      // Time for the other to take a part.
      Atomics.wait(total, 1, 0, 5);
    });
    const thread = startThread({ board: leader.board, total, wait: -1 }, body);
    await once(thread, 'ready');
    await new Promise((resolve) => setTimeout(resolve, 250));
    leader.board.work[0] = 1;
    leader.run(40);
    expect(Atomics.load(total, 0)).toBe(sumOfSquares(40));
    expect(own).toBeLessThan(40);
    leader.close();
  });

  test('says that a member has failed, and does not wait for it', async () => {
    const total = new Int32Array(new SharedArrayBuffer(8));
    const leader = new TeamLeader(() => {
      Atomics.wait(total, 1, 0, 50);
    });
    const thread = startThread({ board: leader.board, total, wait: -1 }, body);
    await once(thread, 'ready');
    leader.board.work[0] = -1;
    expect(() => leader.run(4)).toThrow('a thread of the team has failed');
    leader.close();
  });

  test('refuses work for the reason that it was stopped for', () => {
    const leader = new TeamLeader(() => undefined);
    leader.run(3);
    leader.fail(new Error('closed'));
    expect(() => leader.run(3)).toThrow('closed');
  });
});

describe('loops of a team', () => {
  const single = makeArrayStack() as ArrayStack;

  function teamOf(threads: number): { stack: ArrayStack; leader: TeamLeader; memory: unknown } {
    let team: TeamLoops | undefined;
    const arrays = makeSharedArrays(threads, (own) => {
      team = new TeamLoops(own, threads);
      return team.loops;
    });
    if (arrays === undefined || team === undefined) throw new Error('memory must be shared here');
    const { own } = team;
    const leader = new TeamLeader((work, part) => performPart(own, work, part));
    team.leader = leader;
    return { stack: arrays.stack, leader, memory: arrays.memory };
  }

  /** What an operation on arrays leaves in all of them. */
  function result(stack: ArrayStack, arrays: readonly Float32Array[], work: (loops: ArrayLoops, at: number[]) => void) {
    const mark = stack.mark;
    const at = arrays.map((array) => stack.take(array.length));
    arrays.forEach((array, k) => {
      stack.write(at[k], array);
    });
    work(stack.loops, at);
    const found = arrays.map((array, k) => Buffer.from(stack.view(at[k], array.length).slice().buffer));
    stack.release(mark);
    return Buffer.concat(found);
  }

  function expectSame(stack: ArrayStack, [arrays, work]: Work): void {
    // Of buffers this size a difference would take minutes to print.
    expect(result(stack, arrays, work).equals(result(single, arrays, work))).toBe(true);
  }

  const stream = RandomStream.of(1, 'entries');
  const pattern = Float32Array.from({ length: 9973 }, () => stream.normal());

  function normals(count: number, first: number): Float32Array {
    return Float32Array.from({ length: count }, (_, i) => pattern[(first + i) % pattern.length]);
  }

  type Work = readonly [readonly Float32Array[], (loops: ArrayLoops, at: number[]) => void];

  /** Products whose A and B are transposes or not, as networks ask for them, and operations entry by entry. */
  function works(m: number, n: number, k: number): Work[] {
    const matrices = [normals(m * k, 0), normals(k * n, 99), normals(m * n, 999)];
    const product = (a: readonly [number, number], b: readonly [number, number]) => (loops: ArrayLoops, at: number[]) =>
      loops.product(at[0], at[1], at[2], m, n, k, 4 * a[0], 4 * a[1], 4 * b[0], 4 * b[1], at[3] ?? 0, 0.5);
    const count = m * k;
    const entries = [normals(count, 7), normals(count, 77), normals(count, 777)];
    return [
      [matrices, product([k, 1], [n, 1])],
      [[...matrices, normals(n, 9)], product([k, 1], [1, k])],
      [matrices, product([1, m], [n, 1])],
      [entries, (loops, [x, , to]) => loops.unary(7, x, to, count)],
      [entries, (loops, [x, , to]) => loops.unary(11, x, to, count)],
      [entries, (loops, [x, y, to]) => loops.gate(x, y, to, count, 0.2)],
      [entries, (loops, [x, , to]) => loops.binary(2, 0, x, to, to, 1, count, 0, 0)],
      [entries, (loops, [x, y, to]) => loops.binary(0, 2, x, y, to, m, k, 4 * k, 4)],
    ];
  }

  test('have the bits of one thread, in any number of parts', () => {
    const teams = [2, 3, 7].map((threads) => teamOf(threads).stack);
    const size = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(size, size, size, (m, n, k) => {
        for (const work of works(m, n, k)) for (const stack of teams) expectSame(stack, work);
      }),
      { numRuns: 15, seed: 7 },
    );
    for (const [m, n] of [
      [70_001, 1],
      [40_003, 2],
    ]) {
      for (const work of works(m, n, 5)) for (const stack of teams) expectSame(stack, work);
    }
  });

  test('have the bits of one thread with others at work', async () => {
    const { stack, leader, memory } = teamOf(3);
    const body = `const { board, memory, room } = workerData;
      const loops = simd.joinSharedArrays(memory, room);
      simd.joinTeam(board, (work, part) => simd.performPart(loops, work, part));`;
    const threads = [0, 1].map((room) => startThread({ board: leader.board, memory, room }, body));
    await Promise.all(threads.map((thread) => once(thread, 'ready')));
    for (let round = 0; round < 30; round++) {
      for (const work of works(250 + round, 130, 260)) expectSame(stack, work);
    }
    // Memory that has grown is there for all.
    for (const work of works(4099, 515, 70)) expectSame(stack, work);
    leader.close();
  });
});
