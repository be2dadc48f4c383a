/**
 * Terms in stages, where most of them are too small to count: each row's likeliest component in full, the others only as long
 * as they are within `cut` of it.
 *
 * 1. The first stage for all components and rows.
 * 2. Each row's largest term so far, in full.
 * 3. The other terms, stage by stage, rows that are left being gathered by eights.
 *
 * What is found in full has the bits that it has elsewhere: each row's operations are the same, whatever rows stand beside
 * it. What is left where it is has fallen below the largest term by more than `cut`, and so would it in full, as rounding keeps
 * the order of numbers.
 *
 * @module
 */
import {
  centred,
  components,
  dimension,
  firsts,
  largest,
  means,
  places,
  rows,
  shares,
  stride,
} from './mixture-state.js';
import { axesOf, costUpTo, LAST, TERMS, takeOff, termsUpTo } from './mixture-triangles.js';
import { minusInfinity, splat } from './vectors.js';

/**
 * All components' terms for `groups` groups, or where they fell below the largest, which is left at `largest`. Returns the
 * work of it, of which a term in full takes 1.
 */
export function termsByStages(groups: i32, cut: f64): f64 {
  for (let k = 0; k < components; k++) termsUpTo(0, k, 0, groups);
  chooseFirsts(groups);
  for (let k = 0; k < components; k++) {
    const found = listFirsts(k, groups);
    for (let i = 0; i < found; i += 8) advance(k, 1, LAST, i, found);
    keepLargest(k, found);
  }
  let work = 4 * groups * (components * costUpTo(0) + costUpTo(LAST) - costUpTo(0));
  for (let k = 0; k < components; k++) {
    let found = listOthers(k, groups, cut);
    for (let stage = 1; stage <= LAST && found > 0; stage++) {
      for (let i = 0; i < found; i += 8) advance(k, stage, stage, i, found);
      work += found * (costUpTo(stage) - costUpTo(stage - 1));
      if (stage < LAST) found = listAgain(k, found, cut);
    }
    keepLargest(k, found);
  }
  return <f64>work / <f64>costUpTo(LAST);
}

/** Finds which component has each row's largest term, as far as terms go. */
function chooseFirsts(groups: i32): void {
  const size = 32 * groups;
  for (let at = 0; at < size; at += 16) {
    let most = minusInfinity();
    let first = f64x2.splat(0);
    for (let k = 0; k < components; k++) {
      const term = v128.load(shares + stride * k + at);
      const isMore = f64x2.gt(term, most);
      most = v128.bitselect(term, most, isMore);
      first = v128.bitselect(f64x2.splat(k), first, isMore);
    }
    v128.store(firsts + at, first);
    v128.store(largest + at, minusInfinity());
  }
}

/** Lists the rows that are taken with component k first; returns how many there are. */
function listFirsts(k: i32, groups: i32): i32 {
  let found = 0;
  for (let i = 0; i < 4 * groups; i++) {
    store<i32>(places + 4 * found, i);
    found += i32(load<f64>(firsts + 8 * i) === <f64>k);
  }
  return found;
}

/** Lists the others whose terms still count. */
function listOthers(k: i32, groups: i32, cut: f64): i32 {
  const terms = shares + stride * k;
  const cuts = f64x2.splat(cut);
  const own = f64x2.splat(k);
  let found = 0;
  for (let i = 0; i < 4 * groups; i += 2) {
    const at = 8 * i;
    const counts = f64x2.ge(v128.load(terms + at), f64x2.sub(v128.load(largest + at), cuts));
    const mask = i64x2.bitmask(v128.and(counts, f64x2.ne(v128.load(firsts + at), own)));
    store<i32>(places + 4 * found, i);
    found += mask & 1;
    store<i32>(places + 4 * found, i + 1);
    found += mask >> 1;
  }
  return found;
}

/** Of listed rows those whose terms still count. */
function listAgain(k: i32, listed: i32, cut: f64): i32 {
  const terms = shares + stride * k;
  let found = 0;
  for (let next = 0; next < listed; next++) {
    const i = load<i32>(places + 4 * next);
    store<i32>(places + 4 * found, i);
    found += i32(load<f64>(terms + 8 * i) >= load<f64>(largest + 8 * i) - cut);
  }
  return found;
}

/** Takes the listed rows' terms into the largest. */
function keepLargest(k: i32, found: i32): void {
  const terms = shares + stride * k;
  for (let next = 0; next < found; next++) {
    const i = load<i32>(places + 4 * next);
    const term = load<f64>(terms + 8 * i);
    if (term > load<f64>(largest + 8 * i)) store<f64>(largest + 8 * i, term);
  }
}

/** Row at place i of the list; the last stands in beyond it. */
/* @inline */ function listedAt(i: i32, found: i32): i32 {
  return load<i32>(places + 4 * min(i, found - 1));
}

/** Takes eight listed rows from `first` on through stages `from` to `to`. */
function advance(k: i32, from: i32, to: i32, first: i32, found: i32): void {
  let axes = 0;
  for (let stage = from; stage <= to; stage++) axes = max(axes, axesOf(k, stage));
  centreFour(first, found, k, axes, centred);
  centreFour(first + 4, found, k, axes, centred + 32);
  const terms = shares + stride * k;
  for (let i = 0; i < 8; i++) store<f64>(TERMS + 8 * i, load<f64>(terms + 8 * listedAt(first + i, found)));
  takeOff(k, from, to);
  for (let i = 0; i < 8; i++) store<f64>(terms + 8 * listedAt(first + i, found), load<f64>(TERMS + 8 * i));
}

/** Four listed rows less component k's mean, 64 bytes for each axis. */
function centreFour(first: i32, found: i32, k: i32, axes: i32, to: usize): void {
  const size = 8 * dimension;
  let row0 = rows + size * listedAt(first, found);
  let row1 = rows + size * listedAt(first + 1, found);
  let row2 = rows + size * listedAt(first + 2, found);
  let row3 = rows + size * listedAt(first + 3, found);
  let mean = means + size * k;
  for (const end = mean + 8 * (axes & ~1); mean < end; mean += 16, to += 128) {
    const a = v128.load(row0);
    const b = v128.load(row1);
    const c = v128.load(row2);
    const e = v128.load(row3);
    const m = splat(mean);
    const n = splat(mean + 8);
    v128.store(to, f64x2.sub(v128.shuffle<f64>(a, b, 0, 2), m));
    v128.store(to, f64x2.sub(v128.shuffle<f64>(c, e, 0, 2), m), 16);
    v128.store(to, f64x2.sub(v128.shuffle<f64>(a, b, 1, 3), n), 64);
    v128.store(to, f64x2.sub(v128.shuffle<f64>(c, e, 1, 3), n), 80);
    row0 += 16;
    row1 += 16;
    row2 += 16;
    row3 += 16;
  }
  if ((axes & 1) === 0) return;
  const m = splat(mean);
  v128.store(to, f64x2.sub(v128.load64_lane(row1, v128.load64_zero(row0), 1), m));
  v128.store(to, f64x2.sub(v128.load64_lane(row3, v128.load64_zero(row2), 1), m), 16);
}
