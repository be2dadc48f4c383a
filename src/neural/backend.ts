/**
 * The one place that chooses where networks are trained, and loads it at first use.
 *
 * @module
 */
import { describe, modelError } from '../core/errors.js';
import type { JobPool } from '../core/jobs.js';
import type { Kernels } from './kernels.js';
import { selfTest } from './self-test.js';
import { type TensorFlow, TensorFlowKernels } from './tensorflow-kernels.js';
import { PoolArrays } from './threads.js';
import { WasmKernels } from './wasm-kernels.js';

/** A place that networks can be trained on. */
export type BackendName = 'native' | 'wasm' | 'cpu';

/**
 * Which place to train on: `native` is `@tensorflow/tfjs-node` where it is installed and works, `wasm` WebAssembly,
 * `cpu` plain JavaScript, and `auto` the first of them that passes its self-test.
 */
export type BackendChoice = 'auto' | BackendName;

/** All choices, in the order of the documentation. */
export const BACKEND_CHOICES = ['auto', 'native', 'wasm', 'cpu'] as const;

/** A loaded backend. */
export interface Backend {
  readonly name: BackendName;
  /** One sentence: what was chosen, and why not what was before it. */
  readonly explanation: string;
  readonly kernels: Kernels;
  /** Runs a synchronous piece of work with this backend active, then gives the user's own back. */
  run<T>(work: () => T): T;
  /** Runs a training, with the threads of the pool that the backend was asked for with. */
  during<T>(owner: string, work: () => Promise<T>): Promise<T>;
}

/** Name in TensorFlow.js, and how to load it. */
interface Source {
  readonly registered: string;
  readonly load: () => Promise<TensorFlow>;
  readonly kernels: (tf: TensorFlow) => Kernels;
}

const SOURCES: Readonly<Record<BackendName, Source>> = {
  native: { registered: 'tensorflow', load: loadNative, kernels: (tf) => new TensorFlowKernels(tf) },
  wasm: { registered: 'wasm', load: loadWasm, kernels: (tf) => new WasmKernels(tf) },
  cpu: { registered: 'cpu', load: loadCpu, kernels: (tf) => new TensorFlowKernels(tf) },
};

const loaded = new Map<BackendName, Promise<Backend>>();

/**
 * Loads a backend; later calls get the same one.
 *
 * @param pool - Threads that are to share the work. Only `wasm` does, and is what `auto` means then.
 * @throws ModelError `missing-backend`, saying what stood in the way; `invalid-option` for a pool with another backend.
 */
export function loadBackend(choice: BackendChoice, owner: string, pool?: JobPool): Promise<Backend> {
  if (pool === undefined) return loadAny(choice, owner);
  if (choice === 'auto' || choice === 'wasm') return loadShared(pool, owner);
  const must = 'option "pool" must be left out with this backend, for only "wasm" shares its work';
  throw modelError('invalid-option', { owner, must, got: choice });
}

/** What pools were trained with: their memory is used again. */
const shared = new WeakMap<JobPool, Promise<Backend>>();

function loadShared(pool: JobPool, owner: string): Promise<Backend> {
  const known = shared.get(pool);
  if (known !== undefined) return known;
  const started = share(pool, owner);
  shared.set(pool, started);
  started.catch(() => shared.delete(pool));
  return started;
}

/** WASM on the threads of a pool; on the caller's alone where memory cannot be shared. */
async function share(pool: JobPool, owner: string): Promise<Backend> {
  const backend = await loadAny('wasm', owner);
  if (pool.threads === 1) return backend;
  const arrays = PoolArrays.make(pool);
  if (arrays === undefined) {
    return {
      ...backend,
      explanation: `${backend.explanation}; the pool is not used: memory cannot be shared here`,
    };
  }
  const kernels = new WasmKernels(await loadWasm(), arrays.stack);
  const explanation = `${backend.explanation} with up to ${pool.threads} threads`;
  return { ...backend, explanation, kernels, during: (who, work) => arrays.during(who, work) };
}

async function loadAny(choice: BackendChoice, owner: string): Promise<Backend> {
  if (choice !== 'auto') {
    try {
      return await load(choice);
    } catch (cause) {
      throw missing(owner, choice, cause);
    }
  }
  const obstacles: string[] = [];
  for (const name of ['native', 'wasm', 'cpu'] as const) {
    try {
      const backend = await load(name);
      return { ...backend, explanation: [backend.explanation, ...obstacles].join('; ') };
    } catch (error) {
      obstacles.push(`${name} is not used: ${obstacle(error)}`);
    }
  }
  throw modelError('missing-backend', { owner, must: `a backend must load (${obstacles.join('; ')})` });
}

function missing(owner: string, name: BackendName, cause: unknown): Error {
  const remedy =
    name === 'native' ? 'Install @tensorflow/tfjs-node 4.22.0, or use backend "auto"' : 'Use backend "auto"';
  return modelError('missing-backend', {
    owner,
    must: `backend "${name}" must load and pass its self-test (${obstacle(cause)})`,
    remedy,
    cause,
  });
}

/** The first line of what went wrong. */
function obstacle(error: unknown): string {
  if ((error as { code?: unknown } | null)?.code === 'ERR_MODULE_NOT_FOUND') return 'its package is not installed';
  return error instanceof Error ? error.message.split('\n')[0] : describe(error);
}

function load(name: BackendName): Promise<Backend> {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const started = start(name);
  loaded.set(name, started);
  // A package may be installed meanwhile: failures are not remembered.
  started.catch(() => loaded.delete(name));
  return started;
}

async function start(name: BackendName): Promise<Backend> {
  const { registered, load, kernels } = SOURCES[name];
  const tf = await load();
  const before = tf.engine().backendName as string | undefined;
  if (!(await withoutProcessListeners(() => tf.setBackend(registered)))) {
    throw new Error(`TensorFlow.js could not start its backend "${registered}"`);
  }
  const during = <T>(_owner: string, work: () => Promise<T>): Promise<T> => work();
  const backend = { name, explanation: `training on the ${name} backend`, kernels: kernels(tf), run, during };
  await activate(tf, before);
  run(() => selfTest(backend.kernels));
  return backend;

  function run<T>(work: () => T): T {
    const active = tf.getBackend();
    if (active === registered) return work();
    void tf.setBackend(registered);
    try {
      return work();
    } finally {
      void activate(tf, active);
    }
  }
}

/** Makes a backend active again. For one that runs already this takes effect before the promise is made. */
async function activate(tf: TensorFlow, name: string | undefined): Promise<void> {
  if (name) await tf.setBackend(name);
}

/** The part of Node's process that {@link withoutProcessListeners} uses; there is none in a browser. */
interface Host {
  listeners(event: string): unknown[];
  removeListener(event: string, listener: unknown): void;
}

/**
 * Runs `work`, and removes what it hung on the process: the WASM module rethrows every uncaught exception and every
 * unhandled rejection of the program that loads it.
 */
async function withoutProcessListeners<T>(work: () => Promise<T>): Promise<T> {
  const host = (globalThis as { process?: Partial<Host> }).process;
  if (typeof host?.listeners !== 'function' || typeof host.removeListener !== 'function') return work();
  const { listeners, removeListener } = host as Host;
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = events.map((event) => new Set(listeners.call(host, event)));
  const done = await work();
  events.forEach((event, index) => {
    for (const listener of listeners.call(host, event)) {
      if (!before[index].has(listener)) removeListener.call(host, event, listener);
    }
  });
  return done;
}

async function loadNative(): Promise<TensorFlow> {
  // Not a literal: the package is an optional peer, and neither compiler nor bundler may insist on it.
  const name: string = '@tensorflow/tfjs-node';
  const module: { default?: TensorFlow } = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  // Its own copy of the core, which is the one that its backend has registered with.
  return module.default ?? (module as unknown as TensorFlow);
}

async function loadWasm(): Promise<TensorFlow> {
  await import('@tensorflow/tfjs-backend-wasm');
  return import('@tensorflow/tfjs-core');
}

async function loadCpu(): Promise<TensorFlow> {
  await import('@tensorflow/tfjs-backend-cpu');
  const tf = await import('@tensorflow/tfjs-core');
  // At its first use this backend prints an advertisement of another.
  (tf.findBackend('cpu') as unknown as { firstUse: boolean }).firstUse = false;
  return tf;
}
