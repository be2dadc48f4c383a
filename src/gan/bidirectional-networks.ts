/**
 * The three networks of a bidirectional game, on a backend and in plain doubles.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import type { ActivationName } from '../neural/activations.js';
import { PlainMlp } from '../neural/inference.js';
import { applyMlp, type MlpSpec } from '../neural/mlp.js';
import { add, columns, exp, multiply, scale } from '../neural/operations.js';
import type { BoundParameters } from '../neural/parameters.js';
import type { Value } from '../neural/value.js';
import type { InferenceKind } from './bidirectional-gan-options.js';
import { drawCodes } from './generator.js';

/** All that fixes the shape of the networks. */
export interface BidirectionalShape {
  /** d. */
  readonly dimension: number;
  /** L. */
  readonly latentDimension: number;
  readonly inference: InferenceKind;
  readonly generator: ArrayLike<number>;
  readonly encoder: ArrayLike<number>;
  readonly discriminator: ArrayLike<number>;
  readonly generatorActivation: ActivationName;
  readonly discriminatorActivation: ActivationName;
}

/** The networks. */
export interface BidirectionalNetworks {
  /** z in, x out. */
  readonly generator: MlpSpec;
  /** x in; z out, or its means and log-variances. */
  readonly encoder: MlpSpec;
  /** x and z side by side in. */
  readonly discriminator: MlpSpec;
}

/** The networks of a shape. */
export function bidirectionalNetworks(shape: BidirectionalShape): BidirectionalNetworks {
  const { dimension, latentDimension: codes, generatorActivation, discriminatorActivation } = shape;
  const network = (
    name: 'generator' | 'encoder' | 'discriminator',
    inputs: number,
    outputs: number,
    activation: ActivationName,
  ): MlpSpec => ({ name, inputs, hidden: Array.from(shape[name]), outputs, activation });
  return {
    generator: network('generator', codes, dimension, generatorActivation),
    encoder: network('encoder', dimension, shape.inference === 'gaussian' ? 2 * codes : codes, generatorActivation),
    discriminator: network('discriminator', dimension + codes, 1, discriminatorActivation),
  };
}

/**
 * The code of each row on a backend: E(x), or a draw m(x) + exp(v(x) / 2) e with e ~ N(0, I), differentiable.
 *
 * @param stream - Where e comes from; left out, the means.
 */
export function encodeRows(
  encoder: MlpSpec,
  parameters: BoundParameters,
  rows: Value,
  codes: number,
  stream?: RandomStream,
): Value {
  const outputs = applyMlp(encoder, parameters, rows);
  if (encoder.outputs === codes) return outputs;
  const means = columns(outputs, 0, codes);
  if (stream === undefined) return means;
  const deviations = exp(scale(columns(outputs, codes, 2 * codes), 0.5));
  return add(means, multiply(deviations, drawCodes(rows.context, rows.shape[0], codes, stream)));
}

/** exp(v) of doubles stays finite up to here. */
const LARGEST_LOG = 700;

/** The networks in plain doubles; rows are coded, row-major. */
export class PlainBidirectional {
  readonly #codes: number;
  readonly #generator: PlainMlp;
  readonly #encoder: PlainMlp;
  readonly #discriminator: PlainMlp;

  constructor(networks: BidirectionalNetworks, weights: (name: string) => ArrayLike<number>) {
    this.#codes = networks.generator.inputs;
    this.#generator = new PlainMlp(networks.generator, weights);
    this.#encoder = new PlainMlp(networks.encoder, weights);
    this.#discriminator = new PlainMlp(networks.discriminator, weights);
  }

  /** G(z). */
  generate(codes: Float64Array, rows: number): Float64Array {
    return this.#generator.apply(codes, rows);
  }

  /** Means and variances of the codes of each row; variances of 0 for a deterministic encoder. */
  encode(coded: Float64Array, rows: number): { means: Float64Array; variances: Float64Array } {
    const outputs = this.#encoder.apply(coded, rows);
    const codes = this.#codes;
    const width = this.#encoder.outputs;
    const means = new Float64Array(rows * codes);
    const variances = new Float64Array(rows * codes);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < codes; j++) {
        means[i * codes + j] = outputs[i * width + j];
        if (width > codes) variances[i * codes + j] = Math.exp(Math.min(LARGEST_LOG, outputs[i * width + codes + j]));
      }
    }
    return { means, variances };
  }

  /** l of pairs side by side. */
  judge(pairs: Float64Array, rows: number): Float64Array {
    return this.#discriminator.apply(pairs, rows);
  }
}
