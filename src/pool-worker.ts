/**
 * What a thread of a {@link DensityPool} does: keeps models and inputs, answers for chunks of rows, and runs jobs.
 *
 * @module
 */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { ModelError, type ModelErrorCode } from './core/errors.js';
import type { GenerativeModel } from './core/estimator.js';
import type { Job } from './core/jobs.js';
import type { ModelState } from './core/model-state.js';
import type { FitOptions, Progress } from './core/progress.js';
import { Samples } from './core/samples.js';
import { modelFromState } from './models.js';

/** To a thread: a model or an input to keep, one to drop, rows to answer for, a job to run or to end. */
export type Request =
  | { readonly kind: 'model'; readonly item: number; readonly state: ModelState }
  | { readonly kind: 'input'; readonly item: number; readonly input: unknown }
  | { readonly kind: 'drop'; readonly item: number }
  | { readonly kind: 'rows'; readonly item: number; readonly data: Float64Array; readonly columns: number }
  | {
      readonly kind: 'job';
      readonly job: string;
      readonly item: number;
      readonly task: unknown;
      readonly hasProgress: boolean;
    }
  | { readonly kind: 'stop' };

/** Why there is no result. */
export interface Fault {
  readonly code: ModelErrorCode | undefined;
  readonly message: string;
}

/** From a thread: a result or a fault for each request for rows or a job, and progress before. */
export type Answer = { readonly result: unknown } | { readonly fault: Fault } | { readonly progress: Progress };

/** Where jobs are found: a thread loads what it is asked for. */
const JOBS: Readonly<Record<string, () => Promise<Readonly<Record<string, Job>>>>> = {
  'mixture-restart': mixtureJobs,
  'mixture-fit': mixtureJobs,
  'network-team': async () => (await import('./neural/threads.js')).NETWORK_JOBS,
};

async function mixtureJobs(): Promise<Readonly<Record<string, Job>>> {
  return (await import('./gmm/jobs.js')).MIXTURE_JOBS;
}

const models = new Map<number, Promise<GenerativeModel>>();
const inputs = new Map<number, unknown>();
/** The job under way. */
let running: AbortController | undefined;

async function densities({ item, data, columns }: Request & { kind: 'rows' }): Promise<Float64Array> {
  const model = await models.get(item);
  if (model === undefined) throw new Error(`no model ${item}`);
  return model.logDensity(new Samples(data, data.length / columns, columns));
}

async function run(port: MessagePort, { job, item, task, hasProgress }: Request & { kind: 'job' }): Promise<unknown> {
  running = new AbortController();
  const options: Pick<FitOptions, 'signal' | 'onProgress'> = {
    signal: running.signal,
    ...(hasProgress && { onProgress: (progress: Progress) => port.postMessage({ progress }) }),
  };
  try {
    const known = await JOBS[job]();
    return await known[job](inputs.get(item) as never, task as never, options);
  } finally {
    running = undefined;
  }
}

function fault(error: unknown): Fault {
  const code = error instanceof ModelError ? error.code : undefined;
  return { code, message: error instanceof Error ? error.message : String(error) };
}

async function answer(port: MessagePort, request: Request & { kind: 'rows' | 'job' }): Promise<void> {
  try {
    const result = request.kind === 'rows' ? await densities(request) : await run(port, request);
    port.postMessage({ result }, result instanceof Float64Array ? [result.buffer as ArrayBuffer] : []);
  } catch (error) {
    port.postMessage({ fault: fault(error) });
  }
}

async function serve(port: MessagePort, request: Request): Promise<void> {
  switch (request.kind) {
    case 'drop':
      models.delete(request.item);
      inputs.delete(request.item);
      return;
    case 'model': {
      const model = modelFromState(request.state);
      // Who asks for rows is told.
      model.catch(() => undefined);
      models.set(request.item, model);
      return;
    }
    case 'input':
      inputs.set(request.item, request.input);
      return;
    case 'stop':
      running?.abort();
      return;
    default:
      return answer(port, request);
  }
}

const port = parentPort;
port?.on('message', (request: Request) => void serve(port, request));
