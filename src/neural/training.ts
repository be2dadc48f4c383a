/**
 * The one training loop: epochs of shuffled minibatches, validation, early stopping, history.
 *
 * It knows nothing of objectives. A plan says what one step does, to however many learners in whatever order.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';
import type { Learner, LearnerState } from './learner.js';

/** Where the training stands. */
export interface TrainingPlace {
  /** From 0. */
  readonly epoch: number;
  /** Steps done so far over all epochs. */
  readonly step: number;
  /** Fraction of all steps that is done, in [0, 1). */
  readonly progress: number;
  /** Draws of this epoch: fixed by the seed and the epoch, so that a resumed training repeats them. */
  readonly stream: RandomStream;
}

/** What is to be trained, and how. */
export interface TrainingPlan {
  /** Who complains, such as `VariationalAutoencoder.fit`. */
  readonly owner: string;
  readonly learners: readonly Learner[];
  /** Number of training rows. */
  readonly rows: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly stream: RandomStream;
  readonly pacer: Pacer;
  /** What comes before the number of the epoch in reports of progress. */
  readonly phase: string;
  /** Names of the numbers that {@link TrainingPlan.step} returns; the first is the objective, larger is better. */
  readonly metrics: readonly string[];
  /** Updates the learners on some rows, and returns the mean of each metric over them. */
  readonly step: (rows: Uint32Array, place: TrainingPlace) => ArrayLike<number>;
  /** The same metrics on rows held out, while the learners hold the parameters to judge; left out where there are none. */
  readonly validate?: (place: TrainingPlace) => Promise<ArrayLike<number>>;
  /** Stops when the first validation metric has not improved for so many epochs. */
  readonly patience?: number;
  /** First epoch that may become the best: before it, the objective is another one, such as during a warm-up. */
  readonly firstJudged?: number;
  /** Goes on from here. */
  readonly resume?: TrainingState;
  /** Called after each epoch with all that is needed to go on. */
  readonly onState?: (state: () => TrainingState) => void;
}

/** A training that can go on. */
export interface TrainingState {
  /** Epochs done. */
  readonly epochs: number;
  readonly steps: number;
  readonly learners: readonly LearnerState[];
  readonly history: TrainingHistory;
  /** The epoch of the best validation and its parameters, where there is validation. */
  readonly best: BestEpoch | undefined;
}

/** The best epoch so far. */
export interface BestEpoch {
  /** From 0. */
  readonly epoch: number;
  readonly objective: number;
  readonly parameters: readonly Float32Array[];
}

/** Metrics by name, one number per epoch; those of validation rows are in `validation`. */
export interface TrainingHistory {
  readonly training: Readonly<Record<string, readonly number[]>>;
  readonly validation: Readonly<Record<string, readonly number[]>>;
}

/** How a training ended. */
export interface TrainingOutcome {
  readonly history: TrainingHistory;
  /** Epochs done, those before a resumption included. */
  readonly epochs: number;
  /** The epoch, from 0, whose parameters the learners now hold. */
  readonly bestEpoch: number;
  /** Whether it ended because the validation metric no longer improved. */
  readonly stoppedEarly: boolean;
}

/**
 * Trains, and leaves in the learners the parameters of the best epoch, or of the last where nothing was held out.
 *
 * Metrics of training rows are means over the epoch's steps, while the parameters moved; those of validation rows
 * belong to the parameters at the end of the epoch.
 *
 * @throws ModelError `diverged` when a metric is no longer finite; the signal's reason when aborted.
 */
export async function train(plan: TrainingPlan): Promise<TrainingOutcome> {
  const run = new TrainingRun(plan);
  while (!run.isOver) await run.epoch();
  return run.finish();
}

type Lists = Record<string, number[]>;

class TrainingRun {
  readonly #plan: TrainingPlan;
  readonly #training: Lists = {};
  readonly #validation: Lists = {};
  #epochs = 0;
  #steps = 0;
  #best: BestEpoch | undefined;

  constructor(plan: TrainingPlan) {
    this.#plan = plan;
    const { resume } = plan;
    for (const name of plan.metrics) {
      this.#training[name] = [...(resume?.history.training[name] ?? [])];
      if (plan.validate !== undefined) this.#validation[name] = [...(resume?.history.validation[name] ?? [])];
    }
    if (resume === undefined) return;
    this.#epochs = resume.epochs;
    this.#steps = resume.steps;
    this.#best = resume.best;
    resume.learners.forEach((state, index) => {
      plan.learners[index].restore(state);
    });
  }

  get isOver(): boolean {
    return this.#epochs >= this.#plan.epochs || this.#hasStalled;
  }

  get #hasStalled(): boolean {
    const { patience } = this.#plan;
    return patience !== undefined && this.#best !== undefined && this.#epochs - 1 - this.#best.epoch >= patience;
  }

  async epoch(): Promise<void> {
    const { metrics, validate, pacer, onState, phase, epochs } = this.#plan;
    const stream = this.#plan.stream.child('epoch', this.#epochs);
    const means = await this.#pass(stream);
    metrics.forEach((name, k) => {
      this.#training[name].push(means[k]);
    });
    if (validate !== undefined) await this.#judge(validate);
    this.#epochs++;
    onState?.(() => this.#state());
    const shown = validate === undefined ? this.#training : this.#validation;
    const objective = shown[metrics[0]][this.#epochs - 1];
    await pacer.step({ phase, completed: this.#epochs, total: epochs, objective });
  }

  /** One pass over all rows in random order; the mean of each metric over rows. */
  async #pass(stream: RandomStream): Promise<Float64Array> {
    const { rows, batchSize, step, pacer, metrics } = this.#plan;
    const order = stream.child('order').permutation(rows);
    const draws = stream.child('draws');
    const totals = new Float64Array(metrics.length);
    for (let start = 0; start < rows; start += batchSize) {
      const batch = order.subarray(start, Math.min(rows, start + batchSize));
      const values = step(batch, this.#place(draws));
      for (let k = 0; k < totals.length; k++) {
        if (!Number.isFinite(values[k])) throw this.#diverged(metrics[k], values[k], start / batchSize);
        totals[k] += values[k] * batch.length;
      }
      this.#steps++;
      if (pacer.isDue) await pacer.breathe();
    }
    return totals.map((total) => total / rows);
  }

  #place(stream: RandomStream): TrainingPlace {
    const { rows, batchSize, epochs } = this.#plan;
    const progress = this.#steps / (epochs * Math.ceil(rows / batchSize));
    return { epoch: this.#epochs, step: this.#steps, progress, stream };
  }

  async #judge(validate: NonNullable<TrainingPlan['validate']>): Promise<void> {
    const { metrics, learners, firstJudged = 0 } = this.#plan;
    const restore = learners.map((learner) => learner.showBest());
    // The same draws after every epoch, so that epochs differ by their parameters only.
    const values = await validate(this.#place(this.#plan.stream.child('validation')));
    for (const back of restore) back();
    metrics.forEach((name, k) => {
      this.#validation[name].push(values[k]);
    });
    // A bad epoch on held-out rows is no reason to stop; it just is not the best.
    if (this.#epochs < firstJudged || !(values[0] > (this.#best?.objective ?? Number.NEGATIVE_INFINITY))) return;
    const parameters = learners.map((learner) => learner.best.slice());
    this.#best = { epoch: this.#epochs, objective: values[0], parameters };
  }

  #diverged(metric: string, value: number, step: number): Error {
    return modelError('diverged', {
      owner: this.#plan.owner,
      must: `the ${metric} must stay finite in training, but in epoch ${this.#epochs + 1}, step ${step + 1} it was ${value}`,
      remedy: 'Lower learningRate or set maxGradientNorm',
    });
  }

  #state(): TrainingState {
    return {
      epochs: this.#epochs,
      steps: this.#steps,
      learners: this.#plan.learners.map((learner) => learner.snapshot()),
      history: this.#history(),
      best: this.#best,
    };
  }

  #history(): TrainingHistory {
    const copy = (lists: Lists): Lists =>
      Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list]]));
    return { training: copy(this.#training), validation: copy(this.#validation) };
  }

  finish(): TrainingOutcome {
    const best = this.#best;
    this.#plan.learners.forEach(({ parameters, best: last }, k) => {
      parameters.values.set(best?.parameters[k] ?? last);
    });
    return {
      history: this.#history(),
      epochs: this.#epochs,
      bestEpoch: best?.epoch ?? this.#epochs - 1,
      stoppedEarly: this.#epochs < this.#plan.epochs,
    };
  }
}
