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
const MOST_STEPS = 2000;
/** Steps, counted in bandwidths, below which an ascent rests: on the way, and on a mode. */
const COARSE = 1e-4;
const FINE = 1e-10;
/** Points nearer than this, in bandwidths, are one mode. */
const SAME = 1e-2;
/** A step aside, in bandwidths, that a maximum does not rise by and a saddle does. */
const ASIDE = 1e-3;

/**
 * All modes that are reached from rows of the data: from each of up to 400 rows uphill, y -> weighted mean of the rows in
 * reach, until it rests.
 *
 * Where columns are transformed, the gradient of their derivative is added, and a step that does not rise is halved.
 *
 * Reference: Fukunaga & Hostetler (1975), doi:10.1109/TIT.1975.1055330; Comaniciu & Meer (2002), *Mean shift: a robust
 * approach toward feature space analysis*, doi:10.1109/34.1000236.
 *
 * @throws ModelError `invalid-option` for kernels with cusps or steps, whose maxima are at the rows or nowhere in particular.
 */
export function findModes(density: Density, owner: string): Modes {
  const { name } = density.kernel;
  if (name === 'tophat' || name === 'exponential' || name === 'linear') {
    const must = `modes need a smooth kernel, but "${name}" has ${name === 'tophat' ? 'steps' : 'a cusp at each row'}`;
    throw modelError('invalid-option', { owner, must, remedy: 'Fit with "gaussian" or "biweight"' });
  }
  const ascent = new Ascent(density);
  const coarse: Place[] = [];
  for (const y of startsOf(density)) addUnlessKnown(density, coarse, ascent.climb(y, COARSE));
  const fine: Place[] = [];
  for (const { y } of coarse) {
    const top = ascent.climb(y, FINE);
    if (ascent.isMaximum(top)) addUnlessKnown(density, fine, top);
  }
  fine.sort((a, b) => b.log - a.log);
  return asRows(density, fine);
}

interface Place {
  readonly y: Float64Array;
  /** log f there, up to a constant. */
  readonly log: number;
}

class Ascent {
  readonly #density: Density;
  /** H. */
  readonly #squares: Float64Array;

  constructor(density: Density) {
    this.#density = density;
    this.#squares = asMatrix(density.coordinates.bandwidth);
  }

  climb(start: Float64Array, rest: number): Place {
    let y = start;
    let here = this.#at(y);
    for (let step = 0; step < MOST_STEPS; step++) {
      const next = this.#rise(y, here);
      if (next === undefined) break;
      const size = distance(this.#density, y, next.y);
      y = next.y;
      here = next.sums;
      if (size < rest) break;
    }
    return { y, log: here.log };
  }

  /** The mean shift's end, or as much of the way as rises. */
  #rise(
    y: Float64Array,
    here: PointSums & { log: number },
  ): { y: Float64Array; sums: PointSums & { log: number } } | undefined {
    for (let share = 1; share > 1e-6; share *= 0.5) {
      const next = y.map((value, j) => value + share * here.meanShift[j]);
      this.#keepInside(next);
      const sums = this.#at(next);
      // Close to a mode rounding decides: what does not fall by more is a rise.
      if (sums.log >= here.log - 1e-13 * Math.max(1, Math.abs(here.log))) return { y: next, sums };
    }
    return undefined;
  }

  /** log f and the shift, with the derivative of transformations in both. */
  #at(y: Float64Array): PointSums & { log: number } {
    const { coordinates } = this.#density;
    const sums = pointSums(this.#density, y);
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
    return { ...sums, log };
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
