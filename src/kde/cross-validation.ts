/**
 * The bandwidth under which left-out rows are most probable.
 *
 * With shape h^S (Scott's bandwidths) and one factor c, h_j = c h^S_j, and
 *
 *     CV(c) = sum_i (w_i / W) log f_-i(x_i; c),    f_-i(x) = sum_(j != i) w_j K((x - x_j) / h) / ((W - w_i) h_1 ... h_d).
 *
 * Reference: Habbema, Hermans & van den Broek (1974), *A stepwise discriminant analysis program using density
 * estimation*; Duin (1976), doi:10.1109/TC.1976.1674577.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Pacer } from '../core/progress.js';
import type { Samples } from '../core/samples.js';
import type { RowWeights } from '../core/weights.js';
import type { Kernel } from '../kernels/kernel.js';
import { BlockSums } from './block-sums.js';
import { KernelSum } from './kernel-sum.js';
import { maximize, type Point } from './search.js';
import { type SelectionStep, scalesOf } from './state.js';
import { buildTreeSlowly, type Tree } from './tree.js';

/** What the search found. */
export interface Selection {
  readonly bandwidth: Float64Array;
  readonly history: readonly SelectionStep[];
}

/** Ratio between neighbours of the first, coarse pass. */
const RATIO = 1.5;
/** Rows that the first pass leaves out, one by one, at most: enough to find the hill to climb. */
const COARSE_ROWS = 1024;
/**
 * The factor is located to this relative width: to six digits, or to four where each digit costs seconds. Either is far
 * below what the luck of the draw of n rows moves it by, about n^(-1/4).
 */
const widthFor = (rows: number): number => (rows <= 4096 ? 1e-6 : 1e-4);
/** Rows between two looks at the clock. */
const ROWS_PER_LOOK = 16;
/** Steps of {@link RATIO} that the climb may take beyond the first pass. */
const MOST_CLIMBS = 100;

/**
 * The search: a coarse pass over all factors that can hold the maximum, a climb to a bracket, then Brent's method.
 *
 * Cost: about 25 passes over the rows, each n density evaluations through one tree; the coarse ones take at most 1,024.
 *
 * @param shape - The bandwidths at factor 1.
 * @throws ModelError `degenerate-data` when every row repeats another: the criterion then grows without end as the
 * bandwidth goes to 0.
 */
export async function crossValidatedBandwidth(
  samples: Samples,
  weights: RowWeights | undefined,
  kernel: Kernel,
  shape: Float64Array,
  leafSize: number,
  owner: string,
  pacer: Pacer,
): Promise<Selection> {
  const scales = scalesOf(shape);
  const tree = await buildTreeSlowly({ samples, weights: weights?.values }, scales, leafSize, pacer);
  const search = new LeaveOneOut(samples, tree, kernel, scales, pacer);
  const [low, high] = await search.range();
  if (!(low > 0)) {
    throw modelError('degenerate-data', {
      owner,
      must: 'for "cross-validation" some row must differ from all others',
      remedy:
        'Rows that all repeat make ever smaller bandwidths look better; use "scott", or give the bandwidth as a number',
    });
  }
  const coarse = Math.min(COARSE_ROWS, samples.rows);
  let best: Point = { x: Math.log(low), value: Number.NEGATIVE_INFINITY };
  const steps = Math.max(1, Math.ceil(Math.log(high / low) / Math.log(RATIO)));
  for (let i = 0; i <= steps; i++) {
    const x = Math.log(low) + (i / steps) * Math.log(high / low);
    const value = await search.meanLogDensity(x, coarse);
    if (value > best.value) best = { x, value };
  }
  const found = await climb((x) => search.meanLogDensity(x, samples.rows), best.x, widthFor(samples.rows));
  return { bandwidth: shape.map((h) => h * Math.exp(found.x)), history: Object.freeze(search.history) };
}

/** Goes uphill until the maximum lies between two lower points, then closes in. */
async function climb(evaluate: (x: number) => Promise<number>, from: number, width: number): Promise<Point> {
  const stride = Math.log(RATIO);
  const at = async (x: number): Promise<Point> => ({ x, value: await evaluate(x) });
  let [left, middle, right] = [await at(from - stride), await at(from), await at(from + stride)];
  for (let i = 0; i < MOST_CLIMBS; i++) {
    if (right.value > middle.value) [left, middle, right] = [middle, right, await at(right.x + stride)];
    else if (left.value > middle.value) [left, middle, right] = [await at(left.x - stride), left, middle];
    else break;
  }
  return maximize(evaluate, left.x, middle, right.x, width);
}

/** Evaluates the criterion, and remembers what it was. */
class LeaveOneOut {
  readonly history: SelectionStep[] = [];
  readonly #samples: Samples;
  readonly #kernel: Kernel;
  readonly #scales: Float64Array;
  readonly #tree: Tree;
  readonly #pacer: Pacer;
  /** log of the weight of all rows but the one at each place. */
  readonly #logOthers: Float64Array;
  readonly #logVolume: number;
  /** Relative tolerance of each left-out density: about its maximum, CV bends by the square of a step. */
  readonly #tolerance: number;
  #passes = 0;

  constructor(samples: Samples, tree: Tree, kernel: Kernel, scales: Float64Array, pacer: Pacer) {
    this.#samples = samples;
    this.#kernel = kernel;
    this.#scales = scales;
    this.#tree = tree;
    this.#pacer = pacer;
    this.#logOthers = logOfOthers(tree.weights, samples.rows);
    this.#tolerance = widthFor(samples.rows) ** 2;
    this.#logVolume = kernel.logNormalizer(samples.columns) - scales.reduce((sum, s) => sum + Math.log(s), 0);
  }

  /**
   * The least and greatest factor between which the maximum lies, or from which a climb finds it.
   *
   * With t_i the squared distance of row i from its nearest neighbour, at factor 1: a compact kernel needs
   * c > max sqrt(t_i), or some row has no density. For the gaussian kernel,
   *
   *     c CV'(c) = sum_i (w_i / W) E_i[t] / c^2 - d >= sum_i (w_i / W) t_i / c^2 - d,
   *
   * which is positive while c^2 < mean(t_i) / d: the maximum is not below. The exponential kernel has r / c in
   * place of t / c^2. Upwards, E_i[t] is at most the plain mean of squared distances, twice the variance; so the
   * bandwidth is at most sqrt(2) standard deviations, and the kernel's own deviation then stands for the others.
   */
  async range(): Promise<[low: number, high: number]> {
    const { rows, columns } = this.#samples;
    const sum = new KernelSum(this.#tree, this.#kernel, this.#scales, 0);
    const query = new Float64Array(columns);
    let farthest = 0;
    let mean = 0;
    for (let place = 0; place < rows; place++) {
      const t = sum.nearestDistance(this.#query(place, query), place);
      farthest = Math.max(farthest, t);
      mean += this.#share(place) * (this.#kernel.name === 'exponential' ? Math.sqrt(t) : t);
      if (place % ROWS_PER_LOOK === 0 && this.#pacer.isDue) {
        await this.#pacer.step({ phase: 'nearest neighbours', completed: place, total: rows });
      }
    }
    // Scott's bandwidth is n^(-1 / (d + 4)) standard deviations.
    const widest = Math.SQRT2 * rows ** (1 / (columns + 4));
    // One part in 1e9 beyond the edge, so that the neighbour lies inside despite rounding.
    if (this.#kernel.isCompact)
      return ordered(Math.sqrt(farthest) * (1 + 1e-9), Math.max(widest, 2 * Math.sqrt(farthest)));
    if (this.#kernel.name === 'exponential') return ordered(mean / columns, widest);
    return ordered(Math.sqrt(mean / columns), widest);
  }

  /** CV at the factor exp(x), the mean over about `most` rows, evenly picked from the tree, or over all. */
  async meanLogDensity(x: number, most: number): Promise<number> {
    const { rows, columns } = this.#samples;
    const factor = Math.exp(x);
    const scales = this.#scales.map((s) => s / factor);
    // Leaf by leaf where all rows are left out in turn; the rows of a sample are too far apart for that.
    const block = most === rows && new BlockSums(this.#tree, this.#kernel, scales, this.#tolerance, true);
    if (block) await block.prepare(this.#pacer);
    const sum = new KernelSum(this.#tree, this.#kernel, scales, this.#tolerance);
    const query = new Float64Array(columns);
    const phase = `cross-validation, pass ${++this.#passes}`;
    let mean = 0;
    let weight = 0;
    for (let i = 0; i < most; i++) {
      const place = most === rows ? i : Math.floor(((i + 0.5) * rows) / most);
      const share = this.#share(place);
      const logSum = block ? block.logSum(place) : sum.logSum(this.#query(place, query), place);
      mean += share * (logSum - this.#logOthers[place]);
      weight += share;
      // Compact kernels only: a row without density decides.
      if (mean === Number.NEGATIVE_INFINITY) break;
      if (i % ROWS_PER_LOOK === 0 && this.#pacer.isDue) await this.#pacer.step({ phase, completed: i, total: most });
    }
    const value = mean / weight - this.#logVolume - columns * x;
    if (value > Number.NEGATIVE_INFINITY)
      this.history.push(Object.freeze({ factor, meanLogDensity: value, rows: most }));
    await this.#pacer.step({
      phase,
      completed: most,
      total: most,
      ...(Number.isFinite(value) && { objective: value }),
    });
    return value;
  }

  #query(place: number, out: Float64Array): Float64Array {
    const { data, columns } = this.#samples;
    const from = this.#tree.order[place] * columns;
    for (let j = 0; j < columns; j++) out[j] = data[from + j];
    return out;
  }

  #share(place: number): number {
    const { weights, nodeWeights, rows } = this.#tree;
    return weights === undefined ? 1 / rows : weights[place] / nodeWeights[0];
  }
}

function ordered(low: number, high: number): [number, number] {
  return [low, Math.max(low, high)];
}

/** log sum_(j != i) w_j, from sums before and behind, so that a row that outweighs the rest costs no digits. */
function logOfOthers(weights: Float64Array | undefined, rows: number): Float64Array {
  const logs = new Float64Array(rows).fill(Math.log(rows - 1));
  if (weights === undefined) return logs;
  let before = 0;
  for (let i = 0; i < rows; i++) {
    logs[i] = before;
    before += weights[i];
  }
  let behind = 0;
  for (let i = rows - 1; i >= 0; i--) {
    logs[i] = Math.log(logs[i] + behind);
    behind += weights[i];
  }
  return logs;
}
