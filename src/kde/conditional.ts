/**
 * The density of some columns, given the values of the others.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { readGivenColumns } from '../core/given.js';
import { cholesky, invertLower } from '../core/linalg.js';
import { Samples } from '../core/samples.js';
import type { KernelName } from '../kernels/index.js';
import { asMatrix, type Bandwidth, diagonalBandwidth, matrixBandwidth } from './bandwidth.js';
import { describeBounds, isInside } from './bounds.js';
import type { Density } from './density.js';
import { imageOf, ringOf } from './folding.js';
import { pickBlock } from './marginal.js';
import type { Fitted } from './state.js';

/** Images whose weights are below this share of the greatest, in logarithms, end the count: 2^-60. */
const NEGLIGIBLE = -60 * Math.LN2;

/** One kernel of the conditional density: a row, how far it is shifted, and its own factor to the bandwidth. */
interface Component {
  readonly row: number;
  readonly shift: Float64Array;
  readonly factor: number;
  logWeight: number;
}

/** m of the kernels (1 - t)^m. */
const POWERS: Readonly<Partial<Record<KernelName, number>>> = { tophat: 0, epanechnikov: 1, biweight: 2, triweight: 3 };

/**
 * The conditional of a fit. With the columns split into those asked for, a, and those given, b, and u = x_b - x_ib, the
 * squared distance of a row is
 *
 *     t_i = t_b + t_a,    t_b = u^T H_bb^-1 u,    t_a that of x_a from x_ia + H_ab H_bb^-1 u in H_aa - H_ab H_bb^-1 H_ba.
 *
 * So exp(-t_i / 2) leaves a gaussian in x_a of weight exp(-t_b / 2). And (1 - t_i)^m = s^m (1 - t_a / s)^m with
 * s = 1 - t_b leaves the same kernel, sqrt(s) as wide, of weight s^(m + p/2) for p columns asked for. A factor lambda_i
 * to the row's bandwidth divides both t by lambda_i^2, and its weight by lambda_i for each column given.
 *
 * Weights are taken relative to the greatest, so that far from all rows they stay finite: there the nearest decide.
 *
 * @throws ModelError `invalid-option` for other kernels, `degenerate-data` where no compact kernel reaches the values.
 */
export function conditionalFit(density: Density, given: ReadonlyMap<number, number>, owner: string): Fitted {
  const { fitted, coordinates, kernel } = density;
  if (kernel.name !== 'gaussian' && POWERS[kernel.name] === undefined) {
    const must = 'conditional densities need a kernel whose sections are kernels of the same name';
    const remedy = 'Fit with "gaussian", "tophat", "epanechnikov", "biweight" or "triweight"';
    throw modelError('invalid-option', { owner, must, got: kernel.name, remedy });
  }
  const d = coordinates.dimension;
  const known = [...given.keys()].sort((a, b) => a - b);
  const asked = Array.from({ length: d }, (_, j) => j).filter((j) => !given.has(j));
  const split = splitBandwidth(fitted.bandwidth, asked, known);
  refuseSkewReflection(density, asked, split, owner);
  const components = findComponents(density, given, asked, known, split);
  const data = new Float64Array(components.length * asked.length);
  const y = new Float64Array(d);
  if (components.length === 0) {
    const remedy = 'Fit with "gaussian", which reaches everywhere';
    throw modelError('degenerate-data', { owner, must: 'some kernel must reach the values given', remedy });
  }
  const greatest = components.reduce((most, { logWeight }) => Math.max(most, logWeight), Number.NEGATIVE_INFINITY);
  components.forEach(({ row, shift }, i) => {
    coordinates.unbound(fitted.samples.data, row * d, y);
    for (const [k, j] of asked.entries()) y[j] += shift[k];
    // Unshifted rows stay as they are, to the bit.
    const moved = shift.some((step) => step !== 0);
    if (moved) coordinates.bind(y, 0);
    for (const [k, j] of asked.entries()) data[i * asked.length + k] = moved ? y[j] : fitted.samples.get(row, j);
  });
  return {
    ...fitted,
    samples: new Samples(data, components.length, asked.length),
    weights: Float64Array.from(components, ({ logWeight }) => Math.exp(logWeight - greatest)),
    bandwidth: split.rest,
    factors: components.every(({ factor }) => factor === 1)
      ? undefined
      : Float64Array.from(components, ({ factor }) => factor),
    treeBandwidth: undefined,
    bounds: fitted.bounds && Object.freeze(asked.map((j) => fitted.bounds?.[j] ?? null)),
    history: Object.freeze([]),
  };
}

/** H, taken apart. */
interface SplitBandwidth {
  /** L^-1 with L L^T = H_bb. */
  readonly whitener: Float64Array;
  /** H_ab H_bb^-1, one row for each column asked for; `undefined` where it is 0. */
  readonly regression: Float64Array | undefined;
  /** H_aa - H_ab H_bb^-1 H_ba. */
  readonly rest: Bandwidth;
}

function splitBandwidth(bandwidth: Bandwidth, asked: readonly number[], known: readonly number[]): SplitBandwidth {
  const d = bandwidth.columns.length;
  const [p, q] = [asked.length, known.length];
  if (bandwidth.matrix === undefined) {
    const whitener = new Float64Array(q * q);
    known.forEach((j, k) => {
      whitener[k * (q + 1)] = 1 / bandwidth.columns[j];
    });
    const rest = diagonalBandwidth(Float64Array.from(asked, (j) => bandwidth.columns[j]));
    return { whitener, regression: undefined, rest };
  }
  const matrix = asMatrix(bandwidth);
  // A block of a positive definite matrix is positive definite.
  const lower = cholesky(pickBlock(matrix, d, known, known), q)?.lower as Float64Array;
  const whitener = invertLower(lower, q);
  const cross = pickBlock(matrix, d, asked, known);
  const regression = new Float64Array(p * q);
  const rest = pickBlock(matrix, d, asked, asked);
  // With V = H_ab L^-T: H_ab H_bb^-1 = V L^-1, and what is left is H_aa - V V^T.
  const v = new Float64Array(p * q);
  for (let i = 0; i < p; i++) {
    for (let k = 0; k < q; k++) for (let l = 0; l <= k; l++) v[i * q + k] += cross[i * q + l] * whitener[k * q + l];
  }
  for (let i = 0; i < p; i++) {
    for (let l = 0; l < q; l++) for (let k = l; k < q; k++) regression[i * q + l] += v[i * q + k] * whitener[k * q + l];
    for (let j = 0; j < p; j++) for (let k = 0; k < q; k++) rest[i * p + j] -= v[i * q + k] * v[j * q + k];
  }
  const isCrossed = cross.some((entry) => entry !== 0);
  return { whitener, regression: isCrossed ? regression : undefined, rest: matrixBandwidth(rest, p) };
}

/** A mirrored kernel that is not symmetric is not the kernel of a mirrored row. */
function refuseSkewReflection(
  { coordinates }: Density,
  asked: readonly number[],
  { regression, rest }: SplitBandwidth,
  owner: string,
): void {
  const reflected = coordinates.folds.some(
    ({ column, bounds }) => bounds.by === 'reflection' && asked.includes(column),
  );
  if (regression === undefined || rest.matrix === undefined || !reflected) return;
  throw modelError('invalid-option', {
    owner,
    must: 'with a bandwidth matrix and reflection at most one column may be left',
    got: asked.length,
    remedy: 'Give more columns, or fit with one bandwidth per column',
  });
}

/** The kernels of the conditional density, from every row and every image of the values given that matters. */
function findComponents(
  { fitted, coordinates, kernel }: Density,
  given: ReadonlyMap<number, number>,
  asked: readonly number[],
  known: readonly number[],
  split: SplitBandwidth,
): Component[] {
  const { samples, weights } = fitted;
  const power = POWERS[kernel.name];
  // Images of a gaussian that is not shifted lie on each other.
  const merges = power === undefined && split.regression === undefined;
  const d = samples.columns;
  const target = new Float64Array(d);
  const x = new Float64Array(d);
  x.set(samples.data.subarray(0, d));
  for (const [j, value] of given) x[j] = value;
  coordinates.unbound(x, 0, target);
  const folds = coordinates.folds.filter(({ column }) => given.has(column));
  const components: Component[] = [];
  const y = new Float64Array(d);
  const image = target.slice();
  let greatest = Number.NEGATIVE_INFINITY;
  for (let ring = 0; ring === 0 || folds.length > 0; ring++) {
    let counts = false;
    for (const indices of ring === 0 ? [folds.map(() => 0)] : ringOf(folds, ring)) {
      folds.forEach((fold, i) => {
        image[fold.column] = imageOf(fold, indices[i], target[fold.column]);
      });
      for (let row = 0; row < samples.rows; row++) {
        coordinates.unbound(samples.data, row * d, y);
        const gap = Float64Array.from(known, (j) => image[j] - y[j]);
        const own = fitted.factors?.[row] ?? 1;
        const section = sectionOf(power, squaredLength(gap, split.whitener) / own ** 2, asked.length);
        if (section.factor === 0) continue;
        const logWeight = Math.log(weights?.[row] ?? 1) - known.length * Math.log(own) + section.logWeight;
        if (logWeight > greatest + NEGLIGIBLE || power !== undefined) counts = true;
        greatest = Math.max(greatest, logWeight);
        const mine = merges && ring > 0 ? components[row] : undefined;
        const shift = shiftBy(gap, split.regression, asked.length);
        if (mine) mine.logWeight = logAdd(mine.logWeight, logWeight);
        else components.push({ row, shift, factor: own * section.factor, logWeight });
      }
    }
    if (!counts) break;
  }
  return components.filter(({ logWeight }) => Math.exp(logWeight - greatest) > 0);
}

/** What a kernel leaves at a squared distance t in the columns given: its width, 0 for nothing, and its weight. */
function sectionOf(power: number | undefined, t: number, p: number): { factor: number; logWeight: number } {
  if (power === undefined) return { factor: 1, logWeight: -0.5 * t };
  const s = Math.max(0, 1 - t);
  return { factor: Math.sqrt(s), logWeight: (power + 0.5 * p) * Math.log(s) };
}

/** |L^-1 v|^2. */
function squaredLength(v: Float64Array, whitener: Float64Array): number {
  const q = v.length;
  let sum = 0;
  for (let i = 0; i < q; i++) {
    let u = 0;
    for (let k = 0; k <= i; k++) u += whitener[i * q + k] * v[k];
    sum += u * u;
  }
  return sum;
}

function shiftBy(gap: Float64Array, regression: Float64Array | undefined, p: number): Float64Array {
  if (regression === undefined) return new Float64Array(p);
  const q = gap.length;
  return Float64Array.from({ length: p }, (_, i) => gap.reduce((sum, v, k) => sum + regression[i * q + k] * v, 0));
}

function logAdd(a: number, b: number): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  return low === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(low - high));
}

/**
 * Checks what is given, `{ given: { 2: 0.5 } }`, bounds included.
 *
 * @throws ModelError `invalid-option` or `invalid-data`.
 */
export function checkGiven({ coordinates }: Density, argument: unknown, owner: string): Map<number, number> {
  const values = readGivenColumns(owner, argument, coordinates.dimension);
  for (const [j, value] of values) {
    const bounds = coordinates.boundsOf(j);
    if (bounds === null || isInside(bounds, value)) continue;
    throw modelError('invalid-data', {
      owner,
      must: `value of column ${j} must be ${describeBounds(bounds)}`,
      got: value,
    });
  }
  return values;
}
