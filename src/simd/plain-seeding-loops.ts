/**
 * The loops of k-means++ in plain TypeScript: what the compiled ones are measured against, and what runs for few rows and where
 * those cannot.
 *
 * @module
 */
import { BLOCK_ROWS, type ClusterSums, type SeedingLoops, type SeedingShape } from './seeding-shape.js';

/** One search of the plain loops. */
interface Search {
  readonly centres: Float64Array;
  readonly labels: Float64Array;
  readonly distances: Float64Array;
  readonly sums: Float64Array;
  readonly potentials: Float64Array;
  tried: readonly number[];
  /** How many centres it has found. */
  found: number;
}

/** See {@link SeedingLoops}. All distances are found from differences. */
export class PlainSeedingLoops implements SeedingLoops {
  readonly rows: Float64Array;
  readonly weights: Float64Array;
  readonly #columns: number;
  readonly #searches: readonly Search[];

  constructor({ components, count, columns, searches, tries }: SeedingShape) {
    this.rows = new Float64Array(count * columns);
    this.weights = new Float64Array(count).fill(1);
    this.#columns = columns;
    this.#searches = Array.from({ length: searches }, () => ({
      centres: new Float64Array(components * columns),
      labels: new Float64Array(count),
      distances: new Float64Array(count).fill(Number.POSITIVE_INFINITY),
      sums: new Float64Array(Math.ceil(count / BLOCK_ROWS)),
      potentials: new Float64Array(tries),
      tried: [],
      found: 0,
    }));
  }

  prepare(): void {}

  tryRows(tried: readonly (readonly number[])[]): void {
    for (const [s, search] of this.#searches.entries()) {
      search.tried = tried[s];
      search.potentials.fill(0);
    }
  }

  measure(first: number, end: number): void {
    const { rows, weights } = this;
    const d = this.#columns;
    for (const { tried, potentials, distances } of this.#searches) {
      for (let t = 0; t < tried.length; t++) {
        let potential = 0;
        for (let i = first; i < end; i++) {
          const distance = squaredDistance(rows, i, rows, tried[t], d);
          potential += weights[i] * (distance < distances[i] ? distance : distances[i]);
        }
        potentials[t] += potential;
      }
    }
  }

  potentialOf(search: number, t: number): number {
    return this.#searches[search].potentials[t];
  }

  take(search: number, t: number): number {
    const { rows, weights } = this;
    const d = this.#columns;
    const own = this.#searches[search];
    const { centres, distances, labels, sums, tried } = own;
    const label = own.found++;
    centres.set(rows.subarray(tried[t] * d, (tried[t] + 1) * d), label * d);
    sums.fill(0);
    for (let i = 0; i < distances.length; i++) {
      const distance = squaredDistance(rows, i, rows, tried[t], d);
      if (distance < distances[i]) {
        distances[i] = distance;
        labels[i] = label;
      }
      sums[Math.floor(i / BLOCK_ROWS)] += weights[i] * distances[i];
    }
    return sums.reduce((potential, sum) => potential + sum, 0);
  }

  centresOf(search: number): Float64Array {
    return this.#searches[search].centres;
  }

  clustersOf(search: number): ClusterSums {
    const { rows, weights } = this;
    const d = this.#columns;
    const { centres, labels } = this.#searches[search];
    const mass = new Float64Array(centres.length / d);
    const [shift, squares] = [new Float64Array(centres.length), new Float64Array(centres.length)];
    for (let i = 0, at = 0; i < labels.length; i++) {
      const k = labels[i];
      mass[k] += weights[i];
      for (let to = k * d; to < (k + 1) * d; at++, to++) {
        const difference = rows[at] - centres[to];
        shift[to] += weights[i] * difference;
        squares[to] += weights[i] * difference * difference;
      }
    }
    return { mass, shift, squares };
  }

  moveTo(search: number, centres: Float64Array): void {
    this.#searches[search].centres.set(centres);
    this.#searches[search].found = centres.length / this.#columns;
  }

  assign(search: number, first: number, end: number): number {
    const { rows } = this;
    const d = this.#columns;
    const { centres, found, labels } = this.#searches[search];
    let changed = 0;
    for (let i = first; i < end; i++) {
      let label = 0;
      let least = squaredDistance(rows, i, centres, 0, d);
      for (let k = 1; k < found; k++) {
        const distance = squaredDistance(rows, i, centres, k, d);
        if (distance >= least) continue;
        least = distance;
        label = k;
      }
      if (label !== labels[i]) changed++;
      labels[i] = label;
    }
    return changed;
  }

  labelsOf(search: number): Float64Array {
    return this.#searches[search].labels;
  }

  distancesOf(search: number): Float64Array {
    return this.#searches[search].distances;
  }

  sumsOf(search: number): Float64Array {
    return this.#searches[search].sums;
  }
}

/** From row i to one of some points. */
function squaredDistance(rows: Float64Array, i: number, points: Float64Array, k: number, d: number): number {
  let sum = 0;
  for (let j = 0, at = i * d, to = k * d; j < d; j++, at++, to++) {
    const step = rows[at] - points[to];
    sum += step * step;
  }
  return sum;
}
