/**
 * The fitted variational autoencoder.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { allocateSamples, checkSampling, type GenerativeModel, type SampleOptions } from '../core/estimator.js';
import { type ModelJson, type ModelState, stateFromJson, stateToJson } from '../core/model-state.js';
import { freshSeed, RandomStream } from '../core/random.js';
import { Samples, type SamplesLike } from '../core/samples.js';
import { GaussianMixture, type GaussianMixtureModel, type GaussianMixtureOptions } from '../gmm/index.js';
import { readGiven } from '../neural/conditions.js';
import { readCodes, readCount, readMethodOptions, readRows } from './arguments.js';
import { boundOf, type CodedRow, densityOf, type RowDensity } from './estimates.js';
import { copyHistory, type VariationalAutoencoderHistory } from './history.js';
import { activeColumns, line } from './latent.js';
import { exportDecoder } from './onnx-decoder.js';
import { PlainNetworks } from './plain-networks.js';
import { mixturePrior, type Prior, standardNormal } from './prior.js';
import type { Bound, DensityEstimate, DrawOptions, GivenOptions } from './results.js';
import { fromState, type ModelParts, parametersOf, toState } from './state.js';

/** Draws per row of `elbo`, unless told otherwise: its standard deviation falls to a quarter of one draw's. */
const ELBO_SAMPLES = 16;
/** Rows that are decoded at once when sampling, which bounds memory. */
const CHUNK = 1024;

/**
 * A fitted variational autoencoder: codes z ~ p(z), rows x ~ p(x | z).
 *
 * All methods run in plain doubles on the float32 weights that training found: they are synchronous, need no TensorFlow,
 * and give the same bits after saving and loading, whichever backend trained.
 *
 * See {@link VariationalAutoencoder} for references and an example.
 */
export class VariationalAutoencoderModel implements GenerativeModel {
  readonly densityKind = 'estimate';
  /** Number of columns, d. */
  readonly dimension: number;
  /** Number of latent columns, L. */
  readonly latentDimension: number;
  /** Epochs trained. */
  readonly epochs: number;
  /** The epoch, counted from 0, whose parameters these are. */
  readonly bestEpoch: number;
  /** Whether training ended because held-out rows no longer gained. */
  readonly stoppedEarly: boolean;
  readonly #parts: ModelParts;
  readonly #networks: PlainNetworks;
  readonly #prior: Prior;

  private constructor(parts: ModelParts) {
    this.#parts = parts;
    this.#networks = new PlainNetworks(parts.networks, (name) => parametersOf(parts.parameters, name));
    this.dimension = parts.networks.code.kinds.length;
    this.latentDimension = parts.networks.latentDimension;
    this.epochs = parts.epochs;
    this.bestEpoch = parts.bestEpoch;
    this.stoppedEarly = parts.stoppedEarly;
    this.#prior = parts.prior === undefined ? standardNormal(this.latentDimension) : mixturePrior(parts.prior);
    Object.freeze(this);
  }

  /** @internal */
  static fromParts(parts: ModelParts): VariationalAutoencoderModel {
    return new VariationalAutoencoderModel(parts);
  }

  /** The bound epoch by epoch, in nats per row; a copy. */
  get history(): VariationalAutoencoderHistory {
    return copyHistory(this.#parts.history);
  }

  /** s of each continuous column given the code, in the data's units. */
  get standardDeviations(): Float64Array {
    const { code } = this.#parts.networks;
    return this.#networks.variances.map((variance, k) => Math.sqrt(variance) * code.scales[code.continuous[k]]);
  }

  /** The mixture that codes are drawn from, after {@link fitPrior}; otherwise codes are standard normal. */
  get prior(): GaussianMixtureModel | undefined {
    return this.#parts.prior;
  }

  /**
   * Draws rows: a code from the prior, then a row from the decoder's law at that code.
   *
   * @param options - The seed, and for a conditional model what is given: one row for each draw, or one for all.
   * @throws ModelError `invalid-option` for a bad count, seed or condition.
   */
  sample(count: number, options?: SampleOptions & GivenOptions): Samples {
    const owner = 'VariationalAutoencoderModel.sample';
    const read = readMethodOptions(owner, options, 'seed');
    const { seed } = checkSampling(owner, count, read.has('seed') ? { seed: read.get('seed') } : {});
    const { givenCode } = this.#parts.networks;
    const given = readGiven(owner, this.#parts.networks.givenCode, read.get('given'), count);
    const stream = RandomStream.of(seed ?? freshSeed(), owner);
    const [codes, values] = [stream.child('codes'), stream.child('rows')];
    const rows = allocateSamples(owner, count, this.dimension);
    for (let first = 0; first < count; first += CHUNK) {
      const size = Math.min(CHUNK, count - first);
      const conditions =
        given.length === givenCode.width
          ? given
          : given.subarray(first * givenCode.width, (first + size) * givenCode.width);
      const decoded = this.#networks.decode(this.#prior.draw(size, codes), conditions, size);
      this.#networks.draw(decoded, size, values, rows, first);
    }
    return new Samples(rows, count, this.dimension);
  }

  /**
   * log p(x) of each row by importance sampling with the option `densitySamples` draws; see {@link estimateLogDensity}.
   *
   * Cost: one pass of the decoder per row and draw.
   *
   * @throws ModelError for rows or conditions that will not do.
   */
  logDensity(rows: SamplesLike, options?: GivenOptions): Float64Array {
    const owner = 'VariationalAutoencoderModel.logDensity';
    const coded = this.#read(owner, rows, readMethodOptions(owner, options));
    return Float64Array.from(coded, (row) => this.#density(row, this.#parts.densitySamples).logDensity);
  }

  /**
   * log p(x) of each row by importance sampling, with its standard error and effective sample size.
   *
   *     p(x) ~ 1/K sum_k p(x|z_k) p(z_k) / r(z_k),   z_k ~ r = 0.9 q(z|x) + 0.1 p(z)
   *
   * The draws of a row are fixed by the row itself, so that results repeat. For K < 10 all draws come from q, and the
   * expectation of the estimate is the importance-weighted bound L_K.
   *
   * Reference: Burda, Grosse & Salakhutdinov (2016), arXiv:1509.00519.
   */
  estimateLogDensity(rows: SamplesLike, options?: DrawOptions): DensityEstimate {
    const owner = 'VariationalAutoencoderModel.estimateLogDensity';
    const read = readMethodOptions(owner, options, 'samples');
    const samples = readCount(owner, read, 'samples', this.#parts.densitySamples);
    const densities = this.#read(owner, rows, read).map((row) => this.#density(row, samples));
    return {
      logDensity: Float64Array.from(densities, ({ logDensity }) => logDensity),
      standardError: Float64Array.from(densities, ({ standardError }) => standardError),
      effectiveSampleSize: Float64Array.from(densities, ({ effectiveSampleSize }) => effectiveSampleSize),
    };
  }

  /**
   * The evidence lower bound of each row, elbo <= log p(x), and its two parts, in nats with all constants.
   *
   * The reconstruction is a mean over draws of the code, 16 unless told otherwise; the regularisation is analytic.
   */
  elbo(rows: SamplesLike, options?: DrawOptions): Bound {
    const owner = 'VariationalAutoencoderModel.elbo';
    const read = readMethodOptions(owner, options, 'samples');
    const samples = readCount(owner, read, 'samples', ELBO_SAMPLES);
    const prior = this.#parts.prior === undefined ? undefined : this.#prior;
    const bounds = this.#read(owner, rows, read).map((row) => boundOf(this.#networks, row, samples, prior));
    return {
      elbo: Float64Array.from(bounds, ({ reconstruction, regularization }) => reconstruction - regularization),
      reconstruction: Float64Array.from(bounds, ({ reconstruction }) => reconstruction),
      regularization: Float64Array.from(bounds, ({ regularization }) => regularization),
    };
  }

  /** The posterior q(z|x) of each row: means and variances, n x L. */
  encode(rows: SamplesLike, options?: GivenOptions): { means: Samples; variances: Samples } {
    const owner = 'VariationalAutoencoderModel.encode';
    const coded = this.#read(owner, rows, readMethodOptions(owner, options));
    const matrix = (entry: (row: CodedRow) => Float64Array): Samples => {
      const data = new Float64Array(coded.length * this.latentDimension);
      coded.forEach((row, i) => {
        data.set(entry(row), i * this.latentDimension);
      });
      return new Samples(data, coded.length, this.latentDimension);
    };
    return {
      means: matrix(({ posterior }) => posterior.means),
      variances: matrix(({ posterior }) => posterior.logVariances.map(Math.exp)),
    };
  }

  /** The middle of p(x|z) at each code: the mean, the probability of a 1, or the likeliest category of each column. */
  decode(codes: SamplesLike, options?: GivenOptions): Samples {
    const owner = 'VariationalAutoencoderModel.decode';
    const points = readCodes(owner, codes, this.latentDimension);
    const given = readGiven(
      owner,
      this.#parts.networks.givenCode,
      readMethodOptions(owner, options).get('given'),
      points.rows,
    );
    const decoded = this.#networks.decode(points.data, given, points.rows);
    return new Samples(this.#networks.centers(decoded, points.rows), points.rows, this.dimension);
  }

  /** Each row by way of its code: `decode(encode(rows).means)`. */
  reconstruct(rows: SamplesLike, options?: GivenOptions): Samples {
    return this.decode(this.encode(rows, options).means, options);
  }

  /**
   * Rows on the way from one row to another: decoded from codes on the line between theirs, both ends included.
   *
   * @param steps - Number of rows, at least 2.
   */
  interpolate(from: ArrayLike<number>, to: ArrayLike<number>, steps: number, options?: GivenOptions): Samples {
    const owner = 'VariationalAutoencoderModel.interpolate';
    if (!Number.isSafeInteger(steps) || steps < 2) {
      throw modelError('invalid-option', { owner, must: 'steps must be an integer >= 2', got: steps });
    }
    const { means } = this.encode([from, to], options);
    const codes = line(means.row(0), means.row(1), steps);
    const given = readMethodOptions(owner, options).get('given') as SamplesLike | undefined;
    return this.decode(codes, given === undefined ? {} : { given });
  }

  /**
   * Which latent columns carry anything: those whose posterior mean varies over rows by more than `threshold`.
   *
   * Reference: Burda et al. (2016), arXiv:1509.00519, section 5.2, with their threshold of 0.01 on the variance.
   */
  activeUnits(rows: SamplesLike, options?: GivenOptions & { readonly threshold?: number }): number[] {
    const owner = 'VariationalAutoencoderModel.activeUnits';
    const read = readMethodOptions(owner, options, 'threshold');
    const threshold = read.get('threshold') ?? 0.01;
    if (!(typeof threshold === 'number' && threshold >= 0)) {
      throw modelError('invalid-option', { owner, must: 'option "threshold" must be a number >= 0', got: threshold });
    }
    return activeColumns(
      this.#read(owner, rows, read).map(({ posterior }) => posterior),
      threshold,
    );
  }

  /**
   * Mean code length of rows per column, in bits: -log2(p(x) resolution^c) / d for c continuous columns of d, when each is
   * stored to the given resolution, in its own units.
   */
  bitsPerDimension(rows: SamplesLike, options?: DrawOptions & { readonly resolution?: number }): number {
    const owner = 'VariationalAutoencoderModel.bitsPerDimension';
    const read = readMethodOptions(owner, options, 'samples', 'resolution');
    const resolution = read.get('resolution') ?? 1;
    if (!(typeof resolution === 'number' && resolution > 0 && resolution < Number.POSITIVE_INFINITY)) {
      throw modelError('invalid-option', { owner, must: 'option "resolution" must be a number > 0', got: resolution });
    }
    const samples = readCount(owner, read, 'samples', this.#parts.densitySamples);
    const coded = this.#read(owner, rows, read);
    const total = coded.reduce((sum, row) => sum + this.#density(row, samples).logDensity, 0);
    const nats = total / coded.length + this.#parts.networks.code.continuous.length * Math.log(resolution);
    return -nats / (this.dimension * Math.LN2);
  }

  /**
   * The same model with codes drawn from a Gaussian mixture, fitted to one draw of each row's posterior: samples then come
   * from where the rows' codes really lie. `sample`, `logDensity` and `elbo` of the new model follow the new prior.
   *
   * @throws ModelError by rejection, as `GaussianMixture` does.
   */
  async fitPrior(
    rows: SamplesLike,
    options?: GaussianMixtureOptions & GivenOptions,
  ): Promise<VariationalAutoencoderModel> {
    const { given, ...mixture } = options ?? {};
    const { means, variances } = this.encode(rows, given === undefined ? {} : { given });
    const stream = RandomStream.of(mixture.seed ?? freshSeed(), 'VariationalAutoencoderModel.fitPrior');
    const draws = means.data.map((mean, k) => mean + Math.sqrt(variances.data[k]) * stream.normal());
    const codes = new Samples(draws, means.rows, means.columns);
    return new VariationalAutoencoderModel({ ...this.#parts, prior: await new GaussianMixture(mixture).fit(codes) });
  }

  /**
   * The decoder as the bytes of an ONNX file (opset 13): input `code` of n x L, and `given` coded as the network sees it
   * for a conditional model; output `centers`, as {@link decode} gives, but probabilities for each category.
   *
   * Reference: https://onnx.ai/onnx/repo-docs/IR.html.
   */
  decoderToOnnx(): Uint8Array {
    return exportDecoder(this.#parts.networks, (name) => parametersOf(this.#parts.parameters, name));
  }

  /** All there is to the model, as numbers and names: what is written to files. It holds no training rows. */
  toState(): ModelState {
    return toState(this.#parts);
  }

  /** The model as plain JSON; {@link fromJSON} reads it back to the bit. */
  toJSON(): ModelJson {
    return stateToJson(this.toState());
  }

  /** @throws ModelError `invalid-model-file` for a state that is no such model. */
  static fromState(state: ModelState): VariationalAutoencoderModel {
    return new VariationalAutoencoderModel(fromState(state));
  }

  /**
   * Reads what `JSON.stringify(model)` or `model.toJSON()` gave.
   *
   * @throws ModelError `invalid-model-file` for anything else.
   */
  static fromJSON(json: unknown): VariationalAutoencoderModel {
    return VariationalAutoencoderModel.fromState(stateFromJson(json, 'VariationalAutoencoderModel.fromJSON'));
  }

  #read(owner: string, rows: SamplesLike, options: ReadonlyMap<string, unknown>): CodedRow[] {
    return readRows(owner, this.#networks, this.#parts.binarization, rows, options.get('given'));
  }

  #density(row: CodedRow, samples: number): RowDensity {
    return densityOf(this.#networks, row, samples, this.#prior);
  }
}
