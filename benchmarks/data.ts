/**
 * Seeded data, the same in every run and for every library.
 *
 * @module
 */
import { RandomStream, Samples } from 'generative-models';

/** The seed of all data. */
export const SEED = 20_26;

/** Rows of independent normals with mean 0 and the given standard deviation. */
export function normalRows(rows: number, columns: number, purpose: string, deviation = 1): Samples {
  const stream = RandomStream.of(SEED, purpose, rows, columns);
  const data = Float64Array.from({ length: rows * columns }, () => deviation * stream.normal());
  return new Samples(data, rows, columns);
}

/** Rows of a mixture, and where its components lie. */
export interface MixtureRows {
  readonly rows: Samples;
  readonly centres: Samples;
}

/**
 * Rows of equally likely round normals of unit variance, their centres normal with the given standard deviation. With 4,
 * components touch without being one; with 2 / sqrt(d) they overlap, so that no share vanishes and EM goes on for long.
 */
export function mixtureRows(rows: number, columns: number, components: number, deviation = 4): MixtureRows {
  const centres = normalRows(components, columns, 'centres', deviation);
  const stream = RandomStream.of(SEED, 'mixture', rows, columns, components);
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const k = stream.integer(components);
    for (let j = 0; j < columns; j++) data[i * columns + j] = centres.get(k, j) + stream.normal();
  }
  return { rows: new Samples(data, rows, columns), centres };
}
