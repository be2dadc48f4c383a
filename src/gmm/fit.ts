/**
 * One call of `fit`, from standardised rows to the model.
 *
 * @module
 */
import { ModelError, type ModelErrorCode, modelError } from '../core/errors.js';
import { cholesky } from '../core/linalg.js';
import type { Pacer } from '../core/progress.js';
import { freshSeed, RandomStream, type Seed } from '../core/random.js';
import { type Candidate, isBetter, isCollapse } from './candidates.js';
import { heldUp } from './collapse.js';
import { makePrior } from './conjugate-prior.js';
import { isDiagonal } from './covariance-type.js';
import type { WeightedRows } from './expectation.js';
import { type Point, type Run, type RunSettings, runToEnd } from './expectation-maximization.js';
import { GaussianMixtureModel } from './gaussian-mixture-model.js';
import { overallCovariance } from './initialization.js';
import type { MaximizationRules } from './maximization.js';
import type { CheckedOptions } from './options.js';
import { componentOrder, type MixtureParameters, reorder, SpareCovariances } from './parameters.js';
import { logVolume, type Standardization, toDataUnits } from './standardization.js';
import { bestStart, makeStart, type ShortRun } from './starts.js';
import { runWarnings } from './warnings.js';

/** What restart `index` of a fit came to, for a thread to send back. */
export type Attempt = Candidate | Failure;

/** Why there is no candidate: its covariances collapsed for good. */
interface Failure {
  readonly code: ModelErrorCode;
  readonly message: string;
}

/** All that the restarts of a fit share, as plain data. */
export interface RestartInput {
  readonly owner: string;
  readonly options: CheckedOptions & { readonly seed: Seed };
  readonly rows: WeightedRows;
  readonly map: Standardization;
  readonly overall: Float64Array;
  /** How many there are. */
  readonly starts: number;
}

/** Runs restarts elsewhere: one attempt for each, in order, or none where that would not pay. */
export type RestartRunner = (input: RestartInput) => Promise<readonly Attempt[]>;

/** Runs EM from each start, and makes the best into a model. */
export class Fit {
  readonly #owner: string;
  readonly #options: CheckedOptions;
  readonly #rows: WeightedRows;
  readonly #map: Standardization;
  readonly #pacer: Pacer;
  readonly #spare: SpareCovariances = new SpareCovariances();

  constructor(owner: string, options: CheckedOptions, rows: WeightedRows, map: Standardization, pacer: Pacer) {
    this.#owner = owner;
    this.#options = options;
    this.#rows = rows;
    this.#map = map;
    this.#pacer = pacer;
  }

  async run(elsewhere?: RestartRunner): Promise<GaussianMixtureModel> {
    return this.finish(await this.best(elsewhere));
  }

  /** The best of the starts, the first of equals. */
  async best(elsewhere?: RestartRunner): Promise<Candidate> {
    const { components, covariance, initialization, restarts } = this.#options;
    const overall = await this.#overall();
    this.#checkRank(overall, this.rules(overall));
    const isFixed = typeof initialization !== 'string' || initialization === 'splitting';
    const starts = components === 1 || isFixed ? 1 : restarts;
    const options = { ...this.#options, seed: this.#options.seed ?? freshSeed() };
    const input = { owner: this.#owner, options, rows: this.#rows, map: this.#map, overall, starts };
    const attempts = starts > 1 && elsewhere ? await elsewhere(input) : [];
    let best: Candidate | undefined;
    let failure: Failure | undefined;
    for (let index = 0; index < starts; index++) {
      const attempt = attempts[index] ?? (await this.attempt(input, index));
      if ('code' in attempt) failure = attempt;
      else if (best === undefined || isBetter(attempt, best, covariance)) best = attempt;
    }
    if (best) return best;
    throw new ModelError((failure as Failure).code, (failure as Failure).message);
  }

  /** One restart: the same on any thread. */
  async attempt({ options, overall, starts }: RestartInput, index: number): Promise<Attempt> {
    const stream = RandomStream.of(options.seed, 'GaussianMixture.fit').child('restart', index);
    const phase = starts === 1 ? 'EM' : `EM, restart ${index + 1} of ${starts}`;
    try {
      const { run, held } = await this.#runOnce(overall, this.rules(overall), stream, phase);
      const { last: _, ...rest } = run;
      return { run: rest, held };
    } catch (error) {
      if (!isCollapse(error)) throw error;
      const { code, message } = error as ModelError;
      return { code, message };
    }
  }

  /** What the M-steps hold to, with the prior for rows of this covariance. */
  rules(overall: Float64Array): MaximizationRules {
    const { components, covariance, equalWeights, frozen, prior, regularization: ridge } = this.#options;
    const options = prior === 'conjugate' ? {} : prior;
    return {
      covariance,
      equalWeights,
      ridge,
      prior: options === 'none' ? undefined : makePrior(options, covariance, components, overall, ridge, this.#map),
      frozen: {
        weights: frozen.includes('weights'),
        means: frozen.includes('means'),
        covariances: frozen.includes('covariances'),
      },
    };
  }

  /** Runs EM from given parameters in standardised units. */
  async runFrom(start: MixtureParameters, phase: string): Promise<Candidate> {
    const overall = await this.#overall();
    const rules = this.rules(overall);
    this.#checkRank(overall, rules);
    return this.#runTo(this.#rows, start, rules, phase, this.#options);
  }

  /** The covariance of all rows, as far as anybody asks for it. */
  async #overall(): Promise<Float64Array> {
    const { covariance, prior } = this.#options;
    if (this.#rows.incomplete) return this.#rows.incomplete.overall;
    if (isDiagonal(covariance) && prior === 'none') return diagonalMatrix(this.#map.variances);
    return overallCovariance(this.#rows, this.#pacer);
  }

  async #runOnce(
    overall: Float64Array,
    rules: MaximizationRules,
    stream: RandomStream,
    phase: string,
  ): Promise<Candidate> {
    const { components, initialization, maxIterations } = this.#options;
    const isDrawn = typeof initialization === 'string' && initialization !== 'splitting' && components > 1;
    if (!isDrawn || maxIterations === 0) {
      const start = await makeStart(this.#options, this.#rows, this.#map, overall, rules, stream, this.#pacer);
      return this.#runTo(this.#rows, start, rules, phase, this.#options);
    }
    const options = { ...this.#options, initialization };
    const shortRun: ShortRun = (rows, from, end) => this.#runTo(rows, from, rules, `${phase}, short run`, end);
    const start = await bestStart(options, this.#rows, overall, rules, stream, this.#pacer, this.#spare, shortRun);
    return this.#runTo(this.#rows, start, rules, phase, this.#options);
  }

  async #runTo(
    rows: WeightedRows,
    start: MixtureParameters | Point | Run,
    rules: MaximizationRules,
    phase: string,
    { maxIterations, pauseAfter, tolerance }: Pick<RunSettings, 'maxIterations' | 'pauseAfter' | 'tolerance'>,
  ): Promise<Candidate> {
    const accelerated = this.#options.acceleration !== 'none';
    const [owner, logVolume] = [this.#owner, this.#logVolume];
    const end = { maxIterations, pauseAfter, tolerance };
    const settings: RunSettings = { ...rules, owner, phase, ...end, accelerated, logVolume, spare: this.#spare };
    const run = await runToEnd(rows, start, settings, this.#pacer);
    return { run, held: heldUp(run.parameters, rows.total, rules) };
  }

  /** Refuses collinear columns, of which full matrices without a ridge or a prior of one's own would be singular. */
  #checkRank(overall: Float64Array, { covariance, frozen, prior, ridge }: MaximizationRules): void {
    const d = this.#rows.columns;
    if (isDiagonal(covariance) || frozen.covariances) return;
    const ridged = overall.map((entry, at) => entry + (at % (d + 1) === 0 ? ridge : 0));
    if (cholesky(prior ? prior.scale : ridged, d)) return;
    throw modelError('degenerate-data', {
      owner: this.#owner,
      must: `rows must span all ${d} columns, but some column is a linear function of the others`,
      remedy: 'Leave it out, raise "regularization", or set "covariance" to "diagonal"',
    });
  }

  get #logVolume(): number {
    return this.#rows.incomplete?.logVolume ?? logVolume(this.#map);
  }

  /** Makes a model of a run: in the data's units, its components in order. */
  finish({ run, held }: Candidate, rows: number = this.#rows.total): GaussianMixtureModel {
    const { covariance, equalWeights, frozen, initialization, missing, prior } = this.#options;
    const parameters = toDataUnits(run.parameters, this.#map, this.#spare.take());
    const order =
      typeof initialization === 'string'
        ? componentOrder(parameters)
        : Array.from({ length: parameters.components }, (_, k) => k);
    const volume = this.#logVolume;
    return GaussianMixtureModel.fromFit(reorder(parameters, order), {
      covariance,
      equalWeights,
      converged: run.converged,
      iterations: run.iterations,
      history: run.history.map((objective) => objective - volume),
      warnings: runWarnings(run, held, order, this.#options),
      collapsed: held.map((k) => order.indexOf(k)).sort((a, b) => a - b),
      missing,
      objective: prior === 'none' ? 'log-likelihood' : 'log-posterior',
      frozen,
      rows,
    });
  }
}

function diagonalMatrix(entries: Float64Array): Float64Array {
  const d = entries.length;
  const matrix = new Float64Array(d * d);
  entries.forEach((entry, j) => {
    matrix[j * (d + 1)] = entry;
  });
  return matrix;
}
