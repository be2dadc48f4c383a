/**
 * How far apart data and generated rows are, as far as a discriminator or critic sees it.
 *
 * @module
 */
import { gradients } from '../neural/gradients.js';
import { add, scale } from '../neural/operations.js';
import { asVariable, type Value } from '../neural/value.js';
import type { ObjectiveName } from './objectives.js';
import type { Critic } from './penalties.js';
import { entriesOf } from './play.js';
import { jensenShannonSeen, meanJudgement } from './watch.js';

/** What a critic makes of data and generated rows. */
export interface Seen {
  /** Mean D(x) and mean D(G(z)). */
  readonly judged: readonly [number, number];
  readonly jensenShannon: number;
  readonly wasserstein: number;
}

/** All that is watched of a critic; its rows must be as many of either kind. */
export function seenBy(objective: ObjectiveName, critic: Critic, data: Value, generated: Value): Seen {
  const [onData, onGenerated] = [critic(data), critic(generated)].map(entriesOf);
  return {
    judged: [meanJudgement(objective, onData), meanJudgement(objective, onGenerated)],
    jensenShannon: jensenShannonSeen(objective, onData, onGenerated),
    wasserstein: wassersteinSeen(critic, data, generated),
  };
}

/**
 * The Wasserstein distance as far as a critic f sees it: what it holds the two kinds apart, in units of its steepest slope,
 *
 *     (mean f(x) - mean f(y)) / max_i |df / dx (x_i, y_i, (x_i + y_i) / 2)|,
 *
 * 0 where it takes one for the other. By the duality of Kantorovich and Rubinstein no function whose slope is at most 1 everywhere
 * holds them further apart than that distance; here slopes are seen at the rows and half-way between them. A penalty in place
 * of a bound lets slopes exceed 1, by 1 / (2 lambda) of the distance between two shifted laws: the quotient is free of that.
 *
 * References: Arjovsky, Chintala & Bottou (2017), arXiv:1701.07875, section 3; Gulrajani et al. (2017), arXiv:1704.00028.
 */
export function wassersteinSeen(critic: Critic, data: Value, generated: Value): number {
  const [onData, onGenerated] = [data, generated].map((rows) => meanAndSlope(critic, rows));
  const between = meanAndSlope(critic, scale(add(data, generated), 0.5));
  const steepest = Math.max(onData.slope, onGenerated.slope, between.slope);
  return steepest > 0 ? Math.max(0, onData.mean - onGenerated.mean) / steepest : 0;
}

/** The mean output, and the largest |df / dx| of a row. */
function meanAndSlope(critic: Critic, shown: Value): { mean: number; slope: number } {
  const rows = asVariable(shown);
  const outputs = critic(rows);
  const entries = entriesOf(outputs);
  const [slopes] = gradients(outputs, [rows]).map(entriesOf);
  const width = slopes.length / entries.length;
  let steepest = 0;
  for (let i = 0; i < slopes.length; i += width) {
    let squares = 0;
    for (let j = i; j < i + width; j++) squares += slopes[j] ** 2;
    steepest = Math.max(steepest, squares);
  }
  return { mean: entries.reduce((sum, output) => sum + output, 0) / entries.length, slope: Math.sqrt(steepest) };
}
