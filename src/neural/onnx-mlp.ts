/**
 * A multilayer perceptron as nodes of an ONNX graph.
 *
 * @module
 */
import { type ActivationName, LEAK } from './activations.js';
import { layersOf, type MlpSpec } from './mlp.js';
import type { OnnxConstant, OnnxNode } from './onnx.js';

/** Nodes and constants of a part of a graph. */
export interface OnnxPart {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
}

/** The network from the value named `input` to the value named `output`. */
export function mlpToOnnx(
  spec: MlpSpec,
  parameter: (name: string) => Float32Array,
  input: string,
  output: string,
): OnnxPart {
  const layers = layersOf(spec);
  const nodes: OnnxNode[] = [];
  const constants: OnnxConstant[] = [];
  layers.forEach((layer, k) => {
    const from = k === 0 ? input : `${spec.name}.${k - 1}`;
    const to = k === layers.length - 1 ? output : `${spec.name}.${k}`;
    constants.push({ name: layer.weights, shape: [layer.inputs, layer.outputs], data: parameter(layer.weights) });
    constants.push({ name: layer.biases, shape: [layer.outputs], data: parameter(layer.biases) });
    const sum = layer.activation === 'linear' ? to : `${to}.sum`;
    nodes.push({ operator: 'Gemm', inputs: [from, layer.weights, layer.biases], output: sum });
    nodes.push(...activationNodes(layer.activation, sum, to));
  });
  return { nodes, constants };
}

/** The nodes of an activation function; none for the linear one, whose input and output are one value. */
export function activationNodes(name: ActivationName, input: string, output: string): OnnxNode[] {
  switch (name) {
    case 'linear':
      return [];
    case 'leakyRelu':
      return [{ operator: 'LeakyRelu', inputs: [input], output, attributes: { alpha: LEAK } }];
    case 'swish':
      return [
        { operator: 'Sigmoid', inputs: [input], output: `${output}.gate` },
        { operator: 'Mul', inputs: [input, `${output}.gate`], output },
      ];
    default: {
      const operators = { relu: 'Relu', elu: 'Elu', softplus: 'Softplus', tanh: 'Tanh', sigmoid: 'Sigmoid' };
      return [{ operator: operators[name], inputs: [input], output }];
    }
  }
}
