/**
 * Selection: the k-th smallest without sorting.
 *
 * @module
 */

/**
 * Reorders `order[from .. to - 1]` so that the entry at `k` is the one that sorting by `keys[order[i]]` would put there,
 * none before it has a greater key and none behind it a smaller one.
 *
 * Hoare's quickselect with the median of three as pivot, scanning from both ends and swapping equal keys, which keeps it
 * linear for duplicates, sorted and reversed input. Cost: O(to - from) on average.
 *
 * Reference: Hoare (1961), *Algorithm 65: Find*, doi:10.1145/366622.366647; Sedgewick (1978), *Implementing quicksort
 * programs*, doi:10.1145/359619.359631, on equal keys.
 */
export function select(order: Uint32Array, keys: Float64Array, from: number, to: number, k: number): void {
  let low = from;
  let high = to - 1;
  while (low < high) {
    const pivot = medianOfThree(keys[order[low]], keys[order[(low + high) >> 1]], keys[order[high]]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (keys[order[i]] < pivot) i++;
      while (keys[order[j]] > pivot) j--;
      if (i <= j) {
        const held = order[i];
        order[i++] = order[j];
        order[j--] = held;
      }
    }
    // Now [low, j] holds no key above the pivot, [i, high] none below it, and what lies between equals it.
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return;
  }
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
