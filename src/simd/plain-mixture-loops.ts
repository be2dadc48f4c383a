/**
 * The mixture loops in plain TypeScript: what the compiled ones are measured against, and what runs where they cannot.
 *
 * @module
 */
import {
  type CovarianceForm,
  defaultBlockRows,
  type MixtureLoops,
  type MixtureShape,
  sizesOf,
} from './mixture-shape.js';

/** See {@link MixtureLoops}. */
export class PlainMixtureLoops implements MixtureLoops {
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
  readonly #components: number;
  readonly #dimension: number;
  readonly #form: CovarianceForm;
  /** One row less a mean. */
  readonly #centred: Float64Array;
  #first = 0;

  constructor(shape: MixtureShape) {
    const { components, dimension, form, blockRows = defaultBlockRows(dimension) } = shape;
    const { heldRows = blockRows } = shape;
    const { factors, scatter } = sizesOf(shape);
    this.blockRows = blockRows;
    this.stride = blockRows;
    this.means = new Float64Array(components * dimension);
    this.factors = new Float64Array(factors);
    this.constants = new Float64Array(components);
    this.rows = new Float64Array(heldRows * dimension);
    this.weights = new Float64Array(heldRows).fill(1);
    this.shares = new Float64Array(components * blockRows);
    this.logDensities = new Float64Array(blockRows);
    this.mass = new Float64Array(components);
    this.shift = new Float64Array(components * dimension);
    this.scatter = new Float64Array(scatter);
    this.#components = components;
    this.#dimension = dimension;
    this.#form = form;
    this.#centred = new Float64Array(dimension);
  }

  turnTo(first: number): void {
    this.#first = first;
  }

  /** Nothing is kept ready here. */
  prepare(_typical?: number): void {}

  joint(count: number): void {
    for (let k = 0; k < this.#components; k++) {
      for (let i = 0; i < count; i++) {
        this.#centre(k, i);
        const term = this.constants[k] - 0.5 * this.#squares(k);
        // Infinity - Infinity, from squares that overflow.
        this.shares[k * this.stride + i] = Number.isNaN(term) ? Number.NEGATIVE_INFINITY : term;
      }
    }
  }

  densities(count: number): void {
    this.share(count);
  }

  share(count: number): number {
    this.joint(count);
    let logDensity = 0;
    for (let i = 0; i < count; i++) {
      const p = this.#shareOut(i);
      const weight = this.weights[this.#first + i];
      if (weight > 0) logDensity += weight * p;
    }
    return logDensity;
  }

  accumulate(count: number, isScattered = true): void {
    const d = this.#dimension;
    const isDiagonal = this.#form === 'diagonal' || this.#form === 'spherical';
    const size = isDiagonal ? d : (d * (d + 1)) / 2;
    for (let k = 0; k < this.#components; k++) {
      for (let i = 0; i < count; i++) {
        const share = this.shares[k * this.stride + i];
        if (share === 0) continue;
        this.#centre(k, i);
        this.mass[k] += share;
        let next = k * size;
        for (let a = 0; a < d; a++) {
          const t = share * this.#centred[a];
          this.shift[k * d + a] += t;
          for (let b = isDiagonal ? a : 0; isScattered && b <= a; b++) this.scatter[next++] += t * this.#centred[b];
        }
      }
    }
  }

  step(count: number, isScattered = true): number {
    const logDensity = this.share(count);
    this.accumulate(count, isScattered);
    return logDensity;
  }

  #centre(k: number, i: number): void {
    const d = this.#dimension;
    for (let j = 0; j < d; j++) this.#centred[j] = this.rows[(this.#first + i) * d + j] - this.means[k * d + j];
  }

  /** |A_k x|^2 of the centred row. */
  #squares(k: number): number {
    const d = this.#dimension;
    const x = this.#centred;
    let squares = 0;
    if (this.#form === 'diagonal' || this.#form === 'spherical') {
      for (let j = 0; j < d; j++) squares += (this.factors[this.#form === 'diagonal' ? k * d + j : k] * x[j]) ** 2;
      return squares;
    }
    let next = this.#form === 'tied' ? 0 : (k * d * (d + 1)) / 2;
    for (let i = 0; i < d; i++) {
      let y = 0;
      for (let j = 0; j <= i; j++) y += this.factors[next++] * x[j];
      squares += y * y;
    }
    return squares;
  }

  /** Turns one row's terms into its shares; returns its log-density, `-Infinity` where all terms are. */
  #shareOut(i: number): number {
    const { shares, stride } = this;
    const end = this.#components * stride;
    let largest = Number.NEGATIVE_INFINITY;
    for (let at = i; at < end; at += stride) largest = Math.max(largest, shares[at]);
    let sum = 0;
    for (let at = i; at < end; at += stride) {
      shares[at] = largest === Number.NEGATIVE_INFINITY ? 0 : Math.exp(shares[at] - largest);
      sum += shares[at];
    }
    const scale = sum === 0 ? 0 : this.weights[this.#first + i] / sum;
    for (let at = i; at < end; at += stride) shares[at] *= scale;
    this.logDensities[i] = sum === 0 ? Number.NEGATIVE_INFINITY : largest + Math.log(sum);
    return this.logDensities[i];
  }
}
