/**
 * A column of weighted values in order, sorted in stretches that give way to the event loop.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { Column } from './spread.js';

/** Values in rising order, with the weights that belong to them. */
export interface SortedColumn {
  readonly values: Float64Array;
  /** `undefined` where all weights are the same. */
  readonly weights: Float64Array | undefined;
}

/** Values that are sorted at once: some milliseconds where they have weights. */
const RUN = 2 ** 13;

/**
 * Sorts a column: runs of values at once, then merged by twos.
 *
 * Cost: O(n log n); about 0.1 us a value for a million of them.
 */
export async function sortColumn({ values, weights }: Column, phase: string, pacer: Pacer): Promise<SortedColumn> {
  const n = values.length;
  const isWeighted = weights.values.some((weight) => weight !== weights.values[0]);
  const sorted = values.slice();
  const carried = isWeighted ? weights.values.slice() : undefined;
  const sortRun = (from: number, to: number): void => {
    if (carried) sortTogether(sorted.subarray(from, to), carried.subarray(from, to));
    else sorted.subarray(from, to).sort();
  };
  await pacer.run(phase, n, sortRun, RUN);
  return mergeRuns({ values: sorted, weights: carried }, phase, pacer);
}

/** Sorts values, their weights along with them. */
function sortTogether(values: Float64Array, weights: Float64Array): void {
  const order = Uint16Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  const [oldValues, oldWeights] = [values.slice(), weights.slice()];
  for (let i = 0; i < order.length; i++) {
    values[i] = oldValues[order[i]];
    weights[i] = oldWeights[order[i]];
  }
}

/** Merges runs of {@link RUN} values by twos until there is one. */
async function mergeRuns(runs: SortedColumn, phase: string, pacer: Pacer): Promise<SortedColumn> {
  const n = runs.values.length;
  let from = runs;
  let to: SortedColumn = { values: runs.values.slice(), weights: runs.weights?.slice() };
  for (let width = RUN; width < n; width *= 2) {
    const merge = mergeInto(from, to, width);
    await pacer.run(phase, n, merge);
    [from, to] = [to, from];
  }
  return from;
}

/** A loop over the places of the result: each takes the next value of its pair of runs. */
function mergeInto(source: SortedColumn, out: SortedColumn, width: number): (from: number, to: number) => void {
  const { values, weights } = source;
  // The next of the left and of the right run of the pair under way.
  let left = 0;
  let right = 0;
  return (from, to) => {
    let [i, j] = [left, right];
    let [leftEnd, rightEnd] = endsOf(from, width, values.length);
    for (let place = from; place < to; place++) {
      if (place % (2 * width) === 0) {
        [leftEnd, rightEnd] = endsOf(place, width, values.length);
        i = place;
        j = leftEnd;
      }
      const next = i < leftEnd && (j >= rightEnd || values[i] <= values[j]) ? i++ : j++;
      out.values[place] = values[next];
      if (weights && out.weights) out.weights[place] = weights[next];
    }
    [left, right] = [i, j];
  };
}

/** Where the two runs end whose pair holds a place. */
function endsOf(place: number, width: number, count: number): [left: number, right: number] {
  const start = place - (place % (2 * width));
  return [Math.min(start + width, count), Math.min(start + 2 * width, count)];
}
