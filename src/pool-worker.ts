/**
 * What a thread of a {@link DensityPool} does: keeps models, and answers for chunks of rows.
 *
 * @module
 */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { ModelError, type ModelErrorCode } from './core/errors.js';
import type { GenerativeModel } from './core/estimator.js';
import type { ModelState } from './core/model-state.js';
import { Samples } from './core/samples.js';
import { modelFromState } from './models.js';

/** To a thread: a model to keep, one to drop, or rows to answer for. */
export type Request =
  | { readonly kind: 'keep'; readonly model: number; readonly state: ModelState }
  | { readonly kind: 'drop'; readonly model: number }
  | { readonly kind: 'rows'; readonly model: number; readonly data: Float64Array; readonly columns: number };

/** From a thread, one for each request for rows. */
export type Answer =
  | { readonly logDensity: Float64Array }
  | { readonly code: ModelErrorCode | undefined; readonly message: string };

const models = new Map<number, Promise<GenerativeModel>>();

async function answer(request: Request & { kind: 'rows' }): Promise<Answer> {
  try {
    const model = await models.get(request.model);
    if (model === undefined) throw new Error(`no model ${request.model}`);
    const { data, columns } = request;
    return { logDensity: model.logDensity(new Samples(data, data.length / columns, columns)) };
  } catch (error) {
    const code = error instanceof ModelError ? error.code : undefined;
    return { code, message: error instanceof Error ? error.message : String(error) };
  }
}

async function serve(port: MessagePort, request: Request): Promise<void> {
  if (request.kind === 'drop') models.delete(request.model);
  else if (request.kind === 'keep') {
    const model = modelFromState(request.state);
    // Who asks for rows is told.
    model.catch(() => undefined);
    models.set(request.model, model);
  } else {
    const reply = await answer(request);
    port.postMessage(reply, 'logDensity' in reply ? [reply.logDensity.buffer as ArrayBuffer] : []);
  }
}

const port = parentPort;
port?.on('message', (request: Request) => void serve(port, request));
