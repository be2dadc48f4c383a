/**
 * The threads of a pool: started when first needed, given out one by one, replaced when they end.
 *
 * @module
 */
import { Worker } from 'node:worker_threads';
import { describeThrown, ModelError, modelError } from './core/errors.js';
import type { Progress } from './core/progress.js';
import type { Answer, Fault, Request } from './pool-worker.js';

/** A thread, and the numbers of the models and inputs that it was told. */
export interface Thread {
  readonly worker: Worker;
  readonly known: Set<number>;
  /** It is told to end: the program is to stay alive until it has. */
  isEnding: boolean;
}

/** Who waits for a thread. */
interface Waiting {
  readonly owner: string;
  take(thread: Thread): void;
  leave(error: Error): void;
}

/** Up to so many threads. */
export class Threads {
  readonly count: number;
  readonly #threads: Thread[] = [];
  readonly #idle: Thread[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #closing = new Set<(reason: (owner: string) => Error) => void>();
  #isClosed = false;

  constructor(count: number) {
    this.count = count;
  }

  /** A thread for the caller alone until it is given back. */
  take(owner: string): Promise<Thread> {
    if (this.#isClosed) return Promise.reject(closed(owner));
    const idle = this.#idle.pop();
    if (idle) return Promise.resolve(idle);
    if (this.#threads.length < this.count) return Promise.resolve(this.#start());
    return new Promise((take, leave) => this.#waiting.push({ owner, take, leave }));
  }

  giveBack(thread: Thread): void {
    if (!this.#threads.includes(thread)) return;
    const next = this.#waiting.shift();
    if (next) next.take(thread);
    else this.#idle.push(thread);
  }

  /** Has all threads that know something drop it. */
  forget(item: number): void {
    for (const { worker, known } of this.#threads) if (known.delete(item)) post(worker, { kind: 'drop', item });
  }

  /** Has someone told, before any thread is ended, that all will be; returns what takes that back. */
  beforeClose(listener: (reason: (owner: string) => Error) => void): () => void {
    this.#closing.add(listener);
    return () => this.#closing.delete(listener);
  }

  /** Ends all threads. Who waits or asks is told, and so is who comes later. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const listener of this.#closing) listener(closed);
    for (const { leave, owner } of this.#waiting.splice(0)) leave(closed(owner));
    await Promise.all(
      this.#threads.map((thread) => {
        thread.isEnding = true;
        return thread.worker.terminate();
      }),
    );
  }

  #start(): Thread {
    const worker = new Worker(new URL('./pool-worker.js', import.meta.url), { execArgv: ownArguments() });
    const thread: Thread = { worker, known: new Set<number>(), isEnding: false };
    // A forgotten pool must not keep the program alive.
    worker.unref();
    worker.on('error', () => undefined);
    worker.on('exit', () => this.#drop(thread));
    this.#threads.push(thread);
    return thread;
  }

  /** A thread has ended: whoever waits gets a new one. */
  #drop(thread: Thread): void {
    for (const list of [this.#threads, this.#idle]) {
      if (list.includes(thread)) list.splice(list.indexOf(thread), 1);
    }
    if (this.#isClosed) return;
    this.#waiting.shift()?.take(this.#start());
  }
}

/** Arguments of this process that a thread may have too: `--input-type` is refused where a file is run. */
function ownArguments(): string[] {
  return process.execArgv.filter(
    (argument, i, all) => !/^--input-type(=|$)/.test(argument) && all[i - 1] !== '--input-type',
  );
}

/** Tells a thread something that it will be asked about, unless it knows it. */
export function tell(
  { worker, known }: Thread,
  item: number,
  request: () => Request,
  transferred: ArrayBuffer[] = [],
): void {
  if (known.has(item)) return;
  known.add(item);
  // Made first, as it may fill the list.
  const made = request();
  post(worker, made, transferred);
}

/** The result of a request by a thread that is the caller's; rejects where the thread fails or ends. */
export function ask(
  thread: Thread,
  owner: string,
  request: Request,
  transferred: ArrayBuffer[] = [],
  onProgress?: (progress: Progress) => void,
): Promise<unknown> {
  const { worker } = thread;
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      if (!thread.isEnding) worker.unref();
      act();
    };
    const onMessage = (answer: Answer): void => {
      if ('progress' in answer) onProgress?.(answer.progress);
      else settle(() => ('fault' in answer ? reject(failure(owner, answer.fault)) : resolve(answer.result)));
    };
    const onError = (cause: unknown): void => settle(() => reject(broken(owner, describeThrown(cause), cause)));
    const onExit = (): void => settle(() => reject(broken(owner, 'ended')));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit).ref();
    post(worker, request, transferred);
  });
}

/** Has a thread end the job that it is at: it then answers with a fault. */
export function stop({ worker }: Thread): void {
  post(worker, { kind: 'stop' });
}

function post(worker: Worker, request: Request, transferred: ArrayBuffer[] = []): void {
  worker.postMessage(request, transferred);
}

function failure(owner: string, { code, message }: Fault): Error {
  return code === undefined ? broken(owner, message) : new ModelError(code, message);
}

function broken(owner: string, why: string, cause?: unknown): ModelError {
  return modelError('missing-backend', { owner, must: `the pool's threads must run (${why})`, cause });
}

function closed(owner: string): ModelError {
  return modelError('missing-backend', { owner, must: 'the pool must be open', remedy: 'Make a new one after close' });
}
