/**
 * Options of the cycle-consistent network.
 *
 * @module
 */
import { integer, type OptionTable, option } from '../core/options.js';
import { widths } from '../neural/option-rules.js';
import { type Annealed, annealed } from './annealing.js';
import { GAME_OPTIONS, type GameOptions, type GameSettings } from './game-options.js';

/** Options of {@link CycleGan}. */
export interface CycleGanOptions extends GameOptions {
  /** Widths of the hidden layers of both translators. Empty for linear maps. Default [32]. */
  readonly generator?: ArrayLike<number>;
  /** Widths of the hidden layers of both discriminators. Default [64, 64]. */
  readonly discriminator?: ArrayLike<number>;
  /** Weight of the cycles' error, mean |G(F(a)) - a| + mean |F(G(b)) - b|, in standard deviations. Default 10. */
  readonly cycle?: Annealed;
  /**
   * Weight of mean |F(b) - b| + mean |G(a) - a| in the data's units, over standard deviations: what is of the other kind
   * already stays as it is. For sets of as many columns. Default 0.
   */
  readonly identity?: Annealed;
  /**
   * Random orthogonal maps that are tried before training as its start, beside the identity; none with `identity`, which
   * says where to start. Default 200.
   */
  readonly alignments?: number;
}

/** Options with their defaults filled in. */
export type CycleGanSettings = GameSettings & Readonly<Required<Omit<CycleGanOptions, keyof GameOptions>>>;

/** The rules and defaults of {@link CycleGanOptions}. */
export const CYCLE_GAN_OPTIONS: OptionTable<CycleGanOptions> = {
  generator: option(widths(), [32]),
  discriminator: option(widths(), [64, 64]),
  cycle: option(annealed({ least: 0 }), 10),
  identity: option(annealed({ least: 0 }), 0),
  alignments: option(integer(0, 1_000_000), 200),
  ...GAME_OPTIONS,
};
