/**
 * What the demonstration fits. A new estimator joins here: its import, and a line in the list.
 *
 * @module
 */
import {
  type CovarianceType,
  type Estimator,
  GaussianMixture,
  GenerativeAdversarialNetwork,
  KernelDensity,
  VariationalAutoencoder,
} from 'generative-models';
import { InPairCoordinates } from '../support/pair-coordinates.js';

/** What an estimator is fitted to. Densities count per GeV of mass, or per unit of the six columns for both others. */
export type Task = 'mass' | 'six columns' | 'pair coordinates';

/** One line of the table. */
export interface Candidate {
  readonly task: Task;
  readonly label: string;
  readonly create: () => Estimator;
  /** Whether the pictures show it. */
  readonly drawn?: boolean;
}

/** Estimators of the mass alone: one column. */
const MASS: readonly Omit<Candidate, 'task'>[] = [
  { label: 'one Gaussian', create: () => mixture(1, 'full') },
  { label: 'Gaussian mixture (3)', create: () => mixture(3, 'full'), drawn: true },
  { label: 'Gaussian mixture (6)', create: () => mixture(6, 'full') },
  { label: 'kernel density (Silverman)', create: () => new KernelDensity({ bandwidth: 'silverman' }) },
  {
    label: 'kernel density (cross-validated)',
    create: () => new KernelDensity({ bandwidth: 'cross-validation' }),
    drawn: true,
  },
];

/** Estimators of whole events: fitted once to the raw columns, once in pair coordinates. */
const EVENTS: readonly Omit<Candidate, 'task'>[] = [
  { label: 'one Gaussian', create: () => mixture(1, 'full') },
  { label: 'Gaussian mixture (20, spherical)', create: () => mixture(20, 'spherical') },
  { label: 'Gaussian mixture (20, diagonal)', create: () => mixture(20, 'diagonal') },
  { label: 'Gaussian mixture (20, tied)', create: () => mixture(20, 'tied') },
  { label: 'Gaussian mixture (20, full)', create: () => mixture(20, 'full'), drawn: true },
  { label: 'kernel density (Scott)', create: () => new KernelDensity({ bandwidth: 'scott' }), drawn: true },
  { label: 'variational autoencoder (5)', create: autoencoder },
  { label: 'adversarial network', create: adversarialNetwork, drawn: true },
];

/** Five latent columns, for the five in which events differ. Smooth units: densities of tracks in a detector have no kinks. */
function autoencoder(): VariationalAutoencoder {
  return new VariationalAutoencoder({
    latentDimension: 5,
    hidden: [64, 64],
    activation: 'swish',
    epochs: 100,
    learningRate: 0.005,
    seed: 1,
  });
}

/** With the penalty that lets a game converge; its log-density is that of a Parzen window, an estimate and no likelihood. */
function adversarialNetwork(): GenerativeAdversarialNetwork {
  return new GenerativeAdversarialNetwork({
    latentDimension: 6,
    r1: 0.1,
    batchSize: 256,
    epochs: 200,
    learningRate: 0.002,
    schedule: 'cosine',
    seed: 1,
  });
}

/** From one start and stopped early: the last digits of a fit do not show among held-out events. */
function mixture(components: number, covariance: CovarianceType): GaussianMixture {
  return new GaussianMixture({ components, covariance, restarts: 1, tolerance: 1e-5, maxIterations: 200, seed: 1 });
}

/** All lines of the table, in its order. */
export const CANDIDATES: readonly Candidate[] = [
  ...MASS.map((line) => ({ ...line, task: 'mass' as const })),
  ...EVENTS.map((line) => ({ ...line, task: 'six columns' as const })),
  ...EVENTS.map((line) => ({
    ...line,
    task: 'pair coordinates' as const,
    create: () => new InPairCoordinates(line.create()),
  })),
];
