/**
 * One fit: coded rows, batches, the objective's steps, and the model's parts at the end.
 *
 * @module
 */
import type { ModelState } from '../core/model-state.js';
import type { Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';
import type { Samples } from '../core/samples.js';
import type { Backend } from '../neural/backend.js';
import { Learner } from '../neural/learner.js';
import { outputBiases } from '../neural/network.js';
import { Parameters } from '../neural/parameters.js';
import { scheduleFactor } from '../neural/schedule.js';
import { type TrainingPlace, train } from '../neural/training.js';
import { type TrainingShape, trainingFromState, trainingToState } from '../neural/training-state.js';
import { newContext, type Value } from '../neural/value.js';
import { type Architecture, parameterSpecs } from './architecture.js';
import { BOUND_METRICS, boundHistory } from './history.js';
import { type Batch, type Objective, objective } from './objective.js';
import type { Checked } from './options.js';
import type { ModelParts } from './state.js';

/** Row numbers of the two parts. */
export interface Split {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
}

/** What a fit has settled before it trains. */
export interface TrainerSettings {
  readonly owner: string;
  readonly settings: Checked;
  readonly networks: Architecture;
  readonly stream: RandomStream;
  readonly pacer: Pacer;
  readonly split: Split;
  readonly resume: ModelState | undefined;
  readonly onCheckpoint: ((checkpoint: () => ModelState) => void) | undefined;
}

/** What training watches: the objective first, which chooses the best epoch, then the parts of the bound. */
const METRICS = ['objective', ...BOUND_METRICS];

/** Trains one model. */
export class Trainer {
  readonly #given: TrainerSettings;
  readonly #learner: Learner;
  readonly #logJacobian: number;
  #coded = new Float32Array(0);
  #conditions = new Float32Array(0);

  constructor(given: TrainerSettings) {
    const { weightDecay, maxGradientNorm, averaging } = given.settings;
    this.#given = given;
    const parameters = new Parameters(parameterSpecs(given.networks), given.stream);
    this.#learner = new Learner(parameters, {
      weightDecay,
      maxGradientNorm,
      ...(averaging !== undefined && { averaging }),
    });
    this.#logJacobian = given.networks.code.logJacobian;
  }

  /** Codes all rows, once. */
  read(rows: Samples, conditions: Samples): void {
    const { owner, networks, settings, split } = this.#given;
    const { binarization } = settings;
    this.#coded = Float32Array.from(networks.code.encode(rows, { owner, name: 'rows', binarization }));
    const reader = { owner, name: 'given', binarization: 'refuse' } as const;
    this.#conditions = Float32Array.from(networks.givenCode.encode(conditions, reader));
    this.#startFromMarginals(split.training);
  }

  /** Sets the decoder's last biases to the logits of each column's own frequencies, where a fit would go first anyway. */
  #startFromMarginals(training: Uint32Array): void {
    const { code, decoder } = this.#given.networks;
    const biases = this.#learner.parameters.get(outputBiases(decoder));
    for (let k = code.continuous.length; k < code.width; k++) {
      let total = 0;
      for (const row of training) total += this.#coded[row * code.width + k];
      // One pseudo-row of each kind keeps logits finite (Laplace's rule).
      const frequency = (total + 1) / (training.length + 2);
      const isBinary = k < code.continuous.length + code.binary.length;
      biases[k] = Math.log(frequency) - (isBinary ? Math.log1p(-frequency) : 0);
    }
  }

  /** Trains, and gives the parts of the model. */
  async train(backend: Backend): Promise<ModelParts> {
    const { owner, settings, stream, pacer, split, resume, onCheckpoint, networks } = this.#given;
    const { epochs, batchSize, patience, warmup } = settings;
    const shape = this.#shape();
    const outcome = await train({
      owner,
      learners: [this.#learner],
      rows: split.training.length,
      batchSize,
      epochs,
      stream,
      pacer,
      phase: 'training',
      metrics: METRICS,
      step: (batch, place) => backend.run(() => this.#step(backend, batch, place)),
      ...(split.validation.length > 0 && { validate: (place) => this.#validate(backend, place) }),
      ...(patience !== undefined && { patience }),
      firstJudged: Math.min(warmup, epochs - 1),
      ...(resume !== undefined && { resume: trainingFromState(owner, shape, resume) }),
      onState: (state) => onCheckpoint?.(() => trainingToState(shape, state())),
    });
    const { parameters } = this.#learner;
    return {
      networks,
      parameters: new Map(parameters.places.map((place) => [place.name, parameters.part(place).slice()])),
      binarization: settings.binarization,
      densitySamples: settings.densitySamples,
      epochs: outcome.epochs,
      bestEpoch: outcome.bestEpoch,
      stoppedEarly: outcome.stoppedEarly,
      history: boundHistory(outcome.history),
      prior: undefined,
    };
  }

  #shape(): TrainingShape {
    const { split, settings } = this.#given;
    return {
      kind: 'VariationalAutoencoderTraining',
      learners: [{ size: this.#learner.parameters.values.length, averaging: settings.averaging !== undefined }],
      metrics: METRICS,
      validated: split.validation.length > 0,
    };
  }

  #step(backend: Backend, batch: Uint32Array, place: TrainingPlace): Float64Array {
    const { settings, networks, split } = this.#given;
    const rows = batch.map((index) => split.training[index]);
    const data = this.#batch(rows, place.stream);
    const rate = settings.learningRate * scheduleFactor(settings.schedule, place.progress);
    let metrics: Float64Array = new Float64Array(0);
    this.#learner.step(backend.kernels, rate, (parameters, context) => {
      const weights = { beta: this.#beta(place), freeBits: settings.freeBits };
      const parts = objective(networks, parameters, context, data, weights);
      metrics = this.#metrics(parts);
      return parts.loss;
    });
    return metrics;
  }

  /** beta, after a rise along a line over the epochs of the warm-up. */
  #beta({ step }: TrainingPlace): number {
    const { settings, split } = this.#given;
    const epochs = step / Math.ceil(split.training.length / settings.batchSize);
    return settings.beta * (epochs < settings.warmup ? epochs / settings.warmup : 1);
  }

  async #validate(backend: Backend, { stream }: TrainingPlace): Promise<Float64Array> {
    const { settings, networks, split, pacer } = this.#given;
    const rows = split.validation;
    const totals = new Float64Array(METRICS.length);
    for (let start = 0; start < rows.length; start += settings.batchSize) {
      const part = rows.subarray(start, start + settings.batchSize);
      const data = this.#batch(part, stream);
      const means = backend.run(() =>
        backend.kernels.scope(() => {
          const context = newContext(backend.kernels);
          const parameters = this.#learner.parameters.bind(context, 'constants');
          return this.#metrics(objective(networks, parameters, context, data, settings));
        }),
      );
      for (let k = 0; k < totals.length; k++) totals[k] += (means[k] * part.length) / rows.length;
      if (pacer.isDue) await pacer.breathe();
    }
    return totals;
  }

  /** Means over the batch in the data's units, added up in doubles: see {@link METRICS}. */
  #metrics({ loss, bound, reconstruction, regularization }: Objective): Float64Array {
    const [objective, elbo, fit] = [-meanOf(loss), meanOf(bound), meanOf(reconstruction)];
    const unit = this.#logJacobian;
    return Float64Array.of(objective + unit, elbo + unit, fit + unit, meanOf(regularization));
  }

  /** Rows, conditions and noise of a batch. */
  #batch(rows: Uint32Array, stream: RandomStream): Batch {
    const { networks, settings } = this.#given;
    const { code, givenCode, latentDimension } = networks;
    const samples = settings.importanceSamples;
    const coded = gather(this.#coded, code.width, rows);
    if (settings.binarization === 'stochastic') {
      for (let i = 0; i < rows.length; i++) code.drawBinary(coded, i, stream);
    }
    const noise = new Float32Array(rows.length * samples * latentDimension);
    for (let k = 0; k < noise.length; k++) noise[k] = stream.normal();
    return { rows: rows.length, coded, given: gather(this.#conditions, givenCode.width, rows), noise, samples };
  }
}

function gather(data: Float32Array, width: number, rows: Uint32Array): Float32Array {
  const gathered = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    gathered.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return gathered;
}

function meanOf({ context, handle }: Value): number {
  const values = context.kernels.read(handle);
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total / values.length;
}
