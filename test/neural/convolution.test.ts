import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { ACTIVATION_NAMES, ACTIVATIONS } from '../../src/neural/activations.js';
import {
  applyConvolution,
  type ConvolutionSpec,
  convolutionParameters,
  outputShape,
} from '../../src/neural/convolution.js';
import { gradients } from '../../src/neural/gradients.js';
import {
  applyNetwork,
  imageViolation,
  networkParameters,
  readingNetwork,
  writingNetwork,
} from '../../src/neural/network.js';
import { square, sum } from '../../src/neural/operations.js';
import { Parameters } from '../../src/neural/parameters.js';
import { imageSize } from '../../src/neural/patches.js';
import { PlainNetwork } from '../../src/neural/plain-network.js';
import { asVariable, constant, newContext } from '../../src/neural/value.js';
import { presentBackends } from './backends.js';
import { Float64Kernels } from './float64-kernels.js';

const backends = await presentBackends();
const stream = RandomStream.of(7, 'convolution');
const normals = (length: number): Float32Array => Float32Array.from({ length }, () => stream.normal());

const IMAGE = { height: 5, width: 4, channels: 2 };
const GEOMETRIES = [
  { image: IMAGE, kernel: 3, stride: 1, padding: 1 },
  { image: IMAGE, kernel: 4, stride: 2, padding: 1 },
  { image: IMAGE, kernel: 2, stride: 2, padding: 0 },
  { image: IMAGE, kernel: 3, stride: 3, padding: 2 },
];
const LAYERS: ConvolutionSpec[] = GEOMETRIES.flatMap((geometry) =>
  [false, true].map((transposed) => ({
    name: 'layer',
    geometry,
    channels: 3,
    transposed,
    activation: 'tanh',
    ownBiases: transposed && geometry.kernel === 4,
  })),
);
const describeLayer = ({ geometry: { kernel, stride, padding }, transposed }: ConvolutionSpec): string =>
  `${transposed ? 'transposed ' : ''}convolution of ${kernel} x ${kernel}, stride ${stride}, padding ${padding}`;

/** By the definition: seven loops, no patches, no products of matrices. */
function byDefinition(
  layer: ConvolutionSpec,
  row: ArrayLike<number>,
  weights: ArrayLike<number>,
  biases: ArrayLike<number>,
) {
  const { geometry, channels, transposed } = layer;
  const { image, kernel, stride, padding } = geometry;
  const [tall, wide] = [image.height, image.width].map(
    (size) => Math.floor((size + 2 * padding - kernel) / stride) + 1,
  );
  const out = new Float64Array(imageSize(outputShape(layer)));
  for (let i = 0; i < out.length; i++) out[i] = biases[i % biases.length];
  for (let py = 0; py < tall; py++) {
    for (let px = 0; px < wide; px++) {
      for (let ky = 0; ky < kernel; ky++) {
        for (let kx = 0; kx < kernel; kx++) {
          const [y, x] = [py * stride + ky - padding, px * stride + kx - padding];
          if (y < 0 || y >= image.height || x < 0 || x >= image.width) continue;
          for (let c = 0; c < image.channels; c++) {
            for (let m = 0; m < channels; m++) {
              const w = weights[((ky * kernel + kx) * image.channels + c) * channels + m];
              const [pixel, map] = [(y * image.width + x) * image.channels + c, (py * wide + px) * channels + m];
              if (transposed) out[pixel] += w * row[map];
              else out[map] += w * row[pixel];
            }
          }
        }
      }
    }
  }
  return out.map(ACTIVATIONS[layer.activation].value);
}

function inputsOf(layer: ConvolutionSpec): number {
  return imageSize(outputShape({ ...layer, transposed: !layer.transposed }));
}

function parametersOf(layer: ConvolutionSpec): Parameters {
  const parameters = new Parameters(convolutionParameters(layer), RandomStream.of(1));
  parameters.get('layer.biases').set(normals(parameters.get('layer.biases').length));
  return parameters;
}

describe.each(LAYERS.map((layer) => ({ name: describeLayer(layer), layer })))('a $name', ({ layer }) => {
  const parameters = parametersOf(layer);
  const width = inputsOf(layer);
  const rows = normals(3 * width);

  it.each(backends)('is what its definition says on $name', ({ kernels, run }) => {
    const found = run(() =>
      kernels.scope(() => {
        const context = newContext(kernels);
        const out = applyConvolution(layer, parameters.bind(context, 'constants'), constant(context, rows, [3, width]));
        return Array.from(kernels.read(out.handle));
      }),
    );
    const expected = [0, 1, 2].flatMap((i) => [
      ...byDefinition(
        layer,
        rows.subarray(i * width, (i + 1) * width),
        parameters.get('layer.weights'),
        parameters.get('layer.biases'),
      ),
    ]);
    expect(found).toHaveLength(expected.length);
    found.forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(1e-5);
    });
  });
});

describe.each(ACTIVATION_NAMES)('two layers with %s', (activation) => {
  const shapes = [
    { channels: 3, kernel: 3, stride: 1 },
    { channels: 2, kernel: 4, stride: 2 },
  ];
  const image = { height: 4, width: 4, channels: 1 };
  const layers = { image, shapes };
  const mlp = { name: 'net', inputs: 17, hidden: [5], outputs: 17, activation };
  const reading = readingNetwork(mlp, layers);
  const writing = writingNetwork({ ...mlp, name: 'up', inputs: 3, outputs: 16 }, layers);
  const parametersFor = (network: typeof reading): Parameters => {
    const parameters = new Parameters(networkParameters(network), RandomStream.of(2));
    // No unit at a kink, and biases that are not zero.
    for (let i = 0; i < parameters.values.length; i++) parameters.values[i] += 0.1 * stream.normal();
    return parameters;
  };

  describe.each([
    { way: 'down', network: reading, inputs: 17, outputs: 17 },
    { way: 'up', network: writing, inputs: 3, outputs: 16 },
  ])('$way', ({ network, inputs, outputs }) => {
    const parameters = parametersFor(network);
    const rows = normals(2 * inputs);

    it('in plain doubles equal those of training, row by row to the bit', () => {
      const context = newContext(new Float64Kernels());
      const out = applyNetwork(network, parameters.bind(context, 'constants'), constant(context, rows, [2, inputs]));
      const plain = new PlainNetwork(network, (name) => parameters.get(name));
      const found = plain.apply(Float64Array.from(rows), 2);
      expect(found).toHaveLength(2 * outputs);
      Array.from(context.kernels.read(out.handle)).forEach((value, i) => {
        expect(found[i]).toBeCloseTo(value, 11);
      });
      const alone = plain.apply(Float64Array.from(rows.subarray(inputs)), 1);
      expect(alone).toEqual(found.slice(outputs));
    });

    it.each(backends)('have first and second derivatives of central differences on $name', ({ kernels, run }) => {
      // h(x) = |d/dx sum f(x)^2|^2: its gradient needs second derivatives of every part.
      const values = (
        shifted: Float64Array,
        on: Float64Kernels | typeof kernels,
        wanted: 'value' | 'gradient',
      ): number[] =>
        on.scope(() => {
          const context = newContext(on);
          const upload = Float32Array.from(shifted);
          if (on instanceof Float64Kernels) on.exact.set(upload, shifted);
          const x = asVariable(constant(context, upload, [2, inputs]));
          const out = sum(square(applyNetwork(network, parameters.bind(context, 'constants'), x)));
          const [slope] = gradients(out, [x], { differentiable: true });
          const penalty = sum(square(slope));
          const result = wanted === 'value' ? penalty : gradients(penalty, [x])[0];
          return Array.from(on.read(result.handle));
        });
      const at = Float64Array.from(rows);
      const found = run(() => values(at, kernels, 'gradient'));
      const h = 1e-5;
      const expected = Array.from(at, (_, i) => {
        const moved = (step: number): number => {
          const shifted = at.slice();
          shifted[i] += step;
          return values(shifted, new Float64Kernels(), 'value')[0];
        };
        return (moved(h) - moved(-h)) / (2 * h);
      });
      const largest = Math.max(...expected.map(Math.abs), 1e-3);
      found.forEach((value, i) => {
        expect(Math.abs(value - expected[i])).toBeLessThan(2e-4 * largest);
      });
    });
  });
});

describe('images that do not fit', () => {
  const layers = (height: number, width: number, channels: number, kernel: number) => ({
    image: { height, width, channels },
    shapes: [{ channels: 2, kernel, stride: 1 }],
  });

  it('are told by their rule', () => {
    expect(imageViolation(layers(4, 4, 1, 3), 16)).toBeUndefined();
    expect(imageViolation(layers(4, 4, 1, 3), 17)).toContain('must be the number of columns, 17, but is 4 x 4 x 1');
    const down = { ...layers(2, 2, 1, 4), shapes: new Array(3).fill({ channels: 1, kernel: 4, stride: 2 }) };
    expect(imageViolation(down, 4)).toBe('convolution 1 must have room on its 1 x 1 input');
    expect(imageViolation(layers(256, 256, 1, 3), 65536)).toBeUndefined();
    expect(imageViolation(layers(256, 256, 8, 16), 8 * 65536)).toContain('must hold at most');
  });
});
