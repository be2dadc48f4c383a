/**
 * The bandwidth of a Parzen window over generated rows: the one of a ladder under which rows held out are most probable.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import { givenOf } from '../neural/conditions.js';
import type { PlainAdversarial } from './plain-adversarial.js';

/** The ladder of h: from a hundredth of a standard deviation in steps of a quarter. */
export const BANDWIDTHS: readonly number[] = Array.from({ length: 27 }, (_, k) => 0.01 * 1.25 ** k);

/** Rows that the choice is made on, at most: each costs a window of its own where conditions differ. */
const MOST_JUDGED = 200;

/** The bandwidth, in standard deviations of the columns. */
export async function chooseBandwidth(
  plain: PlainAdversarial,
  codes: Float64Array,
  heldOut: { readonly coded: Float64Array; readonly given: Float64Array; readonly rows: number },
  pacer: Pacer,
): Promise<number> {
  const { shape, givenCode } = plain.networks;
  const generate = (given: Float64Array): Float64Array =>
    plain.generate(codes, given, codes.length / shape.latentDimension);
  const shared = givenCode.width === 0 ? generate(heldOut.given) : undefined;
  const totals = new Float64Array(BANDWIDTHS.length);
  const count = Math.min(MOST_JUDGED, heldOut.rows);
  for (let i = 0; i < count; i++) {
    const outputs = shared ?? generate(givenOf(heldOut.given, givenCode.width, i));
    const closeness = plain.closenessOf(heldOut.coded, i, outputs);
    BANDWIDTHS.forEach((bandwidth, k) => {
      totals[k] += plain.window(closeness, bandwidth);
    });
    await pacer.step({ phase: 'bandwidth', completed: i + 1, total: count });
  }
  // Ties, as of windows under which some row has no density at all, go to the wider one.
  return BANDWIDTHS[totals.lastIndexOf(Math.max(...totals))];
}
