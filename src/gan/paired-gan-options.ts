/**
 * Options of the paired translation.
 *
 * @module
 */
import { integer, number, type OptionTable, oneOf, option } from '../core/options.js';
import { MOST_UNITS, widths } from '../neural/option-rules.js';
import { type Annealed, annealed } from './annealing.js';
import { GAME_OPTIONS, type GameOptions, type GameSettings } from './game-options.js';

/** Options of {@link PairedGan}. */
export interface PairedGanOptions extends GameOptions {
  /** Number of columns of the noise z; 0 for a map without chance. Default 8. */
  readonly latentDimension?: number;
  /** Widths of the generator's hidden layers. Empty for a linear map. Default [64, 64]. */
  readonly generator?: ArrayLike<number>;
  /** Widths of the discriminator's hidden layers. Default [64, 64]. */
  readonly discriminator?: ArrayLike<number>;
  /** Weight of the error of reconstruction, in standard deviations: see `reconstructed`. Default 1. */
  readonly reconstruction?: Annealed;
  /**
   * What is to come near the second row of a pair. `draw`: each draw, by mean |y - T(x, z)|, as published; draws then
   * crowd about the median. `mean`: the mean of all draws, by mean (y - T(x, z)) (y - T(x, z')) for two independent z;
   * that is the square of its error plus a constant, so draws keep their spread. Default mean.
   */
  readonly reconstructed?: 'draw' | 'mean';
  /** Step size of the discriminator's Adam, larger than the generator's (Heusel et al. 2017, arXiv:1706.08500). Default 0.003. */
  readonly discriminatorLearningRate?: number;
}

/** Options with their defaults filled in. */
export type PairedGanSettings = GameSettings & Readonly<Required<Omit<PairedGanOptions, keyof GameOptions>>>;

/** The rules and defaults of {@link PairedGanOptions}. */
export const PAIRED_GAN_OPTIONS: OptionTable<PairedGanOptions> = {
  latentDimension: option(integer(0, MOST_UNITS), 8),
  generator: option(widths(), [64, 64]),
  discriminator: option(widths(), [64, 64]),
  reconstruction: option(annealed({ least: 0 }), 1),
  reconstructed: option(oneOf('draw', 'mean'), 'mean'),
  ...GAME_OPTIONS,
  // Spreads of a known noisy map came out 0.97 to 1.25 times as wide, with equal steps 1.16 to 1.37.
  discriminatorLearningRate: option(number({ above: 0 }), 3e-3),
};
