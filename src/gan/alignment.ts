/**
 * Where a translation between unpaired rows starts: the turn or mirror image that brings one set nearest to the other.
 *
 * The game finds a good map only from a start on its side of the hills: three clusters turned by 70 degrees are nearer to each
 * other's neighbours than to themselves, and a translation that starts as the identity ends there. So a number of random
 * orthogonal maps is tried, before any training, by the energy distance of the turned rows from the others:
 *
 *     D(Q) = 2 E|x Q - y| - E|x Q - x' Q| - E|y - y'|,   x, x' of one set and y, y' of the other, all standardised
 *
 * Reference for D: Szekely & Rizzo (2013), doi:10.1016/j.jspi.2013.03.018.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';
import type { CodedRows } from './sides.js';
import { identityMap } from './translator.js';

/** Standardised rows, row-major. */
interface Cloud {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** Rows of each set that a map is judged on; 300 make 90,000 distances, and the error of D is a few hundredths. */
const MOST_ROWS = 300;

/** The best of the identity and `candidates` random orthogonal maps, inputs x outputs, row-major. */
export async function alignedMap(
  from: CodedRows,
  to: CodedRows,
  candidates: number,
  stream: RandomStream,
  pacer: Pacer,
): Promise<Float64Array> {
  let best = identityMap(from.columns, to.columns);
  if (candidates === 0) return best;
  const [a, b] = [thinned(from, stream.child('from')), thinned(to, stream.child('to'))];
  const maps = stream.child('maps');
  let least = distance(a, b, best);
  for (let k = 0; k < candidates; k++) {
    const map = randomOrthogonalMap(from.columns, to.columns, maps);
    const found = distance(a, b, map);
    if (found < least) [best, least] = [map, found];
    if (pacer.isDue) await pacer.step({ phase: 'alignment', completed: k + 1, total: candidates });
  }
  return best;
}

/** At most {@link MOST_ROWS} of the rows, chosen at random. */
function thinned({ values, rows, columns }: CodedRows, stream: RandomStream): Cloud {
  const chosen = stream.permutation(rows).subarray(0, MOST_ROWS);
  const kept = new Float64Array(chosen.length * columns);
  chosen.forEach((row, i) => {
    kept.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { values: kept, rows: chosen.length, columns };
}

/** D(Q), but for the term that Q does not change. */
function distance(a: Cloud, b: Cloud, map: Float64Array): number {
  const turned = turn(a, map, b.columns);
  return 2 * meanDistance(turned, b) - meanDistance(turned, turned);
}

function turn({ values, rows, columns }: Cloud, map: Float64Array, outputs: number): Cloud {
  const turned = new Float64Array(rows * outputs);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < columns; i++) {
      const x = values[r * columns + i];
      for (let j = 0; j < outputs; j++) turned[r * outputs + j] += x * map[i * outputs + j];
    }
  }
  return { values: turned, rows, columns: outputs };
}

/** Mean Euclidean distance of a row of one set from a row of the other. */
function meanDistance(a: Cloud, b: Cloud): number {
  const { columns } = a;
  let total = 0;
  for (let r = 0; r < a.rows; r++) {
    for (let s = 0; s < b.rows; s++) {
      let squares = 0;
      for (let j = 0; j < columns; j++) squares += (a.values[r * columns + j] - b.values[s * columns + j]) ** 2;
      total += Math.sqrt(squares);
    }
  }
  return total / (a.rows * b.rows);
}

/**
 * A random orthogonal map: normal numbers, made orthonormal along the shorter side by Gram and Schmidt; uniform over all of them
 * (Stewart 1980, doi:10.1137/0717034).
 */
export function randomOrthogonalMap(inputs: number, outputs: number, stream: RandomStream): Float64Array {
  const [count, length] = [Math.min(inputs, outputs), Math.max(inputs, outputs)];
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const vector = Float64Array.from({ length }, () => stream.normal());
    // Twice, as rounding leaves a rest after the first time.
    for (let k = 0; k < 2; k++) for (const other of vectors) subtractAlong(vector, other);
    const norm = Math.sqrt(dot(vector, vector));
    if (norm > 1e-6) vectors.push(vector.map((x) => x / norm));
  }
  const map = new Float64Array(inputs * outputs);
  for (let i = 0; i < inputs; i++) {
    for (let j = 0; j < outputs; j++) map[i * outputs + j] = inputs <= outputs ? vectors[i][j] : vectors[j][i];
  }
  return map;
}

function subtractAlong(vector: Float64Array, unit: Float64Array): void {
  const share = dot(vector, unit);
  for (let k = 0; k < vector.length; k++) vector[k] -= share * unit[k];
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((total, x, k) => total + x * b[k], 0);
}
