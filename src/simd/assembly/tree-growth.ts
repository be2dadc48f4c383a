/**
 * The growth of a kd-tree: rows are put in order node by node, from the root down. What it does is told in ../../kde/tree.ts
 * and ../../kde/select.ts, its plain twins, which give the same tree to the bit.
 *
 * The axes lie one behind the other, and all of them move together. A call works for a while and returns; what it was at is
 * kept in the globals below, so that an instance grows one tree.
 *
 * @module
 */

/** Rows from which on pivots come from a sample, as in ../../kde/select.ts. */
const SAMPLED_FROM: i32 = 600;

/** The node under way, and while it is split the rows still in question and the place whose row is looked for. */
let node: i32 = 0;
let isSplitting: bool = false;
let low: i32 = 0;
let high: i32 = -1;
let middle: i32 = 0;
let keys: usize = 0;

/**
 * Goes on until about `limit` rows have been passed over; returns the node that it is at, or the number of nodes when done.
 *
 * @param order - The row at each place, four bytes each, as are `starts` and `ends`.
 * @param sample - Space for the sample of all rows.
 */
export function grow(
  rows: i32,
  columns: i32,
  axes: usize,
  order: usize,
  starts: usize,
  ends: usize,
  boxes: usize,
  scales: usize,
  sample: usize,
  nodes: i32,
  firstLeaf: i32,
  limit: i32,
): i32 {
  let work = 0;
  while (node < nodes && work < limit) {
    const start = load<i32>(starts + 4 * node);
    const end = load<i32>(ends + 4 * node);
    if (!isSplitting) {
      const axis = bound(rows, columns, axes, start, end, boxes, scales);
      work += end - start;
      if (node >= firstLeaf) {
        node++;
        continue;
      }
      isSplitting = true;
      keys = axes + 8 * <usize>(axis * rows);
      middle = start + ((end - start) >> 1);
      low = start;
      high = end - 1;
    }
    while (low < high && work < limit) {
      work += high - low;
      narrow(rows, columns, axes, order, sample);
    }
    if (low < high) break;
    const left = 2 * node + 1;
    store<i32>(starts + 4 * left, start);
    store<i32>(ends + 4 * left, middle);
    store<i32>(starts + 4 * left + 4, middle);
    store<i32>(ends + 4 * left + 4, end);
    isSplitting = false;
    node++;
  }
  return node;
}

/** Writes the box of the node, and returns its widest axis. */
function bound(rows: i32, columns: i32, axes: usize, start: i32, end: i32, boxes: usize, scales: usize): i32 {
  let widest = 0;
  let width: f64 = -1;
  const box = boxes + 16 * <usize>(node * columns);
  for (let j = 0; j < columns; j++) {
    let at = axes + 8 * <usize>(j * rows + start);
    const last = axes + 8 * <usize>(j * rows + end - 1);
    let least = v128.load64_splat(last);
    let greatest = least;
    for (; at < last; at += 16) {
      const pair = v128.load(at);
      least = f64x2.pmin(least, pair);
      greatest = f64x2.pmax(greatest, pair);
    }
    const bottom = min(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1));
    const top = max(f64x2.extract_lane(greatest, 0), f64x2.extract_lane(greatest, 1));
    store<f64>(box + 8 * j, bottom);
    store<f64>(box + 8 * (columns + j), top);
    const side = (top - bottom) * load<f64>(scales + 8 * j);
    if (side > width) {
      width = side;
      widest = j;
    }
  }
  return widest;
}

/** One pass over the rows still in question. */
function narrow(rows: i32, columns: i32, axes: usize, order: usize, sample: usize): void {
  const pivot = pivotOf(sample);
  let i = low;
  let j = high;
  while (i <= j) {
    while (load<f64>(keys + 8 * i) < pivot) i++;
    while (load<f64>(keys + 8 * j) > pivot) j--;
    if (i > j) break;
    let axis = axes;
    for (let column = 0; column < columns; column++) {
      const held = load<f64>(axis + 8 * i);
      store<f64>(axis + 8 * i, load<f64>(axis + 8 * j));
      store<f64>(axis + 8 * j, held);
      axis += 8 * rows;
    }
    const held = load<i32>(order + 4 * i);
    store<i32>(order + 4 * i, load<i32>(order + 4 * j));
    store<i32>(order + 4 * j, held);
    i++;
    j--;
  }
  if (middle <= j) high = j;
  else if (middle >= i) low = i;
  else high = low;
}

function pivotOf(sample: usize): f64 {
  const rows = high - low + 1;
  if (rows < SAMPLED_FROM) {
    const a = load<f64>(keys + 8 * low);
    const b = load<f64>(keys + 8 * ((low + high) >> 1));
    const c = load<f64>(keys + 8 * high);
    return max(min(a, b), min(max(a, b), c));
  }
  const size = sampleSize(rows);
  for (let i = 0; i < size; i++) {
    const from = low + <i32>Math.floor(((<f64>i + 0.5) * <f64>rows) / <f64>size);
    store<f64>(sample + 8 * i, load<f64>(keys + 8 * from));
  }
  const share = (<f64>(middle - low) + 0.5) / <f64>rows;
  const margin = Math.sqrt(<f64>size * share * (1 - share));
  const place = share * <f64>size + (share < 0.5 ? margin : -margin);
  return smallest(sample, size, min(size - 1, max(0, <i32>Math.floor(place))));
}

/** The greatest s with 8 s^3 <= n^2: half of n^(2/3). */
function sampleSize(rows: i32): i32 {
  let least = 0;
  let most = rows;
  const square = <f64>rows * <f64>rows;
  while (most - least > 1) {
    const s = (least + most) >> 1;
    if (8 * <f64>s * <f64>s * <f64>s <= square) least = s;
    else most = s;
  }
  return least;
}

/** The value at place k if these were in order. */
function smallest(values: usize, count: i32, k: i32): f64 {
  let from = 0;
  let to = count - 1;
  while (from < to) {
    const pivot = load<f64>(values + 8 * ((from + to) >> 1));
    let i = from;
    let j = to;
    while (i <= j) {
      while (load<f64>(values + 8 * i) < pivot) i++;
      while (load<f64>(values + 8 * j) > pivot) j--;
      if (i > j) break;
      const held = load<f64>(values + 8 * i);
      store<f64>(values + 8 * i, load<f64>(values + 8 * j));
      store<f64>(values + 8 * j, held);
      i++;
      j--;
    }
    if (k <= j) to = j;
    else if (k >= i) from = i;
    else break;
  }
  return load<f64>(values + 8 * k);
}
