/**
 * Where the Z boson's peak stands in a set of masses, and how wide it is.
 *
 * @module
 */
import { KernelDensity, Samples } from 'generative-models';

/** A peak, in GeV. */
export interface MassPeak {
  /** Where the density of masses is highest. */
  readonly position: number;
  /** Full width at half of that height. */
  readonly width: number;
}

/** Kernel width in GeV: a fifth of the peak's own, which it widens by about 3%. */
const BANDWIDTH = 0.5;
const STEP = 0.05;
const FROM = 60;
const TO = 120;

/** The highest peak between 60 and 120 GeV. */
export async function findMassPeak(masses: Float64Array): Promise<MassPeak> {
  const inside = masses.filter((mass) => mass > FROM - 5 && mass < TO + 5);
  const model = await new KernelDensity({ bandwidth: BANDWIDTH }).fit(Samples.column(inside));
  const grid = Float64Array.from({ length: Math.round((TO - FROM) / STEP) + 1 }, (_, i) => FROM + STEP * i);
  const density = model.logDensity(Samples.column(grid)).map(Math.exp);
  const top = density.indexOf(Math.max(...density));
  const half = 0.5 * density[top];
  let left = top;
  while (left > 0 && density[left] > half) left--;
  let right = top;
  while (right < density.length - 1 && density[right] > half) right++;
  return { position: grid[top], width: grid[right] - grid[left] };
}
