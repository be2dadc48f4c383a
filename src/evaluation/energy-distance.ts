/**
 * Energy distance of two samples, with a permutation test.
 *
 * @module
 */
import { checkOptions, type OptionTable } from '../core/options.js';
import { Pacer } from '../core/progress.js';
import { RandomStream } from '../core/random.js';
import type { SamplesLike } from '../core/samples.js';
import { type Bins, dealBins, drawLabelings, judge, type Labels } from './bins.js';
import { contrasts, sumPairs } from './pair-sums.js';
import { binOfRows, sortWithPlaces } from './sorting.js';
import { type PermutationOptions, permutationTable } from './two-sample-options.js';
import { type PooledRows, readPair, timesPower } from './two-samples.js';

/** Options of {@link energyDistance}. */
export interface EnergyDistanceOptions extends PermutationOptions {}

/** What {@link energyDistance} finds. */
export interface EnergyDistance {
  /**
   * The unbiased estimate of D^2, in the unit of the data; below zero about half of the time where the distributions agree.
   */
  readonly squared: number;
  /** Its standard error by the jackknife; where the distributions agree it is too large by a factor of up to sqrt 2. */
  readonly standardError: number;
  /** D = sqrt(squared), and 0 where that is negative. */
  readonly distance: number;
  /** Share of permutations that reach `squared`: small where the distributions differ, uniform where they agree. */
  readonly pValue: number;
  readonly permutations: number;
}

/** The option table of {@link energyDistance}. */
export const ENERGY_DISTANCE_OPTIONS: OptionTable<EnergyDistanceOptions> = permutationTable(999);

/**
 * Energy distance between the distributions of two samples.
 *
 *     D^2 = 2 E|x - y| - E|x - x'| - E|y - y'|,     in one dimension 2 int (F(t) - G(t))^2 dt
 *
 * It is 0 if and only if the distributions agree, needs no bandwidth, and follows the scale of the data. Columns count by
 * their units; standardise them if they have different ones.
 *
 * The estimate of D^2 is the U-statistic, unbiased; SciPy's `energy_distance` is the square root of the V-statistic, which is
 * never negative and too large by O(1 / n). The p-value is exact, and permutes bins of rows, 200 at most, instead of rows.
 *
 * Shapes: n x d and m x d rows. Cost: (n + m)^2 / 2 distances, about a second for 10,000 x 10,000 rows of 2 columns; with one
 * column O(N log N) for N = n + m, and O(N) for each permutation. Memory grows with n + m only.
 *
 * References: Székely & Rizzo (2013), doi:10.1016/j.jspi.2013.03.018; Domingo-Enrich, Dwivedi & Mackey (2025), *Cheap
 * permutation testing*, arXiv:2502.07672.
 *
 * @param first - At least two rows.
 * @param second - At least two rows of the same width.
 * @throws ModelError by rejection, for rows or options that will not do; the signal's reason when aborted.
 * @example
 * const { squared } = await energyDistance(Samples.column([0, 1]), Samples.column([3, 5]), { seed: 1 });
 * squared; // 4
 */
export async function energyDistance(
  first: SamplesLike,
  second: SamplesLike,
  options?: EnergyDistanceOptions,
): Promise<EnergyDistance> {
  const owner = 'energyDistance';
  const checked = checkOptions(owner, ENERGY_DISTANCE_OPTIONS, options);
  const pool = readPair(owner, first, second, 2);
  const pacer = new Pacer(owner, checked);
  const stream = RandomStream.of(checked.seed, owner);
  const bins = dealBins(pool.first, pool.second, stream.child('bins'));
  const labelings = drawLabelings(bins, checked.permutations as number, stream.child('permutations'));
  const measure = pool.columns === 1 ? energiesBySorting : energiesByPairs;
  const { value, standardError, pValue } = judge(bins, labelings, await measure(pool, bins, labelings.all, pacer));
  const squared = timesPower(value, pool.exponent);
  return {
    squared,
    standardError: timesPower(standardError, pool.exponent),
    distance: Math.sqrt(Math.max(squared, 0)),
    pValue,
    permutations: labelings.permutations,
  };
}

/**
 * D^2 of each labeling by all pairs, in the units of the pool.
 *
 * No distance there exceeds 1, so 1 - |x - y| is the linear kernel; the ones cancel between the three means.
 */
export async function energiesByPairs(
  pool: PooledRows,
  bins: Bins,
  labelings: readonly Labels[],
  pacer: Pacer,
): Promise<Float64Array> {
  return contrasts(await sumPairs(pool, bins, 'linear', [1], pacer), labelings, pacer);
}

/** D^2 of each labeling of rows of one column, in the units of the pool. */
export async function energiesBySorting(
  pool: PooledRows,
  bins: Bins,
  labelings: readonly Labels[],
  pacer: Pacer,
): Promise<Float64Array> {
  const { values, places } = await sortWithPlaces(pool.data, pacer);
  const binOfRow = binOfRows(bins);
  const binAt = places.map((row) => binOfRow[row]);
  const energies = new Float64Array(labelings.length);
  for (const [i, labels] of labelings.entries()) {
    energies[i] = sortedEnergy(values, binAt, labels);
    if (pacer.isDue) await pacer.step({ phase: 'permutations', completed: i, total: labelings.length });
  }
  return energies;
}

/**
 * D^2 of sorted numbers, as U-statistic. A pair of numbers lies w further apart for each gap w between them: with a of the n
 * and c of the m numbers on the left of a gap,
 *
 *     T = sum_gaps w (2 (a (m - c) + c (n - a)) / (n m) - 2 a (n - a) / (n (n - 1)) - 2 c (m - c) / (m (m - 1))).
 */
function sortedEnergy(values: Float64Array, binAt: Uint32Array, labels: Labels): number {
  let [n, m] = [0, 0];
  for (let k = 0; k < values.length; k++) {
    n += labels[binAt[k]] & 1;
    m += labels[binAt[k]] >> 1;
  }
  const [across, within, beyond] = [2 / (n * m), 2 / (n * (n - 1)), 2 / (m * (m - 1))];
  let [a, c] = [0, 0];
  let sum = 0;
  for (let k = 0; k + 1 < values.length; k++) {
    a += labels[binAt[k]] & 1;
    c += labels[binAt[k]] >> 1;
    const gap = values[k + 1] - values[k];
    sum += gap * (across * (a * (m - c) + c * (n - a)) - within * a * (n - a) - beyond * c * (m - c));
  }
  return sum;
}
