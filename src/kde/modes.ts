/**
 * The local modes of a density, by mean shift.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { Samples } from '../core/samples.js';
import { asMatrix } from './bandwidth.js';
import { logSlope, logSlopeDerivative, transformBack } from './bounds.js';
import type { Density } from './density.js';
import { type PointSums, pointSums } from './gradient.js';

/** Local maxima of a density. */
export interface Modes {
  /** One mode per row, the highest first. */
  readonly points: Samples;
  /** The log-density at each. */
  readonly logDensity: Float64Array;
}

/** Rows from which the ascent starts at most, picked evenly from the tree. */
const MOST_STARTS = 400;
const MOST_STEPS = 500;
/** Steps, counted in bandwidths, below which an ascent rests: on the way, and on a mode. */
const COARSE = 1e-3;
const FINE = 1e-10;
/** No step is longer, in bandwidths, so that none leaps over a valley. */
const LONGEST = 1;
/** An ascent that comes so near to an earlier one's path, in bandwidths, goes the same way. */
const JOINED = 0.25;
/** Tops nearer than this, in bandwidths, are one mode. */
const SAME = 1e-2;
/** A step aside, in bandwidths, that a maximum does not rise by and a saddle does. */
const ASIDE = 1e-3;
/** Relative tolerance of sums on the way; tops are found at the model's own. */
const ON_THE_WAY = 1e-3;

/**
 * All modes that are reached from rows of the data: from each of up to 400 rows uphill, y -> weighted mean of the rows in
 * reach, until it rests or joins the path of another.
 *
 * The mean shift alone closes in on a mode by a constant share. Its steps are therefore stretched by Barzilai and Borwein's
 * factor, |dy|^2 / -<dy, ds> for the changes of y and of the shift s, to at most a bandwidth; a step that does not rise is
 * taken back to the plain one, and that halved where columns are transformed and the gradient of their derivative is added.
 *
 * Reference: Fukunaga & Hostetler (1975), doi:10.1109/TIT.1975.1055330; Comaniciu & Meer (2002), *Mean shift: a robust
 * approach toward feature space analysis*, doi:10.1109/34.1000236; Barzilai & Borwein (1988),
 * doi:10.1093/imanum/8.1.141.
 *
 * @throws ModelError `invalid-option` for kernels with cusps or steps, whose maxima are at the rows or nowhere in particular.
 */
export function findModes(density: Density, owner: string): Modes {
  const { name } = density.kernel;
  if (name === 'tophat' || name === 'exponential' || name === 'linear') {
    const must = `modes need a smooth kernel, but "${name}" has ${name === 'tophat' ? 'steps' : 'a cusp at each row'}`;
    throw modelError('invalid-option', { owner, must, remedy: 'Fit with "gaussian" or "biweight"' });
  }
  const coarse: Place[] = [];
  const scout = new Ascent(density, Math.max(ON_THE_WAY, density.fitted.relativeTolerance));
  const paths: Float64Array[] = [];
  for (const y of startsOf(density)) {
    const top = scout.climb(y, COARSE, paths);
    if (top) addUnlessKnown(density, coarse, top);
  }
  const fine: Place[] = [];
  const ascent = new Ascent(density, density.fitted.relativeTolerance);
  for (const { y } of coarse) {
    const top = ascent.climb(y, FINE);
    if (top && ascent.isMaximum(top)) addUnlessKnown(density, fine, top);
  }
  fine.sort((a, b) => b.log - a.log);
  return asRows(density, fine);
}

interface Place {
  readonly y: Float64Array;
  /** log f there, up to a constant. */
  readonly log: number;
}

/** A place with its sums, the derivative of transformations in both log and shift. */
interface Stand extends PointSums {
  readonly y: Float64Array;
  readonly log: number;
}

class Ascent {
  readonly #density: Density;
  readonly #tolerance: number;
  /** H. */
  readonly #squares: Float64Array;

  constructor(density: Density, tolerance: number) {
    this.#density = density;
    this.#tolerance = tolerance;
    this.#squares = asMatrix(density.coordinates.bandwidth);
  }

  /**
   * The top above a start; `undefined` where the way joins one of the paths, which it is added to as it goes.
   *
   * @param rest - The step, in bandwidths, that is as good as none.
   */
  climb(start: Float64Array, rest: number, paths?: Float64Array[]): Place | undefined {
    let here = this.#at(start);
    let before: Stand | undefined;
    const own: Float64Array[] = [];
    for (let step = 0; step < MOST_STEPS; step++) {
      if (paths?.some((y) => distance(this.#density, y, here.y) < JOINED)) {
        paths.push(...own);
        return undefined;
      }
      own.push(here.y);
      if (this.#length(here.meanShift) < rest) break;
      const next = this.#rise(here, before);
      if (next === undefined) break;
      before = here;
      here = next;
    }
    paths?.push(...own);
    return here;
  }

  /** A stretched step, or the mean shift's own, or as much of that as rises. */
  #rise(here: Stand, before: Stand | undefined): Stand | undefined {
    const size = this.#length(here.meanShift);
    const longest = Math.max(1, LONGEST / size);
    const stretch = before === undefined ? 1 : Math.min(longest, this.#stretch(here, before));
    const shares = stretch > 1.1 ? [stretch] : [];
    for (let share = 1; share > 1e-6; share *= 0.5) shares.push(share);
    for (const share of shares) {
      const y = here.y.map((value, j) => value + share * here.meanShift[j]);
      this.#keepInside(y);
      const next = this.#at(y);
      // Close to a mode rounding and the tolerance decide: what does not fall by more is a rise.
      const slack = Math.max(1e-13 * Math.abs(here.log), 1e-13, size < 0.1 ? this.#tolerance * size : 0);
      if (next.log >= here.log - slack) return next;
    }
    return undefined;
  }

  /** |dy|^2 / -<dy, ds>, in bandwidths; without end where the shift does not fall along the way. */
  #stretch(here: Stand, before: Stand): number {
    const { columns } = this.#density.coordinates.bandwidth;
    let [square, fall] = [0, 0];
    for (let j = 0; j < columns.length; j++) {
      const dy = (here.y[j] - before.y[j]) / columns[j];
      square += dy * dy;
      fall -= (dy * (here.meanShift[j] - before.meanShift[j])) / columns[j];
    }
    return fall > 0 ? square / fall : Number.POSITIVE_INFINITY;
  }

  #length(step: Float64Array): number {
    const { columns } = this.#density.coordinates.bandwidth;
    return step.reduce((most, value, j) => Math.max(most, Math.abs(value) / columns[j]), 0);
  }

  #at(y: Float64Array): Stand {
    const { coordinates } = this.#density;
    const sums = pointSums(this.#density, y, this.#tolerance);
    let log = sums.logMass;
    const d = y.length;
    const { meanShift } = sums;
    for (let j = 0; j < d; j++) {
      const bounds = coordinates.boundsOf(j);
      if (bounds?.by !== 'transformation') continue;
      const x = transformBack(bounds, y[j]);
      log += logSlope(bounds, x);
      // d log |dy/dx| / dy, through H as the shift is.
      const slant = logSlopeDerivative(bounds, x) / Math.exp(logSlope(bounds, x));
      for (let k = 0; k < d; k++) meanShift[k] += sums.ratio * this.#squares[k * d + j] * slant;
    }
    return { ...sums, y, log };
  }

  #keepInside(y: Float64Array): void {
    for (const { column, bounds } of this.#density.coordinates.folds) {
      const { lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY, by } = bounds;
      if (by === 'wrapping') {
        const width = upper - lower;
        y[column] -= width * Math.floor((y[column] - lower) / width);
      }
      y[column] = Math.min(upper, Math.max(lower, y[column]));
    }
  }

  /** Whether no small step aside rises. */
  isMaximum({ y, log }: Place): boolean {
    const { columns } = this.#density.coordinates.bandwidth;
    for (let j = 0; j < y.length; j++) {
      for (const side of [-ASIDE, ASIDE]) {
        const aside = y.slice();
        aside[j] += side * columns[j];
        this.#keepInside(aside);
        if (this.#at(aside).log > log + 1e-12) return false;
      }
    }
    return true;
  }
}

/** Rows of the data behind transformations, each from its own part of the tree. */
function startsOf({ fitted, tree, coordinates }: Density): Float64Array[] {
  const { samples } = fitted;
  const count = Math.min(MOST_STARTS, samples.rows);
  return Array.from({ length: count }, (_, i) => {
    const row = tree.order[Math.floor(((i + 0.5) * samples.rows) / count)];
    const y = new Float64Array(samples.columns);
    coordinates.unbound(samples.data, row * samples.columns, y);
    return y;
  });
}

/** The greatest distance along a column, in bandwidths; around the circle where it is one. */
function distance({ coordinates }: Density, a: Float64Array, b: Float64Array): number {
  let farthest = 0;
  for (let j = 0; j < a.length; j++) {
    const bounds = coordinates.boundsOf(j);
    let apart = Math.abs(a[j] - b[j]);
    if (bounds?.by === 'wrapping') apart = Math.min(apart, (bounds.upper as number) - (bounds.lower as number) - apart);
    farthest = Math.max(farthest, apart / coordinates.bandwidth.columns[j]);
  }
  return farthest;
}

function addUnlessKnown(density: Density, places: Place[], found: Place): void {
  const known = places.findIndex((place) => distance(density, place.y, found.y) < SAME);
  if (known < 0) places.push(found);
  else if (found.log > places[known].log) places[known] = found;
}

function asRows(density: Density, places: readonly Place[]): Modes {
  const d = density.coordinates.dimension;
  const data = new Float64Array(places.length * d);
  places.forEach(({ y }, i) => {
    data.set(y, i * d);
    density.coordinates.bind(data, i * d);
  });
  const logDensity = Float64Array.from(places, (_, i) => density.logAt(data, i * d));
  return { points: new Samples(data, places.length, d), logDensity };
}
