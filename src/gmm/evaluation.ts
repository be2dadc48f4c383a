/**
 * Log-densities and responsibilities of any rows under a mixture.
 *
 * Rows are taken in blocks, but each row's result depends on that row alone.
 *
 * @module
 */
import { allocateSamples } from '../core/estimator.js';
import { Samples } from '../core/samples.js';
import type { MixtureLoops } from '../simd/index.js';
import { loopsOf, type WhitenedMixture } from './log-joint.js';

/** log p(x) = m + log sum_k exp(log w_k N_k - m), with m the largest term; `-Infinity` where all terms are. */
export function logDensities(mixture: WhitenedMixture, rows: Samples): Float64Array {
  const result = new Float64Array(rows.rows);
  eachBlock(mixture, rows, (loops, first, count) => {
    loops.densities(count);
    result.set(loops.logDensities.subarray(0, count), first);
  });
  return result;
}

/** n x K responsibilities. */
export function responsibilities(mixture: WhitenedMixture, rows: Samples): Samples {
  return sharesOf(mixture, rows, 'responsibilities', (terms, largest, out) => {
    let sum = 0;
    for (let k = 0; k < terms.length; k++) {
      out[k] = Math.exp(terms[k] - largest);
      sum += out[k];
    }
    for (let k = 0; k < terms.length; k++) out[k] /= sum;
  });
}

/** Their logarithms, finite where the responsibilities themselves underflow. */
export function logResponsibilities(mixture: WhitenedMixture, rows: Samples): Samples {
  return sharesOf(mixture, rows, 'logResponsibilities', (terms, largest, out) => {
    let sum = 0;
    for (let k = 0; k < terms.length; k++) sum += Math.exp(terms[k] - largest);
    const logSum = Math.log(sum);
    for (let k = 0; k < terms.length; k++) out[k] = terms[k] - largest - logSum;
  });
}

/** From one row's terms log w_k N_k and the largest of them to its shares. */
type Sharing = (terms: Float64Array, largest: number, out: Float64Array) => void;

function sharesOf(mixture: WhitenedMixture, rows: Samples, method: string, share: Sharing): Samples {
  const { components } = mixture;
  const result = allocateSamples(`GaussianMixtureModel.${method}`, rows.rows, components);
  const terms = new Float64Array(components);
  const far = method === 'responsibilities' ? 0 : Number.NEGATIVE_INFINITY;
  eachBlock(mixture, rows, (loops, first, count) => {
    loops.joint(count);
    for (let i = 0; i < count; i++) {
      const out = result.subarray((first + i) * components, (first + i + 1) * components);
      let largest = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < components; k++) {
        terms[k] = loops.shares[k * loops.stride + i];
        if (terms[k] > largest) largest = terms[k];
      }
      if (largest > Number.NEGATIVE_INFINITY) share(terms, largest, out);
      else {
        out.fill(far);
        out[nearestFromAfar(mixture, rows.data, first + i)] = far === 0 ? 1 : 0;
      }
    }
  });
  return new Samples(result, rows.rows, components);
}

type BlockVisitor = (loops: MixtureLoops, first: number, count: number) => void;

function eachBlock(mixture: WhitenedMixture, { data, rows, columns: d }: Samples, visit: BlockVisitor): void {
  const loops = loopsOf(mixture);
  for (let first = 0; first < rows; first += loops.blockRows) {
    const count = Math.min(loops.blockRows, rows - first);
    loops.rows.set(data.subarray(first * d, (first + count) * d));
    visit(loops, first, count);
  }
}

/** By what {@link nearestFromAfar} shrinks: the square root of the largest double is 2^512. */
const SHRINK = 2 ** -560;

const SHRUNK = new WeakMap<WhitenedMixture, WhitenedMixture>();

/**
 * The component that gets a row whose densities all underflow: the one at the least Mahalanobis distance, found in units
 * in which the squares do not overflow. The log-weights are nothing beside such distances.
 */
function nearestFromAfar(mixture: WhitenedMixture, data: Float64Array, row: number): number {
  const { components, dimension: d } = mixture;
  const loops = loopsOf(shrink(mixture));
  for (let j = 0; j < d; j++) loops.rows[j] = data[row * d + j] * SHRINK;
  loops.joint(1);
  let best = 0;
  for (let k = 1; k < components; k++) if (loops.shares[k * loops.stride] > loops.shares[best * loops.stride]) best = k;
  return best;
}

function shrink(mixture: WhitenedMixture): WhitenedMixture {
  const known = SHRUNK.get(mixture);
  if (known) return known;
  const shrunk: WhitenedMixture = {
    ...mixture,
    means: mixture.means.map((mean) => mean * SHRINK),
    constants: mixture.constants.map((constant) => (constant === Number.NEGATIVE_INFINITY ? constant : 0)),
  };
  SHRUNK.set(mixture, shrunk);
  return shrunk;
}
