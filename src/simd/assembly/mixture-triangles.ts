/**
 * Terms of components with triangles of their own, for more than three axes, eight rows at once:
 *
 *     t = c - sum_i (sum_j<=i a_ij (x_j - mu_j))^2
 *
 * The squares come in pairs of rows of the triangle, those first that weigh most for what they cost, and in stages: as they
 * are only taken off, a term may be left after any stage in which it has become too small to count.
 *
 * @module
 */
import {
  block,
  centred,
  components,
  dimension,
  form,
  means,
  panels,
  panelsStride,
  scaledConstants,
  scaledFactors,
  shares,
  stages,
  stride,
  sums,
  TRIANGULAR,
  triangleSize,
  widths,
} from './mixture-state.js';
import { packPanel, squaresOfPanel } from './panels.js';
import { across, addTo, splat } from './vectors.js';

/** Stages of a sum. */
const STAGES: i32 = 4;
/** Fewest axes of which few tell enough in the first. */
const MANY_AXES: i32 = 40;
/** Fewest axes that are worth it. */
const LEAST_AXES: i32 = 20;
/** Squares beyond this tell no more: a term that is so far below another counts as nothing. */
const MOST_SQUARES: f64 = 87;
/** Terms of the eight rows at `centred`. */
export const TERMS: usize = memory.data(64, 16);

/** Whether components have triangles that are taken in panels. */
export function areLong(): bool {
  return form === TRIANGULAR && dimension > 3;
}

/** Whether to take them in stages may pay: with fewer axes, finding what may be left takes longer than what is left. */
export function haveStages(): bool {
  return form === TRIANGULAR && dimension >= LEAST_AXES;
}

/** The last stage. */
export const LAST: i32 = STAGES - 1;

/** What a sum has cost after a stage, in 32nds: shares of 1/8 or 1/16, 1/4, 1/2 and 1 as measured to be the fastest. */
/* @inline */ export function costUpTo(stage: i32): i32 {
  return stage > 0 ? 4 << stage : dimension < MANY_AXES ? 4 : 2;
}

/** Where the widths of component k's panels stand, in the order in which they are taken. */
/* @inline */ function widthsOf(k: i32): usize {
  return widths + ((dimension + 3) >> 2) * 8 * k;
}

/** A stage's last panel but one, the axes that it needs, and where its panels begin: 4 bytes each. */
/* @inline */ function stageOf(k: i32, stage: i32): usize {
  return stages + 16 * (STAGES * k + stage);
}

/** Axes that a stage needs. */
/* @inline */ export function axesOf(k: i32, stage: i32): i32 {
  return load<i32>(stageOf(k, stage), 4);
}

/** To be called when factors have changed, with the number of typical rows in the block. */
export function prepareTriangles(typical: i32): void {
  for (let k = 0; k < components; k++) {
    for (let panel = 0; panel < dimension >> 1; panel++) store<i32>(widthsOf(k) + 4 * panel, 2 * panel + 2);
    pack(k);
    if (!haveStages()) {
      setStages(k);
      continue;
    }
    if (typical > 0) weighBySquares(k, typical);
    else weighByNumbers(k);
    sortPanels(widthsOf(k));
    pack(k);
    setStages(k);
  }
}

/** Packs component k's panels in their order. */
function pack(k: i32): void {
  const a = scaledFactors + 8 * triangleSize() * k;
  let to = panels + panelsStride * k;
  for (let panel = 0; panel < dimension >> 1; panel++) {
    to = packPanel(2, a, load<i32>(widthsOf(k) + 4 * panel), to);
  }
  if (dimension & 1) packPanel(1, a, dimension, to);
}

/** What panels are worth to rows of columns of like scale: the squares of their numbers, for each multiplication. */
function weighByNumbers(k: i32): void {
  let a = panels + panelsStride * k;
  for (let panel = 0; panel < dimension >> 1; panel++) {
    const width = 2 * panel + 2;
    let worth: f64 = 0;
    for (const end = a + 16 * width; a < end; a += 8) worth += load<f64>(a) * load<f64>(a);
    store<f64>(sums + 8 * panel, worth / width);
  }
}

/** What they are worth to the block's rows: the squares that they take off, as far as those matter, for each multiplication. */
function weighBySquares(k: i32, count: i32): void {
  const most = f64x2.splat(-MOST_SQUARES);
  memory.fill(sums, 0, 8 * (dimension >> 1));
  for (let group = 0; 4 * group < count; group += 2) {
    centre(
      block + 32 * dimension * group,
      4 * group + 4 < count ? 32 * dimension : 0,
      means + 8 * dimension * k,
      dimension,
    );
    let a = panels + panelsStride * k;
    for (let panel = 0; panel < dimension >> 1; panel++) {
      const width = 2 * panel + 2;
      memory.fill(TERMS, 0, 64);
      squaresOfPanel(2, centred, a, width, TERMS);
      a += 16 * width;
      let worth = f64x2.splat(0);
      for (let at = TERMS; at < TERMS + 64; at += 16) worth = f64x2.sub(worth, f64x2.pmax(most, v128.load(at)));
      addTo(sums + 8 * panel, across(worth) / width);
    }
  }
}

/** Puts panels into the order of falling worth. */
function sortPanels(to: usize): void {
  for (let panel = 0; panel < dimension >> 1; panel++) {
    const worth = load<f64>(sums + 8 * panel);
    let place = panel;
    for (; place > 0 && load<f64>(sums + 8 * (place - 1)) < worth; place--) {
      store<f64>(sums + 8 * place, load<f64>(sums + 8 * (place - 1)));
      store<i32>(to + 4 * place, load<i32>(to + 4 * (place - 1)));
    }
    store<f64>(sums + 8 * place, worth);
    store<i32>(to + 4 * place, 2 * panel + 2);
  }
}

function setStages(k: i32): void {
  const count = dimension >> 1;
  const total = count * (count + 1);
  let panel = 0;
  let done = 0;
  for (let stage = 0; stage <= LAST; stage++) {
    const to = stageOf(k, stage);
    store<i32>(to, 8 * done, 8);
    let axes = stage === LAST && (dimension & 1) !== 0 ? dimension : 0;
    while (panel < count && done * costUpTo(LAST) < costUpTo(stage) * total) {
      const width = load<i32>(widthsOf(k) + 4 * panel++);
      axes = max(axes, width);
      done += width;
    }
    store<i32>(to, panel);
    store<i32>(to, axes, 4);
  }
}

/** Eight rows less a mean to `centred`, 64 bytes for each of `axes` axes: four at `x` and four `apart` bytes on. */
/* @inline */ export function centre(x: usize, apart: usize, mean: usize, axes: i32): void {
  let to = centred;
  for (const end = x + 32 * axes; x < end; x += 32, mean += 8, to += 64) {
    const m = splat(mean);
    v128.store(to, f64x2.sub(v128.load(x), m));
    v128.store(to, f64x2.sub(v128.load(x, 16), m), 16);
    v128.store(to, f64x2.sub(v128.load(x + apart), m), 32);
    v128.store(to, f64x2.sub(v128.load(x + apart, 16), m), 48);
  }
}

/** Takes the squares of stages `from` to `to` off the terms of the eight rows at `centred`. */
export function takeOff(k: i32, from: i32, to: i32): void {
  let panel = from === 0 ? 0 : load<i32>(stageOf(k, from - 1));
  const end = load<i32>(stageOf(k, to));
  let a = panels + panelsStride * k + 2 * <usize>load<i32>(stageOf(k, from), 8);
  for (; panel < end; panel++) {
    const width = load<i32>(widthsOf(k) + 4 * panel);
    squaresOfPanel(2, centred, a, width, TERMS);
    a += 16 * width;
  }
  if ((dimension & 1) !== 0 && to === LAST) squaresOfPanel(1, centred, a, dimension, TERMS);
}

/** Component k's terms for `groups` groups from `first` on, up to `stage`. */
export function termsUpTo(stage: i32, k: i32, first: i32, groups: i32): void {
  const d = dimension;
  const constant = splat(scaledConstants + 8 * k);
  let axes = 0;
  for (let s = 0; s <= stage; s++) axes = max(axes, axesOf(k, s));
  let to = shares + stride * k + 32 * first;
  const end = first + groups;
  for (let group = first; group < end; group += 2, to += 64) {
    const isPair = group + 1 < end;
    centre(block + 32 * d * group, isPair ? 32 * d : 0, means + 8 * d * k, axes);
    for (let at = TERMS; at < TERMS + 64; at += 16) v128.store(at, constant);
    takeOff(k, 0, stage);
    memory.copy(to, TERMS, isPair ? 64 : 32);
  }
}

/** The same in full. */
export function termsOfTriangle(k: i32, first: i32, groups: i32): void {
  termsUpTo(LAST, k, first, groups);
}
