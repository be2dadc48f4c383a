/**
 * Activation functions: the one for training, with derivatives, and its twin in plain doubles.
 *
 * @module
 */
import { add, exp, leakyRelu, multiply, negate, relu, shift, sigmoid, softplus, tanh } from './operations.js';
import type { Value } from './value.js';

/** Names of the activation functions. */
export type ActivationName = 'relu' | 'leakyRelu' | 'elu' | 'softplus' | 'swish' | 'tanh' | 'sigmoid' | 'linear';

/** All names, in the order of the documentation. */
export const ACTIVATION_NAMES: readonly ActivationName[] = [
  'relu',
  'leakyRelu',
  'elu',
  'softplus',
  'swish',
  'tanh',
  'sigmoid',
  'linear',
];

/** An activation function. */
export interface Activation {
  /** On a backend, differentiable. */
  readonly apply: (x: Value) => Value;
  /** One number, in doubles. */
  readonly value: (x: number) => number;
  /** For a function that is x above 0 and a multiple of x below, that multiple: layers take it in as they are computed. */
  readonly slope?: number;
  /** How much wider initial weights must be to make up for what the function takes away. */
  readonly gain: number;
}

/** Slope of the leaky rectifier below 0 (Maas et al. 2013 use 0.01; GAN critics 0.2, Radford et al. 2016). */
export const LEAK = 0.2;

/** log(1 + e^x) without overflow. */
export function softplusOf(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** 1 / (1 + e^-x). */
export function sigmoidOf(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Every activation function by its name. Gains: sqrt(2) where half of the input is cut away, 1 elsewhere. */
export const ACTIVATIONS: Readonly<Record<ActivationName, Activation>> = {
  relu: { apply: relu, value: (x) => (x > 0 ? x : 0), slope: 0, gain: Math.SQRT2 },
  leakyRelu: {
    apply: (x) => leakyRelu(x, LEAK),
    value: (x) => (x > 0 ? x : LEAK * x),
    slope: LEAK,
    gain: Math.sqrt(2 / (1 + LEAK * LEAK)),
  },
  // x for x > 0, e^x - 1 below: as relu(x) + exp(-relu(-x)) - 1, made of safe parts.
  elu: {
    apply: (x) => shift(add(relu(x), exp(negate(relu(negate(x))))), -1),
    value: (x) => (x > 0 ? x : Math.expm1(x)),
    gain: Math.SQRT2,
  },
  softplus: { apply: softplus, value: softplusOf, gain: Math.SQRT2 },
  swish: { apply: (x) => multiply(x, sigmoid(x)), value: (x) => x * sigmoidOf(x), gain: Math.SQRT2 },
  tanh: { apply: tanh, value: Math.tanh, gain: 1 },
  sigmoid: { apply: sigmoid, value: sigmoidOf, gain: 1 },
  linear: { apply: (x) => x, value: (x) => x, gain: 1 },
};
