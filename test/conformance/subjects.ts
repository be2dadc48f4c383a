/**
 * The estimators under the conformance suite. A new estimator enters here, and every check runs over it.
 *
 * @module
 */
import type { Estimator, GenerativeModel } from '../../src/core/estimator.js';
import type { OptionTable } from '../../src/core/options.js';
import { BIDIRECTIONAL_GAN_OPTIONS } from '../../src/gan/bidirectional-gan-options.js';
import { GENERATIVE_ADVERSARIAL_NETWORK_OPTIONS } from '../../src/gan/generative-adversarial-network-options.js';
import {
  BidirectionalGan,
  BidirectionalGanModel,
  GenerativeAdversarialNetwork,
  GenerativeAdversarialNetworkModel,
} from '../../src/gan/index.js';
import { BAYESIAN_GAUSSIAN_MIXTURE_OPTIONS } from '../../src/gmm/bayesian-options.js';
import { COVARIANCE_TYPES } from '../../src/gmm/covariance-type.js';
import {
  BayesianGaussianMixture,
  BayesianGaussianMixtureModel,
  GaussianMixture,
  GaussianMixtureModel,
} from '../../src/gmm/index.js';
import { GAUSSIAN_MIXTURE_OPTIONS } from '../../src/gmm/options.js';
import { KernelDensity, KernelDensityModel } from '../../src/kde/index.js';
import { KERNEL_DENSITY_OPTIONS } from '../../src/kde/options.js';
import { kernelNames } from '../../src/kernels/index.js';
import { VariationalAutoencoder, VariationalAutoencoderModel } from '../../src/vae/index.js';
import { VARIATIONAL_AUTOENCODER_OPTIONS } from '../../src/vae/options.js';

/** Options as the suite handles them: by name, whatever the estimator. */
export type AnyOptions = Record<string, unknown>;

/** One way to set up an estimator. */
export interface Variant {
  readonly label: string;
  readonly options: AnyOptions;
  /** Whether weights of rows are numbers of rows, as they are beside a prior: then not only their ratios matter. */
  readonly weightsCount?: boolean;
}

/** One estimator class, and what the suite must know about it. */
export interface Subject {
  readonly name: string;
  readonly create: (options?: AnyOptions) => Estimator;
  readonly table: OptionTable<AnyOptions>;
  readonly fromJSON: (json: unknown) => GenerativeModel;
  /** Settings that together cover the estimator; each fits small data in well under a second. */
  readonly variants: readonly Variant[];
  /** Whether `fit` takes `weights`. */
  readonly weighted: boolean;
  /** Whether the fit follows shifts and scales of the data exactly, up to rounding. */
  readonly equivariant: boolean;
  /** Options under which constant columns, single rows and duplicates give a model instead of an error, if there are any. */
  readonly robust?: AnyOptions;
  /** Whether densities are estimates, row by row: too slow and too rough for fine grids. */
  readonly estimated?: boolean;
}

export const subjects: readonly Subject[] = [
  {
    name: 'KernelDensity',
    create: (options) => new KernelDensity(options),
    table: KERNEL_DENSITY_OPTIONS as unknown as OptionTable<AnyOptions>,
    fromJSON: (json) => KernelDensityModel.fromJSON(json),
    variants: [
      ...kernelNames.map((kernel) => ({ label: kernel, options: { kernel } })),
      { label: 'full matrix', options: { bandwidthShape: 'full' } },
      { label: 'adaptive', options: { adaptation: 0.5 } },
      { label: 'adaptive, full, compact', options: { adaptation: 0.5, bandwidthShape: 'full', kernel: 'biweight' } },
      { label: 'improved Sheather-Jones', options: { bandwidth: 'improved-sheather-jones' } },
      { label: 'least squares', options: { bandwidth: 'least-squares-cross-validation' } },
      { label: 'cross-validated', options: { bandwidth: 'cross-validation' } },
    ],
    weighted: true,
    equivariant: true,
    robust: { bandwidth: 0.5 },
  },
  {
    name: 'GaussianMixture',
    create: (options) => new GaussianMixture(options),
    table: GAUSSIAN_MIXTURE_OPTIONS as unknown as OptionTable<AnyOptions>,
    fromJSON: (json) => GaussianMixtureModel.fromJSON(json),
    variants: [
      ...COVARIANCE_TYPES.map((covariance) => ({
        label: covariance,
        options: { covariance, components: 3, seed: 1 },
      })),
      ...(['full', 'tied-diagonal'] as const).map((covariance) => ({
        label: `${covariance}, prior`,
        options: { covariance, prior: 'conjugate', acceleration: 'squared-steps', components: 3, seed: 1 },
        weightsCount: true,
      })),
    ],
    weighted: true,
    equivariant: true,
  },
  {
    name: 'BayesianGaussianMixture',
    create: (options) => new BayesianGaussianMixture(options),
    table: BAYESIAN_GAUSSIAN_MIXTURE_OPTIONS as unknown as OptionTable<AnyOptions>,
    fromJSON: (json) => BayesianGaussianMixtureModel.fromJSON(json),
    variants: [
      ...COVARIANCE_TYPES.map((covariance) => ({
        label: covariance,
        options: { covariance, components: 4, seed: 1 },
        weightsCount: true,
      })),
      {
        label: 'dirichlet',
        options: { weightPrior: 'dirichlet', weightConcentration: 2, components: 3, seed: 1 },
        weightsCount: true,
      },
    ],
    weighted: true,
    equivariant: true,
  },
  {
    name: 'VariationalAutoencoder',
    create: (options) => new VariationalAutoencoder(options),
    table: VARIATIONAL_AUTOENCODER_OPTIONS as unknown as OptionTable<AnyOptions>,
    fromJSON: (json) => VariationalAutoencoderModel.fromJSON(json),
    variants: [{ standardDeviation: 'column' }, { standardDeviation: 'shared', importanceSamples: 3 }].map((more) => ({
      label: more.standardDeviation,
      options: { hidden: [8], epochs: 3, densitySamples: 20, seed: 1, ...more },
    })),
    weighted: false,
    equivariant: false,
    robust: { standardDeviation: 0.5 },
    estimated: true,
  },
  {
    name: 'GenerativeAdversarialNetwork',
    create: (options) => new GenerativeAdversarialNetwork(options),
    table: GENERATIVE_ADVERSARIAL_NETWORK_OPTIONS as unknown as OptionTable<AnyOptions>,
    fromJSON: (json) => GenerativeAdversarialNetworkModel.fromJSON(json),
    variants: [
      { objective: 'non-saturating', r1: 1 },
      { objective: 'wasserstein', packing: 2, discriminatorSteps: 2 },
      { objective: 'hinge', spectralNormalization: 1, featureMatching: 'input' },
    ].map((more) => ({
      label: more.objective,
      options: { generator: [8], discriminator: [8], epochs: 3, densitySamples: 50, seed: 1, ...more },
    })),
    weighted: false,
    equivariant: false,
    estimated: true,
  },
  {
    name: 'BidirectionalGan',
    create: (options) => new BidirectionalGan(options),
    table: BIDIRECTIONAL_GAN_OPTIONS as unknown as OptionTable<AnyOptions>,
    fromJSON: (json) => BidirectionalGanModel.fromJSON(json),
    variants: [{ inference: 'deterministic' }, { inference: 'gaussian', objective: 'hinge' }].map((more) => ({
      label: more.inference,
      options: { generator: [8], encoder: [8], discriminator: [8], epochs: 3, densitySamples: 50, seed: 1, ...more },
    })),
    weighted: false,
    equivariant: false,
    estimated: true,
  },
];

/** All variants of all subjects, for tables of tests. */
export const cases = subjects.flatMap((subject) =>
  subject.variants.map(({ label, options }) => ({ title: `${subject.name} (${label})`, subject, options })),
);
