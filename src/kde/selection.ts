/**
 * The choice of the bandwidth: given, by a rule, or by a search.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Checked } from '../core/options.js';
import type { Pacer } from '../core/progress.js';
import type { Samples } from '../core/samples.js';
import { type RowWeights, unitWeights } from '../core/weights.js';
import { kernelNamed } from '../kernels/index.js';
import { type Bandwidth, readBandwidth, scaleBandwidth } from './bandwidth.js';
import { ruleBandwidth } from './bandwidth-rules.js';
import type { Bounds } from './bounds.js';
import { Coordinates } from './coordinates.js';
import { crossValidatedBandwidth } from './cross-validation.js';
import { LeaveOneOutCriteria } from './leave-one-out.js';
import type { KernelDensityOptions } from './options.js';
import { bestFactors } from './search-factors.js';
import { SquaredDensity } from './squared-density.js';
import type { Fitted } from './state.js';
import { straighten } from './straighten.js';
import { buildTreeSlowly } from './tree.js';

/** The part of a fit that is about its bandwidth. */
export type Choice = Pick<Fitted, 'bandwidth' | 'bandwidthRule' | 'history' | 'warnings'>;

type Options = Omit<Checked<KernelDensityOptions>, 'bounds'> & { readonly bounds?: Bounds };

const NO_SEARCH: Fitted['history'] = Object.freeze([]);

/** Chooses the bandwidth as the options say. */
export async function chooseBandwidth(
  options: Options,
  samples: Samples,
  weights: RowWeights | undefined,
  owner: string,
  pacer: Pacer,
): Promise<Choice> {
  const { bandwidth: asked, bandwidthShape } = options;
  if (typeof asked !== 'string') {
    const bandwidth = readBandwidth(asked, samples.columns, owner);
    return { bandwidth, bandwidthRule: 'given', history: NO_SEARCH, warnings: Object.freeze([]) };
  }
  const kernel = kernelNamed(options.kernel);
  const warnings: string[] = [];
  const rows = await straighten(samples, weights, options.bounds, pacer);
  const searches = asked === 'cross-validation' || asked === 'least-squares-cross-validation';
  const rule = searches ? 'scott' : asked;
  const all = weights ?? unitWeights(samples.rows);
  const start = await ruleBandwidth(rule, bandwidthShape, rows, all, kernel, owner, warnings, pacer);
  const found = searches ? await search(options, start, rows, weights, owner, pacer, warnings) : undefined;
  return {
    bandwidth: found?.bandwidth ?? start,
    bandwidthRule: asked,
    history: found?.history ?? NO_SEARCH,
    warnings: Object.freeze(warnings),
  };
}

/** Searches factors to a bandwidth for the best by cross-validation. */
async function search(
  options: Options,
  start: Bandwidth,
  rows: Samples,
  weights: RowWeights | undefined,
  owner: string,
  pacer: Pacer,
  warnings: string[],
): Promise<Pick<Fitted, 'bandwidth' | 'history'>> {
  const { leafSize, bandwidthSearch, bandwidth } = options;
  const kernel = kernelNamed(options.kernel);
  const leastSquares = bandwidth === 'least-squares-cross-validation';
  const perColumn = bandwidthSearch === 'per-column' && rows.columns > 1;
  // Rows are straightened already: only folds are left of the bounds.
  const folds = options.bounds?.map((column) => (column?.by === 'transformation' ? null : column));
  const coordinates = new Coordinates(rows, start, folds, owner);
  refuseSearch(leastSquares, perColumn, options, coordinates, owner);
  const placed = await coordinates.placeSlowly(rows, owner, pacer);
  if (!leastSquares && !perColumn && coordinates.folds.length === 0) {
    const shape = coordinates.factor ? new Float64Array(rows.columns).fill(1) : start.columns;
    const found = await crossValidatedBandwidth(placed, weights, kernel, shape, leafSize, owner, pacer);
    return { bandwidth: scaleBandwidth(start, [found.bandwidth[0] / shape[0]]), history: found.history };
  }
  const points = { samples: placed, weights: weights?.values };
  const tree = await buildTreeSlowly(points, coordinates.scales, leafSize, pacer);
  const squared = leastSquares
    ? await SquaredDensity.of(rows, tree, kernel, coordinates, leafSize, owner, pacer)
    : undefined;
  const given = { rows, tree, kernel, coordinates, perColumn, squared };
  // About its optimum, a criterion bends by the square of a step.
  const tolerance = rows.rows <= 4096 ? 1e-12 : 1e-8;
  const criteria = new LeaveOneOutCriteria(given, tolerance, pacer);
  const factors = await bestFactors(criteria, given, owner, warnings);
  return { bandwidth: scaleBandwidth(start, factors), history: Object.freeze(criteria.history) };
}

/** What no search is written for. */
function refuseSearch(
  leastSquares: boolean,
  perColumn: boolean,
  options: Options,
  coordinates: Coordinates,
  owner: string,
): void {
  const refuse = (must: string, got: unknown, remedy: string): Error =>
    modelError('invalid-option', { owner, must, got, remedy });
  if (perColumn && options.bandwidthShape !== 'diagonal') {
    const must = 'for bandwidthSearch "per-column" option "bandwidthShape" must be "diagonal"';
    throw refuse(must, options.bandwidthShape, 'Use bandwidthSearch "common"');
  }
  const isMirrored = coordinates.folds.some(({ bounds }) => bounds.by === 'reflection');
  if (leastSquares && coordinates.factor && isMirrored && options.kernel !== 'gaussian') {
    const must =
      'for "least-squares-cross-validation" of bandwidthShape "full" with reflection option "kernel" must be "gaussian"';
    throw refuse(must, options.kernel, 'Or use "cross-validation", or bandwidthShape "diagonal"');
  }
}
