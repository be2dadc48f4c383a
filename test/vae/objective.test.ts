import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import type { ColumnKind, ColumnStatistics } from '../../src/neural/columns.js';
import { gradients } from '../../src/neural/gradients.js';
import type { Kernels } from '../../src/neural/kernels.js';
import { applyNetwork } from '../../src/neural/network.js';
import { sum } from '../../src/neural/operations.js';
import { Parameters } from '../../src/neural/parameters.js';
import { constant, newContext } from '../../src/neural/value.js';
import {
  type Architecture,
  type ArchitectureSettings,
  architecture,
  parameterSpecs,
} from '../../src/vae/architecture.js';
import { divergenceFromPrior, logPosterior, posteriorOf } from '../../src/vae/latent.js';
import { logLikelihood } from '../../src/vae/likelihood.js';
import { type Batch, objective } from '../../src/vae/objective.js';
import { PlainNetworks } from '../../src/vae/plain-networks.js';
import { presentBackends } from '../neural/backends.js';
import { Float64Kernels } from '../neural/float64-kernels.js';

const unscaled = (kinds: readonly ColumnKind[]): ColumnStatistics => ({
  kinds,
  centers: new Float64Array(kinds.length),
  scales: new Float64Array(kinds.length).fill(1),
});

const KINDS: readonly ColumnKind[] = ['continuous', 'binary', { categories: 3 }, 'continuous'];
const B = 3;
const L = 2;

interface Case {
  readonly name: string;
  readonly networks: Architecture;
  readonly samples: number;
  readonly beta: number;
  readonly freeBits: number;
}

function network(more: Partial<ArchitectureSettings> = {}): Architecture {
  return architecture({
    latentDimension: L,
    hidden: [4],
    activation: 'tanh',
    images: undefined,
    rows: unscaled(KINDS),
    given: unscaled([]),
    standardDeviation: 'column',
    ...more,
  });
}

const CASES: readonly Case[] = [
  { name: 'the bound', networks: network(), samples: 1, beta: 1, freeBits: 0 },
  {
    name: 'a shared deviation and softplus',
    networks: network({ standardDeviation: 'shared', activation: 'softplus' }),
    samples: 1,
    beta: 1,
    freeBits: 0,
  },
  {
    name: 'given deviations and beta',
    networks: network({ standardDeviation: Float64Array.of(0.5, 2) }),
    samples: 1,
    beta: 0.3,
    freeBits: 0,
  },
  { name: 'free bits', networks: network(), samples: 1, beta: 1, freeBits: 0.4 },
  { name: 'conditions', networks: network({ given: unscaled([{ categories: 2 }]) }), samples: 1, beta: 1, freeBits: 0 },
  {
    name: 'convolutions of 2 x 2 pixels with three categories, and conditions',
    networks: network({
      rows: unscaled(new Array<ColumnKind>(4).fill({ categories: 3 })),
      given: unscaled(['continuous']),
      images: { image: { height: 2, width: 2, channels: 1 }, shapes: [{ channels: 2, kernel: 3, stride: 1 }] },
    }),
    samples: 1,
    beta: 1,
    freeBits: 0,
  },
  { name: 'three importance samples', networks: network(), samples: 3, beta: 1, freeBits: 0 },
  {
    name: 'importance samples and conditions',
    networks: network({ given: unscaled(['continuous']) }),
    samples: 2,
    beta: 1,
    freeBits: 0,
  },
];

const backends = await presentBackends();

function batchOf({ networks, samples }: Case): Batch {
  const stream = RandomStream.of(1, 'batch');
  const coded = new Float32Array(B * networks.code.width);
  for (let i = 0; i < B; i++) {
    const at = i * networks.code.width;
    const { continuous, binary, categorical } = networks.code;
    coded.set([...continuous.map(() => stream.normal()), ...binary.map(() => stream.integer(2))], at);
    for (const { start, categories } of categorical) coded[at + start + stream.integer(categories)] = 1;
  }
  const normal = (length: number): Float32Array => Float32Array.from({ length }, () => stream.normal());
  return { rows: B, coded, given: normal(B * networks.givenCode.width), noise: normal(B * samples * L), samples };
}

function parametersOf({ networks }: Case): Parameters {
  const parameters = new Parameters(parameterSpecs(networks), RandomStream.of(2));
  const stream = RandomStream.of(3);
  for (let i = 0; i < parameters.values.length; i++) parameters.values[i] += 0.2 * stream.normal();
  return parameters;
}

/** The mean loss, with parameters in doubles where `exact` gives them. */
function loss(kernels: Kernels, entry: Case, parameters: Parameters): number {
  const context = newContext(kernels);
  const value = objective(entry.networks, parameters.bind(context, 'constants'), context, batchOf(entry), entry).loss;
  const values = Array.from(kernels.read(value.handle));
  return values.reduce((total, x) => total + x, 0) / values.length;
}

describe.each(CASES)('with $name', (entry) => {
  const parameters = parametersOf(entry);

  /** Central differences of the whole objective in float64, over every parameter. */
  const differences = (): Float64Array => {
    const h = 1e-5;
    const at = (index: number, step: number): number => {
      const kernels = new Float64Kernels();
      const moved = Float64Array.from(parameters.values);
      moved[index] += step;
      const copy = new Parameters(parameterSpecs(entry.networks), RandomStream.of(2));
      copy.values.set(parameters.values);
      // Each part is a view made anew at each call; the kernels are told the doubles by place.
      copy.part = (place) => {
        const floats = new Float32Array(place.size);
        kernels.exact.set(floats, moved.slice(place.offset, place.offset + place.size));
        return floats;
      };
      return loss(kernels, entry, copy);
    };
    return Float64Array.from(parameters.values, (_, i) => (at(i, h) - at(i, -h)) / (2 * h));
  };
  const expected = differences();

  const gradientOn = (kernels: Kernels): number[] =>
    kernels.scope(() => {
      const context = newContext(kernels);
      const bound = parameters.bind(context, 'variables');
      const { loss: value } = objective(entry.networks, bound, context, batchOf(entry), entry);
      const found = gradients(
        sum(value),
        parameters.places.map(({ name }) => bound[name]),
      );
      const size = value.shape.reduce((product, side) => product * side, 1);
      return found.flatMap(({ handle }) => Array.from(kernels.read(handle), (g) => g / size));
    });

  it('the gradient of the whole objective agrees with central differences in float64', () => {
    gradientOn(new Float64Kernels()).forEach((g, i) => {
      expect(Math.abs(g - expected[i])).toBeLessThan(1e-7);
    });
  });

  it.each(backends)('and so it does on $name', ({ kernels, run }) => {
    run(() => gradientOn(kernels)).forEach((g, i) => {
      expect(Math.abs(g - expected[i])).toBeLessThan(2e-5);
    });
  });

  it('the parts equal a sum by hand, row by row', () => {
    const kernels = new Float64Kernels();
    const context = newContext(kernels);
    const batch = batchOf(entry);
    const { networks, samples: K } = entry;
    const parts = objective(networks, parameters.bind(context, 'constants'), context, batch, entry);
    const read = (name: 'bound' | 'reconstruction' | 'regularization') => Array.from(kernels.read(parts[name].handle));
    const plain = new PlainNetworks(networks, (name) => parameters.get(name));
    const coded = Float64Array.from(batch.coded);
    const given = Float64Array.from(batch.given);
    const posteriors = plain.encode(coded, given, B);
    for (let i = 0; i < B; i++) {
      const { means, logVariances } = posteriors[i];
      const condition = given.slice(i * networks.givenCode.width, (i + 1) * networks.givenCode.width);
      const terms = Array.from({ length: K }, (_, k) => {
        const noise = batch.noise.subarray((i * K + k) * L, (i * K + k + 1) * L);
        const z = means.map((m, j) => m + Math.exp(logVariances[j] / 2) * noise[j]);
        const likelihood = logLikelihood(networks.code, plain.variances, coded, i, plain.decode(z, condition, 1), 0);
        const logPrior = z.reduce((total, value) => total - (value ** 2 + Math.log(2 * Math.PI)) / 2, 0);
        return { likelihood, weight: likelihood + logPrior - logPosterior(posteriors[i], z, 0) };
      });
      const reconstruction = terms.reduce((total, { likelihood }) => total + likelihood, 0) / K;
      const divergence = divergenceFromPrior(posteriors[i]);
      const weighted = Math.log(terms.reduce((total, { weight }) => total + Math.exp(weight), 0) / K);
      expect(read('reconstruction')[i]).toBeCloseTo(reconstruction, 6);
      expect(read('regularization')[i]).toBeCloseTo(divergence, 6);
      expect(read('bound')[i]).toBeCloseTo(K > 1 ? weighted : reconstruction - divergence, 6);
    }
  });
});

it('the networks in plain doubles are those of training', () => {
  const entry = CASES[0];
  const parameters = parametersOf(entry);
  const context = newContext(new Float64Kernels());
  const batch = batchOf(entry);
  const x = constant(context, batch.coded, [B, entry.networks.code.width]);
  const encoded = applyNetwork(entry.networks.encoder, parameters.bind(context, 'constants'), x);
  const values = Float64Array.from(context.kernels.read(encoded.handle));
  const plain = new PlainNetworks(entry.networks, (name) => parameters.get(name));
  plain.encode(Float64Array.from(batch.coded), new Float64Array(0), B).forEach((posterior, i) => {
    const expected = posteriorOf(values, i, L);
    posterior.means.forEach((m, j) => {
      expect(m).toBeCloseTo(expected.means[j], 12);
    });
  });
});

describe('the analytic divergence', () => {
  it('equals Monte Carlo', () => {
    const posterior = { means: Float64Array.of(0.7, -1.2), logVariances: Float64Array.of(-1, 0.5) };
    const stream = RandomStream.of(1, 'divergence');
    const count = 200_000;
    let total = 0;
    let squares = 0;
    for (let i = 0; i < count; i++) {
      const z = posterior.means.map((m, j) => m + Math.exp(posterior.logVariances[j] / 2) * stream.normal());
      const logPrior = z.reduce((sum, value) => sum - (value ** 2 + Math.log(2 * Math.PI)) / 2, 0);
      const value = logPosterior(posterior, z, 0) - logPrior;
      total += value;
      squares += value ** 2;
    }
    const estimate = total / count;
    const error = Math.sqrt((squares / count - estimate ** 2) / count);
    expect(Math.abs(divergenceFromPrior(posterior) - estimate)).toBeLessThan(4 * error);
  });

  it('is 0 for the prior itself, without cancellation nearby', () => {
    expect(divergenceFromPrior({ means: Float64Array.of(0), logVariances: Float64Array.of(0) })).toBe(0);
    const near = divergenceFromPrior({ means: Float64Array.of(0), logVariances: Float64Array.of(1e-6) });
    // t^2 / 4 + O(t^3).
    expect(near / 2.5e-13).toBeCloseTo(1, 3);
  });
});

describe('the likelihoods carry their constants', () => {
  const of = (kinds: readonly ColumnKind[], variances: number[], coded: number[], decoded: number[]): number =>
    logLikelihood(
      network({ rows: unscaled(kinds) }).code,
      Float64Array.from(variances),
      Float64Array.from(coded),
      0,
      Float64Array.from(decoded),
      0,
    );

  it('gaussian: N(1.5; 1, 0.25)', () => {
    const byHand = -0.5 * Math.log(2 * Math.PI * 0.25) - (0.5 * 0.5 ** 2) / 0.25;
    expect(of(['continuous'], [0.25], [1.5], [1])).toBeCloseTo(byHand, 12);
  });

  it('bernoulli: log of 0.8 for a 1 and of 0.2 for a 0, at logit log 4', () => {
    const logit = Math.log(4);
    expect(of(['binary'], [], [1], [logit])).toBeCloseTo(Math.log(0.8), 12);
    expect(of(['binary'], [], [0], [logit])).toBeCloseTo(Math.log(0.2), 12);
    expect(of(['binary'], [], [0], [-1000])).toBe(0);
    expect(of(['binary'], [], [1], [-1000])).toBe(-1000);
  });

  it('categorical: the log of a softmax', () => {
    const logits = [Math.log(1), Math.log(2), Math.log(5)];
    expect(of([{ categories: 3 }], [], [0, 0, 1], logits)).toBeCloseTo(Math.log(5 / 8), 12);
  });

  it('mixed: their sum', () => {
    const value = of(['binary', 'continuous', { categories: 2 }], [1], [0, 1, 1, 0], [0, 0, 3, 3]);
    expect(value).toBeCloseTo(-0.5 * Math.log(2 * Math.PI) + 2 * Math.log(0.5), 12);
  });
});
