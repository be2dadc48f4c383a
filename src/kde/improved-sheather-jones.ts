/**
 * The improved Sheather-Jones bandwidth of one column.
 *
 * @module
 */
import { cosineTransform } from '../core/cosine-transform.js';
import type { Pacer } from '../core/progress.js';
import type { SortedColumn } from './sorted-column.js';
import { BANDWIDTH_PHASE, type Column } from './spread.js';

/** How the values are laid on a grid. */
export interface IsjGrid {
  /** Number of cells, a power of two: at first, where the bandwidth turns out to be no wider than a few. */
  readonly cells: number;
  /** How far the grid goes beyond the values on either side, in ranges of the values. */
  readonly padding: number;
}

const GRID: IsjGrid = { cells: 2 ** 14, padding: 0.5 };
const MOST_CELLS = 2 ** 20;
/** A bandwidth of fewer cells than this is taken again on a finer grid. */
const LEAST_CELLS = 8;
/** Stages of the plug-in estimate. Reference: Botev, Grotowski & Kroese (2010), section 4. */
const STAGES = 7;
/** The greatest t at which a root is looked for: a bandwidth of a third of the grid. */
const GREATEST = 0.1;
/** Ratio between neighbours when looking for a change of sign. */
const STRIDE = 1.25;

/**
 * The bandwidth, as a standard deviation of the gaussian kernel: sqrt(t) times the range of the *grid*, where t is the
 * least root of t = xi gamma^[7](t); `undefined` where there is none, as for data that are uniform or very few.
 *
 * No normal distribution is assumed anywhere, so the modes of mixtures stay apart. N is Kish's effective number of rows,
 * or the number of different values where that is smaller.
 *
 * Cost: O(n + M log M), the values being in order already.
 *
 * Reference: Botev, Grotowski & Kroese (2010), *Kernel density estimation via diffusion*, doi:10.1214/10-AOS799.
 */
export async function improvedSheatherJones(
  column: Column,
  { values: sorted }: SortedColumn,
  pacer: Pacer,
  grid: IsjGrid = GRID,
): Promise<number | undefined> {
  const n = Math.min(column.weights.effective, countDistinct(sorted));
  const [low, high] = [sorted[0], sorted[sorted.length - 1]];
  const range = (high - low) * (1 + 2 * grid.padding);
  for (let cells = grid.cells; cells <= MOST_CELLS; cells *= 8) {
    const masses = await linearBins(column, low - grid.padding * (high - low), range / cells, cells, pacer);
    const spectrum = await spectrumOf(masses, pacer);
    const t = await leastRoot(spectrum, n, (LEAST_CELLS / cells) ** 2, pacer);
    if (t === undefined) return undefined;
    if (t > 0) return Math.sqrt(t) * range;
  }
  return undefined;
}

async function spectrumOf(masses: Float64Array, pacer: Pacer): Promise<CosineSpectrum> {
  const powers = await cosineTransform(masses, BANDWIDTH_PHASE, pacer);
  const squares = new Float64Array(powers.length);
  await pacer.run(BANDWIDTH_PHASE, powers.length, (from, to) => {
    for (let k = from; k < to; k++) {
      powers[k] = 4 * powers[k] ** 2;
      squares[k] = k * k;
    }
  });
  return { squares, powers };
}

function countDistinct(sorted: Float64Array): number {
  let count = 1;
  for (let i = 1; i < sorted.length; i++) if (sorted[i] !== sorted[i - 1]) count++;
  return count;
}

/** Shares of the weight on the middles of the cells, each value shared between the two nearest. */
export async function linearBins(
  { values, weights }: Column,
  low: number,
  width: number,
  cells: number,
  pacer: Pacer,
): Promise<Float64Array> {
  const masses = new Float64Array(cells);
  await pacer.run(BANDWIDTH_PHASE, values.length, (from, to) => {
    for (let i = from; i < to; i++) {
      const place = Math.min(cells - 1, Math.max(0, (values[i] - low) / width - 0.5));
      const cell = Math.min(cells - 2, Math.floor(place));
      const share = weights.values[i] / weights.total;
      masses[cell] += share * (1 - (place - cell));
      masses[cell + 1] += share * (place - cell);
    }
  });
  return masses;
}

/** The squared cosine coefficients (2 a_k)^2 of a density on the unit interval, beside their k^2. */
export interface CosineSpectrum {
  readonly squares: ArrayLike<number>;
  readonly powers: ArrayLike<number>;
}

/** The least t > 0 with t = xi gamma^[7](t): 0 if it is below `least`, `undefined` if there is none. */
async function leastRoot(
  spectrum: CosineSpectrum,
  n: number,
  least: number,
  pacer: Pacer,
): Promise<number | undefined> {
  const isPast = async (t: number): Promise<boolean> => (await fixedPointResidual(t, n, spectrum, pacer)) >= 0;
  let low = least;
  if (await isPast(low)) return 0;
  while (low < GREATEST) {
    const high = Math.min(GREATEST, low * STRIDE);
    if (await isPast(high)) return bisect(isPast, low, high);
    low = high;
  }
  return undefined;
}

async function bisect(isPast: (t: number) => Promise<boolean>, from: number, to: number): Promise<number> {
  let [low, high] = [from, to];
  // 32 halvings of a quarter: ten digits of t, of which the data determine two.
  for (let i = 0; i < 32; i++) {
    const middle = 0.5 * (low + high);
    if (await isPast(middle)) high = middle;
    else low = middle;
  }
  return 0.5 * (low + high);
}

/**
 * t - xi gamma^[7](t), on the unit interval: with |f^(s)|^2 estimated at the time t_s as
 *
 *     |f^(s)|^2 = pi^(2s) / 2 sum_k k^(2s) (2 a_k)^2 exp(-k^2 pi^2 t_s),
 *     t_s = ((1 + 2^-(s + 1/2)) / 3 * (1 3 5 ... (2s - 1)) / (N sqrt(pi / 2) |f^(s+1)|^2))^(2 / (3 + 2s)),
 *
 * from s = 7 at t_7 = t down to s = 2, and the bandwidth that follows, (2 N sqrt(pi) |f''|^2)^(-2/5).
 */
export async function fixedPointResidual(
  t: number,
  n: number,
  spectrum: CosineSpectrum,
  pacer: Pacer,
): Promise<number> {
  let time = t;
  let functional = roughness(STAGES, time, spectrum);
  for (let s = STAGES - 1; s >= 2; s--) {
    let odds = 1;
    for (let k = 3; k < 2 * s; k += 2) odds *= k;
    const constant = (1 + 2 ** -(s + 0.5)) / 3;
    time = ((constant * odds) / (n * Math.sqrt(Math.PI / 2) * functional)) ** (2 / (3 + 2 * s));
    if (pacer.isDue) await pacer.breathe();
    functional = roughness(s, time, spectrum);
  }
  return t - (2 * n * Math.sqrt(Math.PI) * functional) ** -0.4;
}

/** pi^(2s) / 2 sum_k k^(2s) (2 a_k)^2 exp(-k^2 pi^2 t). */
function roughness(s: number, t: number, { squares, powers }: CosineSpectrum): number {
  let sum = 0;
  for (let k = 0; k < powers.length; k++) {
    const decay = squares[k] * Math.PI * Math.PI * t;
    // Beyond, terms are below 1e-16 of the greatest, which lies at a decay of at most 7.
    if (decay > 60) break;
    let power = squares[k];
    for (let i = 1; i < s; i++) power *= squares[k];
    sum += power * powers[k] * Math.exp(-decay);
  }
  return 0.5 * Math.PI ** (2 * s) * sum;
}
