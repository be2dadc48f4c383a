/**
 * The decoder as an ONNX file: from a code to the middle of its law, in the data's units.
 *
 * @module
 */
import { encodeOnnx, type OnnxConstant, type OnnxNode } from '../neural/onnx.js';
import { networkToOnnx } from '../neural/onnx-network.js';
import type { Architecture } from './architecture.js';

/** Builds the graph: the network, then per kind of column what turns its outputs into means and probabilities. */
export function exportDecoder(networks: Architecture, parameter: (name: string) => Float32Array): Uint8Array {
  const { code, givenCode, latentDimension, decoder } = networks;
  const inputs = [{ name: 'code', columns: latentDimension }];
  const nodes: OnnxNode[] = [];
  const constants: OnnxConstant[] = [];
  if (givenCode.width > 0) {
    inputs.push({ name: 'given', columns: givenCode.width });
    nodes.push({ operator: 'Concat', inputs: ['code', 'given'], output: 'input', attributes: { axis: 1 } });
  }
  const part = networkToOnnx(decoder, parameter, givenCode.width > 0 ? 'input' : 'code', 'decoded');
  nodes.push(...part.nodes);
  constants.push(...part.constants);
  const pieces: string[] = [];
  const cut = (name: string, start: number, end: number): void => {
    const bounds = { [`${name}.start`]: start, [`${name}.end`]: end };
    for (const [bound, at] of Object.entries(bounds)) {
      constants.push({ name: bound, shape: [1], data: BigInt64Array.of(BigInt(at)) });
    }
    nodes.push({
      operator: 'Slice',
      inputs: ['decoded', `${name}.start`, `${name}.end`, 'axis'],
      output: `${name}.raw`,
    });
    pieces.push(name);
  };
  constants.push({ name: 'axis', shape: [1], data: BigInt64Array.of(1n) });
  const continuous = code.continuous.length;
  if (continuous > 0) {
    cut('continuous', 0, continuous);
    const columns = (values: Float64Array): Float32Array =>
      Float32Array.from(code.continuous, (column) => values[column]);
    constants.push({ name: 'scales', shape: [continuous], data: columns(code.scales) });
    constants.push({ name: 'centers.columns', shape: [continuous], data: columns(code.centers) });
    nodes.push({ operator: 'Mul', inputs: ['continuous.raw', 'scales'], output: 'continuous.scaled' });
    nodes.push({ operator: 'Add', inputs: ['continuous.scaled', 'centers.columns'], output: 'continuous' });
  }
  if (code.binary.length > 0) {
    cut('binary', continuous, continuous + code.binary.length);
    nodes.push({ operator: 'Sigmoid', inputs: ['binary.raw'], output: 'binary' });
  }
  for (const { column, categories, start } of code.categorical) {
    cut(`categorical.${column}`, start, start + categories);
    const name = `categorical.${column}`;
    nodes.push({ operator: 'Softmax', inputs: [`${name}.raw`], output: name, attributes: { axis: 1 } });
  }
  nodes.push({ operator: 'Concat', inputs: pieces, output: 'centers', attributes: { axis: 1 } });
  const outputs = [{ name: 'centers', columns: code.width }];
  return encodeOnnx({ name: 'decoder', inputs, outputs, nodes, constants });
}
