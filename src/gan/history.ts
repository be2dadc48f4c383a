/**
 * The course of a game, and what to say of it.
 *
 * @module
 */
/** One number per epoch of each. */
export interface AdversarialHistory {
  /** Loss of the discriminator without its penalties: a mean over the epoch's steps, noise included, as in training. */
  readonly discriminatorLoss: Float64Array;
  /** Loss of the generator without feature matching: the same. */
  readonly generatorLoss: Float64Array;
  /** Euclidean norm of the generator's gradient over all parameters, before any shrinking: the same. */
  readonly generatorGradientNorm: Float64Array;
  /** Mean D(x) over rows held out, after each epoch: probabilities for logits, else the discriminator's outputs. */
  readonly discriminatorOnData: Float64Array;
  /** Mean D(G(z)) over as many generated rows. */
  readonly discriminatorOnGenerated: Float64Array;
  /** Jensen-Shannon divergence of those rows as far as the discriminator sees it, in nats, from 0 to log 2; below 0 for a poor one. */
  readonly jensenShannon: Float64Array;
  /**
   * Wasserstein distance of those rows as far as the discriminator sees it: its mean outputs' difference over its steepest
   * slope, in standard deviations of the columns; of what it is shown, so of packs and of pairs where it is shown such.
   */
  readonly wasserstein: Float64Array;
  /** Effective number of the data's cells that generated rows reach, over that of the data: 1 for full variety. */
  readonly diversity: Float64Array;
}

/** What training reports: minus the Jensen-Shannon estimate first, as its objective. */
export const GAME_METRICS = [
  'objective',
  'discriminatorLoss',
  'generatorLoss',
  'generatorGradientNorm',
  'discriminatorOnData',
  'discriminatorOnGenerated',
  'jensenShannon',
  'wasserstein',
  'diversity',
] as const;

/** Those that come from training steps; the others come from rows held out. */
export const OF_STEPS: ReadonlySet<string> = new Set(['discriminatorLoss', 'generatorLoss', 'generatorGradientNorm']);

/** Names of the lists of an {@link AdversarialHistory}, in the order in which files hold them. */
export const HISTORY_NAMES = GAME_METRICS.slice(1) as readonly (keyof AdversarialHistory)[];

/** Share of the last epochs that warnings are about: one epoch alone may be an accident. */
const LAST = 0.1;
/** Below this, rows of whole clusters are missing: 6 of 8 equal ones give 0.75. */
const LEAST_DIVERSITY = 0.8;
/** From this share of log 2 on, the discriminator tells all rows apart. */
const FULL = 0.95;
/** The generator's gradient has vanished where it has fallen to this share of its largest. */
const VANISHED = 0.02;

/** What {@link warningsOf} looks at. */
export type Watched = Pick<AdversarialHistory, 'diversity' | 'jensenShannon' | 'generatorGradientNorm'>;

/** Options against a lack of variety, completing *Set ...*; each game has its own. */
const COLLAPSE = '"packing" to 2 or more, "featureMatching" or "r1"';

/**
 * Sentences for what went wrong, each with the options that cure it.
 *
 * @param collapse - Those against a lack of variety.
 */
export function warningsOf(history: Watched, collapse: string = COLLAPSE): string[] {
  const count = Math.ceil(LAST * history.diversity.length);
  const last = (list: Float64Array): number => mean(list.subarray(list.length - count));
  const warnings: string[] = [];
  const diversity = last(history.diversity);
  if (diversity < LEAST_DIVERSITY) {
    const share = Math.round(100 * diversity);
    warnings.push(`mode collapse: generated rows have ${share}% of the data's variety. Set ${collapse}.`);
  }
  const gradient = last(history.generatorGradientNorm);
  const largest = history.generatorGradientNorm.reduce((a, b) => Math.max(a, b), 0);
  if (last(history.jensenShannon) > FULL * Math.LN2 && gradient < VANISHED * largest) {
    const share = (gradient / largest).toPrecision(1);
    warnings.push(
      `vanishing gradients: the discriminator tells all rows apart, and the generator's gradient has fallen to ${share} of its largest. Set "instanceNoise", "spectralNormalization" or objective "wasserstein".`,
    );
  }
  return warnings;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}
