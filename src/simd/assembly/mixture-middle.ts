/**
 * The middle o of the means, about which products of vectors are taken, and what means lie from it: nu_k = mu_k - o.
 *
 * @module
 */
import { components, dimension, means, middle } from './mixture-state.js';

/** Finds o; to be called when parameters have changed. */
export function findMiddle(): void {
  for (let j = 0; j < dimension; j++) {
    let sum: f64 = 0;
    for (let k = 0; k < components; k++) sum += load<f64>(means + 8 * (dimension * k + j)) / components;
    store<f64>(middle + 8 * j, sum);
  }
}

/** An entry of nu_k. */
/* @inline */ export function nuOf(k: i32, j: i32): f64 {
  return load<f64>(means + 8 * (dimension * k + j)) - load<f64>(middle + 8 * j);
}
