/**
 * The training step of `npm run bench -- vae` in TensorFlow.js as it comes, on WASM: its operations, its gradients, its Adam.
 *
 * A process of its own, so that nothing of ours is in it. Reads `{ sizes: [d, hidden, latent], batch, bernoulli, steps }` from
 * standard input and writes `{ milliseconds: [...] }`.
 *
 * In Node, `@tensorflow/tfjs-core` registers no gradients, and the file that does is no module that Node can load; it is
 * bundled here, with the bundler that the tests use. Registry and engine are global, so the bundle serves the core beside it.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';

interface Task {
  readonly sizes: readonly [number, number, number];
  readonly batch: number;
  readonly bernoulli: boolean;
  readonly steps: number;
}

interface Bundler {
  build(options: object): Promise<unknown>;
}

/** A layer of weights and biases. */
interface Layer {
  readonly weights: tf.Variable;
  readonly biases: tf.Variable;
}

const WARM_UP = 10;

await registerGradients();
setThreadsCount(1);
await tf.setBackend('wasm');
process.stdout.write(JSON.stringify({ milliseconds: await timeSteps(JSON.parse(readFileSync(0, 'utf8')) as Task) }));

async function registerGradients(): Promise<void> {
  // Not a literal: the bundler comes with the test runner, and its types are not needed.
  const name: string = 'rolldown';
  const { build } = (await import(name)) as Bundler;
  const file = fileURLToPath(new URL('../stock/gradients.mjs', import.meta.url));
  const core = new URL('../../node_modules/@tensorflow/tfjs-core/dist/register_all_gradients.js', import.meta.url);
  await build({
    input: fileURLToPath(core),
    platform: 'node',
    logLevel: 'silent',
    treeshake: false,
    output: { file, format: 'esm' },
  });
  await import(file);
}

async function timeSteps({ sizes: [columns, hidden, latent], batch, bernoulli, steps }: Task): Promise<number[]> {
  const [encoder, code, decoder, output] = [
    layer(columns, hidden),
    layer(hidden, 2 * latent),
    layer(latent, hidden),
    layer(hidden, columns),
  ];
  const optimizer = tf.train.adam(1e-3);
  const normal = tf.randomNormal([batch, columns]) as tf.Tensor2D;
  const x = bernoulli ? (tf.cast(tf.greater(normal, 0), 'float32') as tf.Tensor2D) : normal;
  const loss = (): tf.Scalar => {
    const encoded = dense(tf.relu(dense(x, encoder)), code);
    const means = tf.slice(encoded, [0, 0], [-1, latent]);
    const logVariances = tf.slice(encoded, [0, latent], [-1, latent]);
    const deviations = tf.exp(tf.mul(logVariances, 0.5));
    const z = tf.add(means, tf.mul(deviations, tf.randomNormal([batch, latent]))) as tf.Tensor2D;
    const decoded = dense(tf.relu(dense(z, decoder)), output);
    const costs = bernoulli
      ? tf.sub(tf.softplus(decoded), tf.mul(x, decoded))
      : tf.mul(tf.square(tf.sub(x, decoded)), 0.5);
    const divergences = tf.sub(tf.add(tf.square(means), tf.square(deviations)), tf.add(logVariances, 1));
    return tf.mean(tf.add(tf.sum(costs, 1), tf.mul(tf.sum(divergences, 1), 0.5))) as tf.Scalar;
  };
  const milliseconds: number[] = [];
  for (let i = -WARM_UP; i < steps; i++) {
    const began = performance.now();
    const value = optimizer.minimize(loss, true) as tf.Scalar;
    const [number] = await value.data();
    value.dispose();
    if (!Number.isFinite(number)) throw new Error('vae-stock: the loss must be finite');
    if (i >= 0) milliseconds.push(performance.now() - began);
  }
  return milliseconds;
}

function layer(inputs: number, outputs: number): Layer {
  const weights = tf.mul(tf.randomNormal([inputs, outputs]), Math.sqrt(1 / inputs));
  return { weights: tf.variable(weights), biases: tf.variable(tf.zeros([outputs])) };
}

function dense(x: tf.Tensor2D, { weights, biases }: Layer): tf.Tensor2D {
  return tf.add(tf.matMul(x, weights as tf.Tensor2D), biases) as tf.Tensor2D;
}
