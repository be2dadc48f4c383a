/**
 * Options of the generative adversarial network.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { integer, type OptionTable, oneOf, option, optional, type Rule } from '../core/options.js';
import type { ColumnKind } from '../neural/columns.js';
import { columnKinds, MOST_UNITS, widths } from '../neural/option-rules.js';
import { type Annealed, annealed } from './annealing.js';
import type { FeatureFunction } from './expressions.js';
import { checkGame, GAME_OPTIONS, type GameOptions, type GameSettings, type UnsetInGame } from './game-options.js';
import type { Relaxation } from './generator.js';

/** What is done with features: see {@link GenerativeAdversarialNetworkOptions.featureMatching}. */
export type FeatureMatching = 'none' | 'loss' | 'input' | 'discriminator';

/** Where features come from: see {@link GenerativeAdversarialNetworkOptions.features}. */
export type Features = 'layer' | 'moments' | FeatureFunction;

/** Options of {@link GenerativeAdversarialNetwork}. */
export interface GenerativeAdversarialNetworkOptions extends GameOptions {
  /** Number of latent columns, L. Default 8. */
  readonly latentDimension?: number;
  /** Widths of the generator's hidden layers. Empty for a linear map. Default [64, 64]. */
  readonly generator?: ArrayLike<number>;
  /** Widths of the discriminator's hidden layers. Default [64, 64]. */
  readonly discriminator?: ArrayLike<number>;
  /** The kind of each column. Left out, all are continuous. */
  readonly columns?: readonly ColumnKind[];
  /** The kind of each column of `given`, on which the model is conditioned. Default none. */
  readonly given?: readonly ColumnKind[];
  /**
   * How draws of categories are made differentiable: the discriminator sees the relaxed draw itself (`soft`), or the exact
   * one, with the derivative of the relaxed one (`straight-through`). Default straight-through.
   */
  readonly relaxation?: Relaxation;
  /** Temperature of those draws; lower is nearer to exact, with rougher gradients. Default 0.5. */
  readonly temperature?: Annealed;
  /** Rows that the discriminator judges at once, side by side: with 2 or more it sees a lack of variety. Default 1. */
  readonly packing?: number;
  /**
   * Matches features h of data and generated rows: `loss` adds weight times the mean of (E h(x) - E h(G(z)))^2 to the
   * generator's loss; `input` shows h(x) to the discriminator beside x; `discriminator` adds a separate, simple discriminator
   * that sees h(x) alone. Default none.
   */
  readonly featureMatching?: FeatureMatching;
  /**
   * h: a function from a row's columns to expressions of them; `moments`, all columns and products of two; or the discriminator's last
   * hidden `layer`, for `loss` only. Left out, the layer for `loss`, moments otherwise.
   */
  readonly features?: Features;
  /** Weight of the matching in the generator's loss, for `loss` and `discriminator`. Default 1. */
  readonly featureWeight?: Annealed;
  /** Widths of the hidden layers of the separate discriminator of features. Default [16]. */
  readonly featureDiscriminator?: ArrayLike<number>;
  /** Generated rows of the Parzen window of `logDensity`. Default 1000. */
  readonly densitySamples?: number;
}

type Unset = UnsetInGame | 'columns' | 'given' | 'features';

/** Options with their defaults filled in. */
export type GenerativeAdversarialNetworkSettings = GameSettings &
  Readonly<
    Required<Omit<GenerativeAdversarialNetworkOptions, keyof GameOptions | Unset>> &
      Pick<GenerativeAdversarialNetworkOptions, Unset>
  >;

/** The source of features. */
function featureSource(): Rule<Features> {
  return {
    words: '"layer", "moments" or a function from columns to an array of expressions',
    accepts: (value): value is Features => value === 'layer' || value === 'moments' || typeof value === 'function',
    inside: ['moments', ([first]) => [first]],
    outside: ['mean', [], {}, 1, null],
  };
}

/** The rules and defaults of {@link GenerativeAdversarialNetworkOptions}. */
export const GENERATIVE_ADVERSARIAL_NETWORK_OPTIONS: OptionTable<GenerativeAdversarialNetworkOptions> = {
  latentDimension: option(integer(1, MOST_UNITS), 8),
  generator: option(widths(), [64, 64]),
  discriminator: option(widths(), [64, 64]),
  columns: optional(columnKinds()),
  given: optional(columnKinds()),
  relaxation: option(oneOf('straight-through', 'soft'), 'straight-through'),
  temperature: option(annealed({ above: 0 }), 0.5),
  packing: option(integer(1, 64), 1),
  featureMatching: option(oneOf('none', 'loss', 'input', 'discriminator'), 'none'),
  features: optional(featureSource()),
  featureWeight: option(annealed({ least: 0 }), 1),
  featureDiscriminator: option(widths(), [16]),
  densitySamples: option(integer(1), 1000),
  ...GAME_OPTIONS,
};

/**
 * Options that exclude each other.
 *
 * @throws ModelError `invalid-option`.
 */
export function checkSettings(owner: string, settings: GenerativeAdversarialNetworkSettings): void {
  checkGame(owner, settings);
  const { features, featureMatching } = settings;
  if (features === 'layer' && featureMatching !== 'loss' && featureMatching !== 'none') {
    const must = 'option "features" must be "moments" or a function unless "featureMatching" is "loss"';
    throw modelError('invalid-option', { owner, must, got: features });
  }
}
