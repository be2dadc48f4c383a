/**
 * The search for the best factors to a bandwidth: far and wide on few rows first, so that a local optimum is not taken
 * for the global one, then uphill on all of them.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { LeaveOneOutCriteria, LeftOut } from './leave-one-out.js';
import { climbSimplex } from './nelder-mead.js';
import { maximize, type Point } from './search.js';

/** Ratio between neighbours of the first, coarse pass. */
const RATIO = 1.15;
/** Rows that coarse passes leave out at most. */
const COARSE_ROWS = 1024;
/** Hills of the coarse pass that are climbed on all rows. */
const MOST_HILLS = 3;
/** Factors, beside the common one, from which each column's own is searched. */
const SPREADS = [-1.5, 0, 1];
/**
 * How far from the common one a column's own factor may be, in logarithms: a thousand times. Where the values of a column
 * repeat, least squares grow without end as its bandwidth goes to 0.
 */
const FARTHEST = 7;
/** Width to which logarithms of factors are located: six digits, or four where each costs seconds. */
const widthFor = (rows: number): number => (rows <= 4096 ? 1e-6 : 1e-4);

/** The best factor, or the best factors, one for each column. */
export async function bestFactors(
  criteria: LeaveOneOutCriteria,
  given: LeftOut,
  owner: string,
  warnings: string[],
): Promise<number[]> {
  const common = await bestCommonFactor(criteria, given, owner, warnings);
  if (!given.perColumn) return [Math.exp(common)];
  const { rows } = given.rows;
  const within = (x: readonly number[], most: number): Promise<number> =>
    x.every((log) => Math.abs(log - common) <= FARTHEST)
      ? criteria.at(x, most)
      : Promise.resolve(Number.NEGATIVE_INFINITY);
  const starts = latticeAround(common, given.rows.columns);
  const coarse: { x: readonly number[]; value: number }[] = [];
  for (const x of starts) coarse.push({ x, value: await criteria.at(x, COARSE_ROWS) });
  coarse.sort((a, b) => b.value - a.value);
  let best = { x: coarse[0].x, value: Number.NEGATIVE_INFINITY };
  for (const { x } of coarse.slice(0, MOST_HILLS)) {
    const top = await climbSimplex((at) => within(at, COARSE_ROWS), x, 0.3, 1e-2);
    if (top.value > best.value) best = top;
  }
  const found = await climbSimplex((at) => within(at, rows), best.x, 0.05, widthFor(rows));
  for (const [j, x] of found.x.entries()) {
    if (FARTHEST - Math.abs(x - common) < 0.5) warnings.push(endOfRange(j));
  }
  return found.x.map(Math.exp);
}

function endOfRange(column: number): string {
  return `the best bandwidth of column ${column} is at the end of the range that is searched; its values may repeat.`;
}

/** All columns at once up to three, one column at a time beyond. */
function latticeAround(center: number, d: number): number[][] {
  if (d > 3) {
    const axes = Array.from({ length: d }, (_, j) => SPREADS.map((spread) => axisStart(center, d, j, spread)));
    return axes.flat();
  }
  let lattice: number[][] = [[]];
  for (let j = 0; j < d; j++) lattice = lattice.flatMap((x) => SPREADS.map((spread) => [...x, center + spread]));
  return lattice;
}

function axisStart(center: number, d: number, j: number, spread: number): number[] {
  return Array.from({ length: d }, (_, k) => center + (k === j ? spread : 0));
}

/** The logarithm of the best common factor. */
async function bestCommonFactor(
  criteria: LeaveOneOutCriteria,
  given: LeftOut,
  owner: string,
  warnings: string[],
): Promise<number> {
  const [low, high] = await rangeOf(criteria, given, owner);
  const coarseRows = Math.min(given.rows.rows, COARSE_ROWS);
  const points: Point[] = [];
  const steps = Math.max(2, Math.ceil(Math.log(high / low) / Math.log(RATIO)));
  for (let i = 0; i <= steps; i++) {
    const x = Math.log(low) + (i / steps) * Math.log(high / low);
    points.push({ x, value: await criteria.at([x], coarseRows) });
  }
  const hills = pickHills(points, given.squared !== undefined, warnings);
  let best: Point = { x: 0, value: Number.NEGATIVE_INFINITY };
  const evaluate = (x: number): Promise<number> => criteria.at([x], given.rows.rows);
  for (const i of hills) {
    const { x } = points[i];
    const start = { x, value: await evaluate(x) };
    const [from, to] = [points[Math.max(0, i - 1)].x, points[Math.min(points.length - 1, i + 1)].x];
    const top = await maximize(evaluate, from, start, to, widthFor(given.rows.rows));
    if (top.value > best.value) best = top;
  }
  return best.x;
}

/**
 * The highest hills, by index. Least squares grow without end towards bandwidth 0 where many rows repeat; the ascent to
 * there is no hill, and of those that are, the one of largest bandwidth is taken.
 *
 * Reference: Silverman (1986), section 3.4.3, on rounded data; Park & Marron (1990), *Comparison of data-driven bandwidth
 * selectors*, on local minima.
 */
function pickHills(points: readonly Point[], leastSquares: boolean, warnings: string[]): number[] {
  const isHill = (i: number): boolean =>
    points[i].value > Number.NEGATIVE_INFINITY &&
    points[i].value >= (points[i - 1]?.value ?? Number.NEGATIVE_INFINITY) &&
    points[i].value >= (points[i + 1]?.value ?? Number.NEGATIVE_INFINITY);
  const hills = Array.from(points.keys()).filter(isHill);
  if (leastSquares && hills[0] === 0) {
    const inner = hills.filter((i) => i > 0);
    if (inner.length > 0) {
      const note = 'the one of largest bandwidth was taken';
      warnings.push(`rows repeat, so that least squares have no optimum but local ones; ${note}.`);
      return inner.slice(-1);
    }
  }
  return hills.sort((a, b) => points[b].value - points[a].value).slice(0, MOST_HILLS);
}

/**
 * Between these factors lies the optimum. For the likelihood they are derived in `cross-validation.ts`, and halved for
 * images. Least squares have no hill below a quarter of the least distance of two rows: there all left-out densities
 * vanish, and the criterion is that of 1 / h. A thousandth of the likelihood's end is deep enough for any data.
 */
async function rangeOf(criteria: LeaveOneOutCriteria, given: LeftOut, owner: string): Promise<[number, number]> {
  const { rows, columns } = given.rows;
  const { mean, greatest, least } = await criteria.nearest();
  const reach = given.kernel.isCompact ? greatest : mean / columns;
  if (!(reach > 0)) {
    throw modelError('degenerate-data', {
      owner,
      must: 'for cross-validation some row must differ from all others',
      remedy:
        'Rows that all repeat make ever smaller bandwidths look better; use "scott", or give the bandwidth as a number',
    });
  }
  const low = 0.5 * Math.sqrt(reach);
  const lowest = given.squared ? Math.max(1e-3 * low, Math.min(low, 0.25 * Math.sqrt(least))) : low;
  return [lowest, Math.max(2 * Math.SQRT2 * rows ** (1 / (columns + 4)), 8 * low)];
}
