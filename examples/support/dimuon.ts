/**
 * The physics of two-muon events: their mass, and coordinates in which it shows.
 *
 * An event is a row (pt1, eta1, phi1, pt2, eta2, phi2): transverse momentum in GeV, pseudorapidity, azimuth in radians.
 * Protons collide along the axis that azimuth turns about, so nothing depends on the azimuth of a whole event, and
 * muons of one decay fly nearly back to back. A decaying particle shows in the mass alone.
 *
 * @module
 */

/** Columns of `zmumu.csv` that make an event. */
export const EVENT_COLUMNS = ['pt1', 'eta1', 'phi1', 'pt2', 'eta2', 'phi2'] as const;

/** Mass of the Z boson in GeV (Particle Data Group 2024, doi:10.1103/PhysRevD.110.030001). */
export const Z_MASS = 91.188;

/**
 * Invariant mass of the muon pair in GeV, the muons' own mass neglected; `NaN` where a momentum is negative.
 *
 *     M^2 = 2 pt1 pt2 (cosh(eta1 - eta2) - cos(phi1 - phi2))
 *         = 4 pt1 pt2 (sinh^2((eta1 - eta2) / 2) + sin^2((phi1 - phi2) / 2))
 *
 * The second form loses no digits where the muons are close together.
 */
export function invariantMass(event: ArrayLike<number>): number {
  const [pt1, eta1, phi1, pt2, eta2, phi2] = Array.from(event);
  if (!(pt1 > 0 && pt2 > 0)) return Number.NaN;
  const opening = Math.sinh((eta1 - eta2) / 2) ** 2 + Math.sin((phi1 - phi2) / 2) ** 2;
  return 2 * Math.sqrt(pt1 * pt2 * opening);
}

/** An angle in [-pi, pi). */
export function wrapAngle(angle: number): number {
  return angle - 2 * Math.PI * Math.floor(angle / (2 * Math.PI) + 0.5);
}

/** Number of pair coordinates. */
export const PAIR_COLUMNS = 5;

/** Index of the angle w among the pair coordinates. */
export const PAIR_ANGLE = 4;

/**
 * An event as (log M, log(pt1 / pt2), eta1, eta2, w), with w = phi2 - phi1 - pi in [-pi, pi): zero when back to back.
 * The sixth coordinate, phi1, is uniform and independent of these.
 *
 * |det d(log M, log(pt1 / pt2), eta1, eta2, w, phi1) / d(event)| = 1 / (pt1 pt2).
 */
export function toPair(event: ArrayLike<number>): number[] {
  const [pt1, eta1, phi1, pt2, eta2, phi2] = Array.from(event);
  return [Math.log(invariantMass(event)), Math.log(pt1 / pt2), eta1, eta2, wrapAngle(phi2 - phi1 - Math.PI)];
}

/** The event of pair coordinates and the azimuth of its first muon: the inverse of {@link toPair}. */
export function fromPair(pair: ArrayLike<number>, phi1: number): number[] {
  const [logMass, logRatio, eta1, eta2, w] = Array.from(pair);
  // phi1 - phi2 = -w - pi, so that sin^2 of its half is cos^2(w / 2).
  const opening = Math.sinh((eta1 - eta2) / 2) ** 2 + Math.cos(w / 2) ** 2;
  const meanPt = (0.5 * Math.exp(logMass)) / Math.sqrt(opening);
  const ratio = Math.exp(0.5 * logRatio);
  return [meanPt * ratio, eta1, phi1, meanPt / ratio, eta2, wrapAngle(phi1 + w + Math.PI)];
}

/** log |det d(pair, phi1) / d(event)| = -log pt1 - log pt2. */
export function pairLogJacobian(event: ArrayLike<number>): number {
  return -Math.log(event[0]) - Math.log(event[3]);
}
