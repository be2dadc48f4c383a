/**
 * The networks of a generative adversarial network and what they take in.
 *
 * @module
 */
import type { ActivationName } from '../neural/activations.js';
import { ColumnCode, type ColumnStatistics } from '../neural/columns.js';
import type { MlpSpec } from '../neural/mlp.js';
import type { FeatureMap } from './features.js';

/** All that fixes the shape of a model. */
export interface AdversarialShape {
  readonly latentDimension: number;
  readonly generator: ArrayLike<number>;
  readonly discriminator: ArrayLike<number>;
  readonly generatorActivation: ActivationName;
  readonly discriminatorActivation: ActivationName;
  /** Rows that the discriminator judges at once. */
  readonly packing: number;
  readonly rows: ColumnStatistics;
  /** What the model is conditioned on; no columns where it is not. */
  readonly given: ColumnStatistics;
}

/** The networks, and how rows enter and leave them. */
export interface AdversarialNetworks {
  readonly shape: AdversarialShape;
  readonly code: ColumnCode;
  readonly givenCode: ColumnCode;
  /** Codes and what is given in; numbers and logits of each column out. */
  readonly generator: MlpSpec;
  /** Packs of rows in, each with its features, if it is shown any, and what is given; one output. */
  readonly discriminator: MlpSpec;
  /** Features that the discriminator is shown beside rows. */
  readonly shown: FeatureMap | undefined;
}

/** The networks of a shape. */
export function adversarialNetworks(
  shape: AdversarialShape,
  code: ColumnCode,
  shown: FeatureMap | undefined,
): AdversarialNetworks {
  const givenCode = new ColumnCode(shape.given);
  return {
    shape,
    code,
    givenCode,
    shown,
    generator: {
      name: 'generator',
      inputs: shape.latentDimension + givenCode.width,
      hidden: Array.from(shape.generator),
      outputs: code.width,
      activation: shape.generatorActivation,
    },
    discriminator: {
      name: 'discriminator',
      inputs: shape.packing * (code.width + (shown?.width ?? 0) + givenCode.width),
      hidden: Array.from(shape.discriminator),
      outputs: 1,
      activation: shape.discriminatorActivation,
    },
  };
}
