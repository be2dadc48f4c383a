/**
 * Permutation tests and jackknife at the price of one statistic: rows are dealt to bins, and bins change sides, not rows.
 *
 * Where both samples come from one distribution, exchanging bins of equal size between them changes nothing in law,
 * so the test is as exact as one that permutes rows. It costs a little power, less the more bins there are.
 *
 * Reference: Domingo-Enrich, Dwivedi & Mackey (2025), *Cheap permutation testing*, arXiv:2502.07672.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';

/** Where a bin is counted: nowhere, in the first sample, in the second. */
export const ABSENT = 0;
export const FIRST = 1;
export const SECOND = 2;

/**
 * The rows of two samples, bin after bin: bins of the first sample, bins of the second, all of one size; then what is left
 * of the first and of the second, in two last bins that never move.
 */
export interface Bins {
  /** Rows of each bin that moves. */
  readonly size: number;
  /** Bins of the first sample that move. */
  readonly first: number;
  /** Bins of the second sample that move. */
  readonly second: number;
  /** Numbers of the pooled rows, bin after bin. */
  readonly order: Uint32Array;
  /** Bin b holds `order[starts[b]]` to `order[starts[b + 1] - 1]`. */
  readonly starts: Uint32Array;
}

/**
 * Bins that move, of both samples together. With 200, a standard error has a relative error of its own of about
 * 1 / sqrt(200) = 7 %, and 10,000 x 10,000 rows make bins of 100. Power, measured by the energy distance of 600 and 600
 * normals 0.13 apart at the 5 % level in 300 tries: 57 % with 50 bins, 58 % with 200, 59 % with a bin for each row.
 */
const MOST_BINS = 200;
/** Bins that the smaller sample has at least, rows permitting. */
const LEAST_BINS = MOST_BINS / 4;

/** Deals the rows of two samples to bins at random, so that the order in which they were given does not matter. */
export function dealBins(n: number, m: number, stream: RandomStream, mostBins: number = MOST_BINS): Bins {
  const smaller = Math.min(n, m);
  const leastBins = Math.min(LEAST_BINS, Math.ceil(mostBins / 4));
  const size = Math.max(1, Math.min(Math.ceil((n + m) / mostBins), Math.floor(smaller / leastBins)));
  const few = Math.floor(smaller / size);
  const many = Math.min(Math.floor((n + m - smaller) / size), Math.max(mostBins - few, 1));
  const [first, second] = n <= m ? [few, many] : [many, few];
  const x = stream.child('first').permutation(n);
  const y = stream
    .child('second')
    .permutation(m)
    .map((row) => n + row);
  const order = new Uint32Array(n + m);
  order.set(x.subarray(0, first * size));
  order.set(y.subarray(0, second * size), first * size);
  order.set(x.subarray(first * size), (first + second) * size);
  order.set(y.subarray(second * size), second * size + n);
  const starts = Uint32Array.from({ length: first + second + 3 }, (_, b) => b * size);
  starts[first + second + 1] = second * size + n;
  starts[first + second + 2] = n + m;
  return { size, first, second, order, starts };
}

/** One label for each bin: where it is counted. */
export type Labels = Uint8Array;

/** The labels as they are, permuted, and with one bin left out at a time. */
export interface Labelings {
  /** The samples as given, then the permutations, then the jackknife of the first and of the second sample. */
  readonly all: readonly Labels[];
  readonly permutations: number;
}

/** All labelings that a test and a standard error ask for. */
export function drawLabelings(bins: Bins, permutations: number, stream: RandomStream): Labelings {
  const moving = bins.first + bins.second;
  const given = new Uint8Array(moving + 2).fill(FIRST, 0, bins.first).fill(SECOND, bins.first);
  given[moving] = FIRST;
  const all = [given];
  for (let p = 0; p < permutations; p++) {
    const order = stream.child('permutation', p).permutation(moving);
    const labels = given.slice();
    for (let b = 0; b < moving; b++) labels[b] = given[order[b]];
    all.push(labels);
  }
  for (let b = 0; b < moving; b++) {
    const labels = given.slice();
    labels[b] = ABSENT;
    all.push(labels);
  }
  return { all, permutations };
}

/** What permutations and jackknife say about a statistic. */
export interface Judgement {
  /** The statistic of the samples as given. */
  readonly value: number;
  readonly standardError: number;
  readonly pValue: number;
}

/** Statistics are of the order of 1 or below; smaller differences are rounding, and count as ties. */
const ROUNDING = 1e-12;

/**
 * Reads the statistic of each labeling.
 *
 *     p-value         (1 + #{T_p >= T}) / (1 + P)
 *     standard error  s^2 = sum over both samples of (n - b) / (b g) sum_k (T_(-k) - mean)^2
 *
 * for P permutations, and g bins of b of the n rows, each left out once: the delete-b jackknife, which errs on the high side.
 *
 * References: Phipson & Smyth (2010), doi:10.2202/1544-6115.1585, on the 1 in the p-value; Efron & Stein (1981),
 * doi:10.1214/aos/1176345462, and Shao & Wu (1989), doi:10.1214/aos/1176347263, on the jackknife.
 */
export function judge(bins: Bins, labelings: Labelings, values: Float64Array): Judgement {
  const { permutations } = labelings;
  const value = values[0];
  let atLeast = 0;
  for (let p = 1; p <= permutations; p++) if (values[p] >= value - ROUNDING) atLeast++;
  const start = 1 + permutations;
  const middle = start + bins.first;
  const rest = bins.starts.length - 1;
  const n = bins.first * bins.size + bins.starts[rest - 1] - bins.starts[rest - 2];
  const m = bins.second * bins.size + bins.starts[rest] - bins.starts[rest - 1];
  const variance =
    jackknifeVariance(values.subarray(start, middle), n, bins.size) +
    jackknifeVariance(values.subarray(middle), m, bins.size);
  return { value, standardError: Math.sqrt(variance), pValue: (1 + atLeast) / (1 + permutations) };
}

function jackknifeVariance(values: Float64Array, rows: number, size: number): number {
  // With fewer than two rows left there is no statistic, and nothing to say about its error.
  if (rows - size < 2) return Number.POSITIVE_INFINITY;
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return ((rows - size) / (size * values.length)) * squares;
}
