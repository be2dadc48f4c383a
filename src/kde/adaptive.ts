/**
 * Bandwidths that follow the density: narrow where rows are dense, wide where they are rare.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Pacer } from '../core/progress.js';
import { kernelNamed } from '../kernels/index.js';
import { factorRange } from './bandwidth.js';
import { BlockSums } from './block-sums.js';
import { Density, type Placement } from './density.js';
import type { Fitted } from './state.js';
import type { Tree } from './tree.js';

/** Relative tolerance of the pilot: its error enters the factors by the sensitivity only. */
const PILOT_TOLERANCE = 1e-8;
/** Rows between two looks at the clock. */
const ROWS_PER_LOOK = 16;

/**
 * One factor to the bandwidth for each row,
 *
 *     lambda_i = (f(x_i) / g)^-alpha,    log g = sum_i (w_i / W) log f(x_i),
 *
 * with f the density of fixed bandwidth as pilot; behind transformations, where kernels are, and images included.
 *
 * Cost: n densities; those of rows that share a leaf are summed together in up to three dimensions.
 *
 * Reference: Abramson (1982), *On bandwidth variation in kernel estimates - a square root law*,
 * doi:10.1214/aos/1176345986; Silverman (1986), section 5.3.
 *
 * @param sensitivity - alpha: 1/2 is Abramson's.
 * @throws ModelError `degenerate-data` for factors beyond the range of doubles.
 */
export async function adaptiveFactors(
  fitted: Fitted,
  placement: Placement,
  tree: Tree,
  sensitivity: number,
  owner: string,
  pacer: Pacer,
): Promise<Float64Array> {
  const { samples, weights } = fitted;
  const logSum = await pilotSums(fitted, placement, tree, pacer);
  const logs = new Float64Array(samples.rows);
  let mean = 0;
  for (let place = 0; place < samples.rows; place++) {
    const row = tree.order[place];
    logs[row] = logSum(place, row);
    mean += ((weights?.[row] ?? 1) / tree.totalWeight) * logs[row];
    if (place % ROWS_PER_LOOK === 0 && pacer.isDue) {
      await pacer.step({ phase: 'pilot density', completed: place, total: samples.rows });
    }
  }
  const factors = logs.map((log) => Math.exp(-sensitivity * (log - mean)));
  const [least, greatest] = factorRange(samples.columns);
  const row = factors.findIndex((factor) => !(factor >= least && factor <= greatest));
  if (row < 0) return factors;
  const must = `for option "adaptation" densities must be less far apart than at row ${row}`;
  throw modelError('degenerate-data', { owner, must, got: factors[row], remedy: 'Give a smaller adaptation' });
}

/** log of the pilot's sum at a row, given its place too: leaf by leaf where columns do not fold. */
async function pilotSums(
  fitted: Fitted,
  placement: Placement,
  tree: Tree,
  pacer: Pacer,
): Promise<(place: number, row: number) => number> {
  const { coordinates } = placement;
  if (coordinates.folds.length === 0) {
    const sums = new BlockSums(tree, kernelNamed(fitted.kernel), coordinates.scales, PILOT_TOLERANCE, false);
    await sums.prepare(pacer);
    return (place) => sums.logSum(place);
  }
  const pilot = new Density({ ...fitted, relativeTolerance: PILOT_TOLERANCE }, placement, tree);
  const { data, columns } = fitted.samples;
  const y = new Float64Array(columns);
  return (_place, row) => {
    coordinates.unbound(data, row * columns, y);
    return pilot.sum.logSum(y);
  };
}
