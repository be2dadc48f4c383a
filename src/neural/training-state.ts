/**
 * A training that can go on, as data for files, and back with every check.
 *
 * @module
 */
import { type ModelState, StateReader, type Tensor, tensor } from '../core/model-state.js';
import type { LearnerState } from './learner.js';
import type { TrainingHistory, TrainingState } from './training.js';

const VERSION = 1;

/** What a training must have in common with the one that goes on. */
export interface TrainingShape {
  /** The name of the state, such as `VariationalAutoencoderTraining`. */
  readonly kind: string;
  /** Number of parameters of each learner, and whether it keeps an average of them. */
  readonly learners: readonly { readonly size: number; readonly averaging: boolean }[];
  readonly metrics: readonly string[];
  /** Whether rows are held out. */
  readonly validated: boolean;
}

/** The state of a training as a state for files. */
export function trainingToState(shape: TrainingShape, training: TrainingState): ModelState {
  const { epochs, steps, best, history } = training;
  const tensors: Record<string, Tensor> = {
    'history.training': lists(history.training, shape.metrics, epochs),
    'history.validation': lists(history.validation, shape.metrics, shape.validated ? epochs : 0),
  };
  training.learners.forEach(({ values, optimizer }, k) => {
    tensors[`${k}.values`] = flat(values);
    tensors[`${k}.firstMoments`] = flat(optimizer.firstMoments);
    tensors[`${k}.secondMoments`] = flat(optimizer.secondMoments);
    if (optimizer.average !== undefined) tensors[`${k}.average`] = flat(optimizer.average);
    if (best !== undefined) tensors[`${k}.best`] = flat(best.parameters[k]);
  });
  const settings = {
    epochs,
    steps,
    optimizerSteps: training.learners.map(({ optimizer }) => optimizer.steps),
    bestEpoch: best?.epoch ?? -1,
    bestObjective: best?.objective ?? 0,
  };
  return { kind: shape.kind, version: VERSION, settings, tensors };
}

/** @throws ModelError `invalid-model-file` for a state of another training. */
export function trainingFromState(owner: string, shape: TrainingShape, state: ModelState): TrainingState {
  const reader = new StateReader(owner);
  reader.state(state);
  const hasBest = state.settings.bestEpoch !== -1;
  const names = ['values', 'firstMoments', 'secondMoments', ...(hasBest ? ['best'] : [])];
  const expected = shape.learners.flatMap(({ averaging }, k) =>
    [...names, ...(averaging ? ['average'] : [])].map((name) => `${k}.${name}`),
  );
  const settings = ['epochs', 'steps', 'optimizerSteps', 'bestEpoch', 'bestObjective'];
  reader.layout(state, shape.kind, VERSION, settings, [...expected, 'history.training', 'history.validation']);
  const epochs = reader.integer(state, 'epochs', 0);
  const { optimizerSteps } = state.settings;
  if (!Array.isArray(optimizerSteps) || !optimizerSteps.every((steps) => Number.isSafeInteger(steps) && steps >= 0)) {
    throw reader.fault('setting "optimizerSteps" must be integers >= 0', optimizerSteps);
  }
  const read = (k: number, name: string): Float32Array => reader.floats(state, `${k}.${name}`, shape.learners[k].size);
  const learners = shape.learners.map(({ averaging }, k): LearnerState => {
    const optimizer = {
      steps: Number(optimizerSteps[k]),
      firstMoments: read(k, 'firstMoments'),
      secondMoments: read(k, 'secondMoments'),
      average: averaging ? read(k, 'average') : undefined,
    };
    return { values: read(k, 'values'), optimizer };
  });
  const best = hasBest
    ? {
        epoch: reader.integer(state, 'bestEpoch', 0),
        objective: reader.number(state, 'bestObjective', -Number.MAX_VALUE),
        parameters: shape.learners.map((_, k) => read(k, 'best')),
      }
    : undefined;
  const history: TrainingHistory = {
    training: readLists(reader, state, 'history.training', shape.metrics, epochs),
    validation: readLists(reader, state, 'history.validation', shape.metrics, shape.validated ? epochs : 0),
  };
  return { epochs, steps: reader.integer(state, 'steps', 0), learners, history, best };
}

function flat(data: Float32Array): Tensor {
  return { shape: [data.length], data };
}

function lists(history: TrainingHistory['training'], metrics: readonly string[], epochs: number): Tensor {
  const data = new Float64Array(metrics.length * epochs);
  metrics.forEach((name, k) => {
    data.set((history[name] ?? []).slice(0, epochs), k * epochs);
  });
  return tensor(data, metrics.length, epochs);
}

function readLists(
  reader: StateReader,
  state: ModelState,
  name: string,
  metrics: readonly string[],
  epochs: number,
): Record<string, number[]> {
  const data = reader.doubles(state, name, metrics.length, epochs);
  return Object.fromEntries(
    metrics.map((metric, k) => [metric, Array.from(data.subarray(k * epochs, (k + 1) * epochs))]),
  );
}
