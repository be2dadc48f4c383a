/**
 * log p(x | z) of each kind of column, given what the decoder says at z, in nats with all constants.
 *
 * A continuous column is normal about the decoder's mean, a binary one is 1 with the probability of the decoder's logit,
 * and a categorical one follows the softmax of the decoder's logits:
 *
 *     -((x - m)^2 / s^2 + log(2 pi s^2)) / 2        x l - log(1 + e^l)        l_x - log sum_c e^(l_c)
 *
 * @module
 */
import { LOG_2PI, logSumExp } from '../core/special-functions.js';
import { softplusOf } from '../neural/activations.js';
import type { ColumnCode } from '../neural/columns.js';

/**
 * The log-likelihood of one coded row, without the Jacobian of the coding.
 *
 * @param variances - s^2 of each continuous column, in standardised units.
 */
export function logLikelihood(
  code: ColumnCode,
  variances: Float64Array,
  coded: Float64Array,
  row: number,
  decoded: Float64Array,
  decodedRow: number,
): number {
  const { continuous, binary, categorical, width } = code;
  const x = row * width;
  const out = decodedRow * width;
  let sum = 0;
  for (let k = 0; k < continuous.length; k++) {
    const difference = coded[x + k] - decoded[out + k];
    sum -= 0.5 * ((difference * difference) / variances[k] + Math.log(variances[k]) + LOG_2PI);
  }
  for (let k = continuous.length; k < continuous.length + binary.length; k++) {
    sum += coded[x + k] * decoded[out + k] - softplusOf(decoded[out + k]);
  }
  for (const { categories, start } of categorical) {
    sum -= logSumExp(decoded, out + start, out + start + categories);
    for (let c = 0; c < categories; c++) if (coded[x + start + c] === 1) sum += decoded[out + start + c];
  }
  return sum;
}
