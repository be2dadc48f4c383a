/**
 * Blocks of EM for Gaussian mixtures: the inner loop of fitting, density and responsibilities.
 *
 * For each row x of a block, with A_k = L_k^-1 and Sigma_k = L_k L_k^T,
 *
 *     l_k = c_k - 1/2 |A_k (x - mu_k)|^2,    log p = log sum_k exp(l_k),    s_k = w exp(l_k - log p)
 *
 * and for each component, over the rows,
 *
 *     mass_k = sum s_k,    shift_k = sum s_k (x - mu_k),    scatter_k = sum s_k (x - mu_k)(x - mu_k)^T.
 *
 * Only one block of shares is ever held, and all sums are taken about the current means, or about a point so near that no
 * more than eight bits cancel. A share below 2^-87 of its row's weight counts as 0 (in steps of diagonal, spherical and tied
 * forms, below 2^-64): that is beyond the rounding of everything here, and spares most of the work where components lie apart: of
 * triangles of 20 columns and more nearly all products of such shares. What is computed for a row depends on that row and the
 * parameters alone, to the bit, and on typical rows where they are given.
 *
 * Compiled, milliseconds for one pass of E-step and statistics on one core, where components overlap so that no share vanishes
 * (in brackets: means 4 standard deviations apart in each axis); shared matrices without products, as EM takes them:
 *
 * | n, d, K | triangular | tied | diagonal | spherical |
 * |---|---|---|---|---|
 * | 100,000, 2, 8 | 2.9 (2.9) | 2.8 (2.7) | 2.6 (2.6) | 2.7 (2.6) |
 * | 100,000, 2, 32 | 10.4 (10.3) | 9.5 (9.5) | 9.6 (9.5) | 9.5 (9.5) |
 * | 100,000, 10, 8 | 15 (15) | 5.8 (5.9) | 6.6 (7.3) | 5.2 (5.3) |
 * | 20,000, 50, 8 | 47 (12) | 5.5 (6.0) | 4.7 (3.7) | 3.2 (3.4) |
 *
 * Plain loops take 12 to 70 times as long. (scripts/bench-simd.mjs, AMD EPYC, Node 20.) A third of the time of a pass over few axes
 * goes into exponentials, 1.5 ns for two; at d = 50 a triangular pass makes 17 billion additions and multiplications a
 * second, of 27 that the processor makes in pairs. Log-densities agree with the plain ones to 1e-13 of their terms and of the
 * largest c_k, tied ones to 1e-13 times the distance of the means. Steps of triangular forms with 4 to 16 columns are right to 4e-12
 * of a nat, mostly to 1e-14.
 *
 * @module
 */
import { bytes } from './mixture.generated.js';
import { COVARIANCE_FORMS, defaultBlockRows, type MixtureLoops, type MixtureShape, sizesOf } from './mixture-shape.js';
import { PlainMixtureLoops } from './plain-mixture-loops.js';
import { instantiate } from './webassembly.js';

/** Loops for a mixture of this shape: compiled where that can be had, else plain. */
export function makeMixtureLoops(shape: MixtureShape): MixtureLoops {
  return CompiledMixtureLoops.tryFor(shape) ?? new PlainMixtureLoops(shape);
}

/** What assembly/mixture.ts exports. Addresses and strides are in bytes. */
interface Exports {
  configure(
    form: number,
    components: number,
    dimension: number,
    stride: number,
    panelsStride: number,
    addresses: number,
  ): void;
  turnTo(first: number): void;
  prepare(typical: number): void;
  joint(count: number): void;
  densities(count: number): void;
  share(count: number): number;
  accumulate(count: number, isScattered: boolean): void;
  step(count: number, isScattered: boolean): number;
}

class CompiledMixtureLoops implements MixtureLoops {
  readonly blockRows: number;
  readonly stride: number;
  readonly means: Float64Array;
  readonly factors: Float64Array;
  readonly constants: Float64Array;
  readonly rows: Float64Array;
  readonly weights: Float64Array;
  readonly shares: Float64Array;
  readonly logDensities: Float64Array;
  readonly mass: Float64Array;
  readonly shift: Float64Array;
  readonly scatter: Float64Array;
  readonly #exports: Exports;
  #first = 0;

  static tryFor(shape: MixtureShape): MixtureLoops | undefined {
    const blockRows = shape.blockRows ?? defaultBlockRows(shape.dimension);
    const stride = strideOf(blockRows);
    const loaded = instantiate<Exports>(bytes, arrayLengths(shape, blockRows, stride));
    return loaded && new CompiledMixtureLoops(shape, blockRows, stride, loaded.exports, loaded.arrays);
  }

  private constructor(
    { components, dimension, form }: MixtureShape,
    blockRows: number,
    stride: number,
    exports: Exports,
    arrays: readonly Float64Array[],
  ) {
    this.blockRows = blockRows;
    this.stride = stride;
    [this.means, this.factors, this.constants, this.rows, this.weights, this.shares, this.logDensities] = arrays;
    [this.mass, this.shift, this.scatter] = arrays.slice(7);
    this.weights.fill(1);
    this.#exports = exports;
    const addresses = arrays[arrays.length - 1];
    addresses.set(arrays.slice(0, -1).map((array) => array.byteOffset));
    exports.configure(
      COVARIANCE_FORMS.indexOf(form),
      components,
      dimension,
      8 * stride,
      8 * panelsSize(dimension),
      addresses.byteOffset,
    );
  }

  turnTo(first: number): void {
    // A call takes as long as some rows.
    if (first !== this.#first) this.#exports.turnTo(first);
    this.#first = first;
  }

  prepare(typical = 0): void {
    this.#exports.prepare(typical);
  }

  joint(count: number): void {
    this.#exports.joint(count);
  }

  densities(count: number): void {
    this.#exports.densities(count);
  }

  share(count: number): number {
    return this.#exports.share(count);
  }

  accumulate(count: number, isScattered = true): void {
    this.#exports.accumulate(count, isScattered);
  }

  step(count: number, isScattered = true): number {
    return this.#exports.step(count, isScattered);
  }
}

/** Stages of a sum of squares, as assembly/mixture-triangles.ts has them. */
const STAGES = 4;

/** A block of 256 rows apart, all components' shares of a row would fall into the same few places of the cache. */
function strideOf(blockRows: number): number {
  return blockRows + 8;
}

/** Numbers of a triangle in panels of two rows, the last perhaps of one, each panel a full rectangle. */
function panelsSize(dimension: number): number {
  let size = 0;
  for (let first = 0; first < dimension; first += 2) {
    const end = Math.min(first + 2, dimension);
    size += (end - first) * end;
  }
  return size;
}

/** Whether steps may go by monomials; see assembly/mixture-monomials.ts. */
function hasMonomials({ form, dimension }: MixtureShape): boolean {
  return form === 'triangular' && dimension >= 4 && dimension <= 16;
}

/** In the order of `configure`; the addresses themselves come last. */
function arrayLengths(shape: MixtureShape, blockRows: number, stride: number): number[] {
  const { components, dimension: d, heldRows = blockRows } = shape;
  const sizes = sizesOf(shape);
  const monomials = hasMonomials(shape) ? d + (d * (d + 1)) / 2 : 0;
  const isRound = shape.form === 'spherical' || shape.form === 'tied';
  return [
    components * d,
    sizes.factors,
    components,
    heldRows * d,
    heldRows,
    // One pair more is read, but not used.
    components * stride + 2,
    blockRows,
    components,
    components * d,
    sizes.scatter,
    blockRows * d,
    // Tiles of products look at one axis more than there is; triangles are multiplied with eight rows.
    Math.max(blockRows, 8) * d + 4,
    blockRows * d,
    // Row numbers, half a double each.
    blockRows / 2 + 2,
    // Triangles in panels.
    panelsSize(d) * (shape.form === 'tied' ? 1 : shape.form === 'triangular' ? components : 0),
    shape.form === 'tied' ? components * d : 0,
    // Four sums per axis.
    4 * d,
    // Constants and factors in powers of 2, and each row's largest term.
    components,
    sizes.factors,
    blockRows,
    // Round components by products: the middle, means, constants and factors, norms of rows, and eight whitened rows.
    ...(isRound
      ? [d, (components + 1) * d, 2 * components, blockRows, 8 * d]
      : // Triangles by monomials: the middle, coefficients, constants, and four components' sums.
        [monomials && d, components * monomials, monomials && components, 0, 4 * monomials]),
    // Panels and their stages, and where rows begin: half a double for each width, two for each stage.
    ...(shape.form === 'triangular' ? [components * Math.ceil(d / 4), 2 * STAGES * components, blockRows] : [0, 0, 0]),
    // A last group alone stands twice.
    (blockRows + 4) * monomials,
    32,
  ];
}
