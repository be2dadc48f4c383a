/**
 * The kernel density as a distribution: its parameters, its densities, its probabilities, its draws.
 *
 * @module
 */
import { checkSampling, type GenerativeModel, type SampleOptions } from '../core/estimator.js';
import type { ModelJson, ModelState } from '../core/model-state.js';
import { Samples, type SamplesLike, viewSamples } from '../core/samples.js';
import type { KernelName } from '../kernels/index.js';
import { asMatrix } from './bandwidth.js';
import type { Bounds } from './bounds.js';
import type { Density } from './density.js';
import { gradientAt } from './gradient.js';
import { densityOnGrid, type GridDensity, type GridOptions } from './grid.js';
import { findModes, type Modes } from './modes.js';
import {
  type BoxProbability,
  checkBox,
  checkOneColumn,
  checkProbabilities,
  drawnProbability,
  isProduct,
  productProbability,
} from './probability.js';
import { quantileAt, supportOf } from './quantile.js';
import { drawRows, runningSums } from './sampling.js';

/** What can be asked of a kernel density, however it came about: the part that {@link KernelDensityModel} stands on. */
export abstract class KernelDensityDistribution implements GenerativeModel {
  /** Densities are exact to {@link relativeTolerance}. */
  readonly densityKind = 'exact';
  readonly #density: Density;
  /** Running sums of the weights; `undefined` for weights of 1. */
  readonly #cumulative: Float64Array | undefined;

  /** @internal */
  protected constructor(density: Density) {
    this.#density = density;
    this.#cumulative = density.fitted.weights && runningSums(density.fitted.weights);
  }

  /** Number of columns, d. */
  get dimension(): number {
    return this.#density.fitted.samples.columns;
  }

  /** Number of rows that carry weight: those that the density is made of. */
  get rows(): number {
    return this.#density.fitted.samples.rows;
  }

  /** The kernel's name. */
  get kernel(): KernelName {
    return this.#density.fitted.kernel;
  }

  /** The bandwidth of each column, in the kernel's own scale, h_j = sqrt(H_jj); a copy. */
  get bandwidth(): Float64Array {
    return this.#density.fitted.bandwidth.columns.slice();
  }

  /** The bandwidth as the matrix H of squared scales, d x d; a copy. */
  get bandwidthMatrix(): Samples {
    return new Samples(asMatrix(this.#density.fitted.bandwidth), this.dimension, this.dimension);
  }

  /** One factor to the bandwidth for each row that carries weight, where it adapts to the density; a copy. */
  get bandwidthFactors(): Float64Array | undefined {
    return this.#density.fitted.factors?.slice();
  }

  /** The bounds of each column, as given; `undefined` for a density without bounds. */
  get bounds(): Bounds | undefined {
    return this.#density.fitted.bounds;
  }

  /** The tolerance within which densities are exact, relative to the density itself. */
  get relativeTolerance(): number {
    return this.#density.fitted.relativeTolerance;
  }

  /**
   * Draws rows: a row of the data, picked by weight, plus bandwidth times a draw from the kernel. Exact for each kernel.
   *
   * Cost: O(d^2 + log n) per row.
   *
   * @throws ModelError `invalid-option` for a bad count or seed.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ kernel: 'tophat', bandwidth: 0.5 }).fit([[0, 0], [9, 9]]);
   * model.sample(3, { seed: 1 }).rows; // 3
   */
  sample(count: number, options?: SampleOptions): Samples {
    const owner = 'KernelDensityModel.sample';
    const { seed } = checkSampling(owner, count, options);
    return drawRows(this.#density, this.#cumulative, count, seed, owner);
  }

  /**
   * log f(x) of each row, in nats; `-Infinity` beyond the reach of a compact kernel, never `NaN`.
   *
   * Each density is within {@link relativeTolerance} of the exact sum, wherever the row lies, and depends on no other row
   * of the call. Far in the tails of the gaussian and exponential kernels, where the density underflows, its logarithm is
   * still right.
   *
   * Cost: O(log n) plus the rows of the data that matter at the tolerance, for each row. Under a gaussian kernel in one or two
   * dimensions rows within half a bandwidth share a part of that: large batches take a third of the time a row, one by one.
   *
   * @throws ModelError for rows of another width or with numbers that are not finite.
   */
  logDensity(rows: SamplesLike): Float64Array {
    const owner = 'KernelDensityModel.logDensity';
    const queries = viewSamples(rows, { owner, columns: this.dimension });
    return this.#density.logDensity(queries);
  }

  /**
   * The gradient of log f at each row, one row each; zeros where there is no density, and where a kernel has a cusp or a
   * step it counts as level.
   *
   *     grad log f = H^-1 sum_i w_i g(t_i) (x_i - x) / sum_i w_i k(t_i),    g(t) = -2 k'(t).
   *
   * Each entry is off by at most {@link relativeTolerance} divided by the bandwidth.
   *
   * @throws ModelError for rows of another width or with numbers that are not finite.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ bandwidth: 2 }).fit([[0], [0]]);
   * model.logDensityGradient([[1]]).get(0, 0); // -0.25
   */
  logDensityGradient(rows: SamplesLike): Samples {
    const owner = 'KernelDensityModel.logDensityGradient';
    const queries = viewSamples(rows, { owner, columns: this.dimension });
    const gradient = new Float64Array(queries.data.length);
    for (let i = 0; i < queries.rows; i++) {
      gradientAt(this.#density, queries.data, i * queries.columns, gradient);
    }
    return new Samples(gradient, queries.rows, queries.columns);
  }

  /**
   * F(x) = P(X <= x) of each row, for densities of one column.
   *
   * Each value is within {@link relativeTolerance} of itself, also far out in the lower tail. Cost: as {@link logDensity}.
   *
   * @throws ModelError `shape-mismatch` for densities of more columns, and for rows that will not do.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ bandwidth: 1 }).fit([[-1], [1]]);
   * model.cdf([[0]])[0]; // 0.5
   */
  cdf(rows: SamplesLike): Float64Array {
    const owner = 'KernelDensityModel.cdf';
    checkOneColumn(this.dimension, owner);
    const queries = viewSamples(rows, { owner, columns: 1 });
    return queries.data.map((x) =>
      productProbability(this.#density, [Number.NEGATIVE_INFINITY], [x], this.relativeTolerance),
    );
  }

  /**
   * The least x with F(x) >= p for each probability, for densities of one column. Of 0 and 1, the ends of the support,
   * which may be infinite.
   *
   * Cost: 10 to 60 evaluations of {@link cdf} each.
   *
   * @throws ModelError `shape-mismatch` for densities of more columns, `invalid-data` for what is not a probability.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ bandwidth: 1 }).fit([[5]]);
   * model.quantile([0.975])[0].toFixed(9); // '6.959963985'
   */
  quantile(probabilities: ArrayLike<number>): Float64Array {
    const owner = 'KernelDensityModel.quantile';
    checkOneColumn(this.dimension, owner);
    const [low, high] = supportOf(this.#density);
    return checkProbabilities(probabilities, owner).map((p) => {
      if (p === 0) return low;
      return p === 1 ? high : quantileAt(this.#density, p);
    });
  }

  /**
   * P(lower <= X <= upper), for densities of one column; ends may be infinite. Upper tails have all their digits too.
   *
   * @throws ModelError `shape-mismatch` for densities of more columns, `invalid-data` for ends in the wrong order.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ kernel: 'tophat', bandwidth: 1 }).fit([[0]]);
   * model.intervalProbability(0, 0.5); // 0.25
   */
  intervalProbability(lower: number, upper: number): number {
    const owner = 'KernelDensityModel.intervalProbability';
    checkOneColumn(this.dimension, owner);
    const [a, b] = checkBox([lower], [upper], 1, owner);
    return productProbability(this.#density, a, b, this.relativeTolerance);
  }

  /**
   * P(lower <= X <= upper) columnwise; ends may be infinite.
   *
   * Exact to {@link relativeTolerance} in one dimension, and in more for the gaussian kernel with one bandwidth per column;
   * otherwise the share of 65,536 draws, always the same ones, with its standard error.
   *
   * @throws ModelError for corners of another width, or in the wrong order.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ bandwidth: 1 }).fit([[0, 0]]);
   * model.boxProbability([0, 0], [Infinity, Infinity]); // { probability: 0.25, standardError: 0 }
   */
  boxProbability(lower: ArrayLike<number>, upper: ArrayLike<number>): BoxProbability {
    const [a, b] = checkBox(lower, upper, this.dimension, 'KernelDensityModel.boxProbability');
    if (!isProduct(this.#density)) return drawnProbability(this.#density, this.#cumulative, a, b);
    const probability = productProbability(this.#density, a, b, this.relativeTolerance);
    return { probability, standardError: 0 };
  }

  /**
   * The local modes that lie uphill from the rows, by mean shift, the highest first.
   *
   * Cost: from up to 400 rows, some tens of steps that each take one pass over the rows in reach.
   *
   * Reference: Comaniciu & Meer (2002), doi:10.1109/34.1000236.
   *
   * @throws ModelError `invalid-option` for the kernels with cusps or steps, tophat, exponential and linear.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ bandwidth: 1 }).fit([[0], [0], [9]]);
   * model.modes().points.toArray().map(([x]) => x.toFixed(6)); // [ '0.000000', '9.000000' ]
   */
  modes(): Modes {
    return findModes(this.#density, 'KernelDensityModel.modes');
  }

  /**
   * The density at the middles of the cells of a grid, for plots of one to three columns.
   *
   * For the gaussian kernel rows are shared out over a fine grid by cubic B-splines, then convolved axis by axis, with a
   * bandwidth matrix and within bounds too; `error` is a bound on what that can cost, at most 1e-6 of one kernel's peak in one
   * dimension and 4e-5 in two, and where rows are many some 1e-5 and 1e-3 of the highest density; times the slope of
   * transformed columns where it is greatest. Other kernels in two dimensions go
   * through a Fourier transform where that pays, which takes a million rows and, for the exponential kernel 4,300 cells, for
   * the others 140,000: their `error` is some thousandths of the highest density. Otherwise, and with bounds or a matrix where
   * rows and cells are few, each cell is evaluated as by {@link logDensity}, and `error` is 0.
   *
   * Cost: O(n) for binning, plus some hundred operations per cell.
   *
   * @throws ModelError `shape-mismatch` for more than three columns, and for grids that are none.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ bandwidth: 1 }).fit([[0], [2]]);
   * const { density, error } = model.densityOnGrid({ lower: [-4], upper: [6], cells: 5 });
   * density[2].toFixed(5); // '0.24197'
   * error < 1e-6; // true
   */
  densityOnGrid(options?: GridOptions): GridDensity {
    return densityOnGrid(this.#density, options, 'KernelDensityModel.densityOnGrid');
  }

  /** All there is to the model, as numbers and names. */
  abstract toState(): ModelState;

  /** The model as plain JSON. */
  abstract toJSON(): ModelJson;

  get [Symbol.toStringTag](): string {
    return `KernelDensityModel: ${this.rows} rows x ${this.dimension} columns, ${this.kernel}`;
  }
}
