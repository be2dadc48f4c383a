/**
 * Log-densities and responsibilities of any rows under a mixture.
 *
 * Rows are taken in blocks, but each row's result depends on that row alone.
 *
 * @module
 */
import { allocateSamples } from '../core/estimator.js';
import { Samples } from '../core/samples.js';
import { BLOCK_ROWS, logJoint, settleOverflow, type WhitenedMixture } from './log-joint.js';

/** log p(x) = m + log sum_k exp(log w_k N_k - m), with m the largest term; `-Infinity` where all terms are. */
export function logDensities(mixture: WhitenedMixture, rows: Samples): Float64Array {
  const result = new Float64Array(rows.rows);
  eachBlock(mixture, rows, (terms, first, count, stride) => {
    for (let i = 0; i < count; i++) {
      const largest = largestTerm(terms, i, stride);
      if (largest === Number.NEGATIVE_INFINITY) {
        result[first + i] = largest;
        continue;
      }
      let sum = 0;
      for (let at = i; at < terms.length; at += stride) sum += Math.exp(terms[at] - largest);
      result[first + i] = largest + Math.log(sum);
    }
  });
  return result;
}

/** n x K responsibilities. */
export function responsibilities(mixture: WhitenedMixture, rows: Samples): Samples {
  const { components } = mixture;
  const result = allocateSamples('GaussianMixtureModel.responsibilities', rows.rows, components);
  eachBlock(mixture, rows, (terms, first, count, stride) => {
    for (let i = 0; i < count; i++) {
      const out = result.subarray((first + i) * components, (first + i + 1) * components);
      const largest = largestTerm(terms, i, stride);
      if (largest === Number.NEGATIVE_INFINITY) {
        out[nearestFromAfar(mixture, rows.data, first + i)] = 1;
        continue;
      }
      let sum = 0;
      for (let k = 0; k < components; k++) {
        out[k] = Math.exp(terms[k * stride + i] - largest);
        sum += out[k];
      }
      for (let k = 0; k < components; k++) out[k] /= sum;
    }
  });
  return new Samples(result, rows.rows, components);
}

type BlockVisitor = (terms: Float64Array, first: number, count: number, stride: number) => void;

function eachBlock(mixture: WhitenedMixture, rows: Samples, visit: BlockVisitor): void {
  const stride = Math.min(BLOCK_ROWS, rows.rows);
  const terms = new Float64Array(mixture.components * stride);
  for (let first = 0; first < rows.rows; first += stride) {
    const count = Math.min(stride, rows.rows - first);
    logJoint(mixture, rows.data, first, count, terms, stride);
    settleOverflow(terms, mixture.components, count, stride);
    visit(terms, first, count, stride);
  }
}

function largestTerm(terms: Float64Array, i: number, stride: number): number {
  let largest = terms[i];
  for (let at = i + stride; at < terms.length; at += stride) if (terms[at] > largest) largest = terms[at];
  return largest;
}

/** By what {@link nearestFromAfar} shrinks: the square root of the largest double is 2^512. */
const SHRINK = 2 ** -560;

/**
 * The component that gets a row whose densities all underflow: the one at the least Mahalanobis distance, found in units
 * in which the squares do not overflow. The log-weights are nothing beside such distances.
 */
function nearestFromAfar(mixture: WhitenedMixture, data: Float64Array, row: number): number {
  const { components, dimension: d, means } = mixture;
  const shrunk: WhitenedMixture = {
    ...mixture,
    means: means.map((mean) => mean * SHRINK),
    constants: mixture.constants.map((constant) => (constant === Number.NEGATIVE_INFINITY ? constant : 0)),
  };
  const terms = new Float64Array(components);
  const x = Float64Array.from({ length: d }, (_, j) => data[row * d + j] * SHRINK);
  logJoint(shrunk, x, 0, 1, terms, 1);
  settleOverflow(terms, components, 1, 1);
  let best = terms.indexOf(Math.max(...terms));
  if (best < 0) best = 0;
  return best;
}
