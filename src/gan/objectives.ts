/**
 * What the two players of the game want, on the discriminator's outputs l (logits, or a critic's values).
 *
 *                     discriminator: data     generated       generator        (and an encoder's, on data)
 *     minimax         softplus(-l)            softplus(l)     -softplus(l)     -softplus(-l)
 *     non-saturating  softplus(-l)            softplus(l)     softplus(-l)     softplus(l)
 *     least-squares   (l - 1)^2 / 2           l^2 / 2         (l - 1)^2 / 2    l^2 / 2
 *     hinge           max(0, 1 - l)           max(0, 1 + l)   -l               l
 *     wasserstein     -l                      l               -l               l
 *
 * The first two have D = sigmoid(l): softplus(-l) = -log D and softplus(l) = -log(1 - D), without overflow. Every player
 * minimises; a discriminator's loss is the sum of its two means.
 *
 * References: Goodfellow et al. (2014), arXiv:1406.2661; Mao et al. (2017), arXiv:1611.04076; Lim & Ye (2017),
 * arXiv:1705.02894; Arjovsky, Chintala & Bottou (2017), arXiv:1701.07875. The last column is for models whose discriminator
 * sees pairs (Donahue et al. 2017, arXiv:1605.09782): whoever makes the data's side of a pair wants it taken for generated.
 *
 * @module
 */
import { add, mean, negate, relu, scale, shift, softplus, square, subtract } from '../neural/operations.js';
import type { Value } from '../neural/value.js';

/** Names of the objectives. */
export type ObjectiveName = 'minimax' | 'non-saturating' | 'least-squares' | 'hinge' | 'wasserstein';

/** All names, in the order of the documentation. */
export const OBJECTIVE_NAMES: readonly ObjectiveName[] = [
  'minimax',
  'non-saturating',
  'least-squares',
  'hinge',
  'wasserstein',
];

/** The loss of each output, entry by entry. */
interface Objective {
  /** Of the discriminator on data; `smoothing` takes the label 1 down to 1 - smoothing. */
  readonly data: (l: Value, smoothing: number) => Value;
  readonly generated: (l: Value) => Value;
  readonly generator: (l: Value) => Value;
  readonly encoder: (l: Value) => Value;
  /** Whether there are labels to smooth. */
  readonly labelled: boolean;
}

/** -(1 - s) log D - s log(1 - D) = softplus(l) - (1 - s) l. */
function crossEntropy(l: Value, smoothing: number): Value {
  return smoothing === 0 ? softplus(negate(l)) : subtract(softplus(l), scale(l, 1 - smoothing));
}

const OBJECTIVES: Readonly<Record<ObjectiveName, Objective>> = {
  minimax: {
    data: crossEntropy,
    generated: softplus,
    generator: (l) => negate(softplus(l)),
    encoder: (l) => negate(softplus(negate(l))),
    labelled: true,
  },
  'non-saturating': {
    data: crossEntropy,
    generated: softplus,
    generator: (l) => softplus(negate(l)),
    encoder: softplus,
    labelled: true,
  },
  'least-squares': {
    data: (l, smoothing) => scale(square(shift(l, smoothing - 1)), 0.5),
    generated: (l) => scale(square(l), 0.5),
    generator: (l) => scale(square(shift(l, -1)), 0.5),
    encoder: (l) => scale(square(l), 0.5),
    labelled: true,
  },
  hinge: {
    data: (l) => relu(shift(negate(l), 1)),
    generated: (l) => relu(shift(l, 1)),
    generator: negate,
    encoder: (l) => l,
    labelled: false,
  },
  wasserstein: { data: negate, generated: (l) => l, generator: negate, encoder: (l) => l, labelled: false },
};

/** Whether an objective has labels, which can be smoothed. */
export function hasLabels(name: ObjectiveName): boolean {
  return OBJECTIVES[name].labelled;
}

/** Whether the discriminator's output is a logit: D = sigmoid(l). */
export function hasLogits(name: ObjectiveName): boolean {
  return name === 'minimax' || name === 'non-saturating';
}

/**
 * The discriminator's loss, a 1 x 1 value: mean over data plus mean over generated rows, of which there may be other numbers.
 *
 * @param smoothing - One-sided label smoothing s: data are labelled 1 - s (Salimans et al. 2016, arXiv:1606.03498).
 */
export function discriminatorLoss(name: ObjectiveName, data: Value, generated: Value, smoothing = 0): Value {
  return add(mean(OBJECTIVES[name].data(data, smoothing)), mean(OBJECTIVES[name].generated(generated)));
}

/** The generator's loss, a 1 x 1 value: on the discriminator's outputs for generated rows. */
export function generatorLoss(name: ObjectiveName, generated: Value): Value {
  return mean(OBJECTIVES[name].generator(generated));
}

/** The loss of whoever makes the other side of the data's pairs, a 1 x 1 value: on the discriminator's outputs for data. */
export function encoderLoss(name: ObjectiveName, data: Value): Value {
  return mean(OBJECTIVES[name].encoder(data));
}
