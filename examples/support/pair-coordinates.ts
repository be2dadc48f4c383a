/**
 * Any estimator, fitted to two-muon events in pair coordinates: how a change of variables wraps a model.
 *
 * With y(x) the five pair coordinates of an event x, and phi1 uniform on the circle,
 *
 *     log p(x) = log sum_k p_model(y + 2 pi k e_w) - log 2 pi - log pt1 - log pt2,       k = -1, 0, 1.
 *
 * The last two terms are the Jacobian's, so that densities compare with those of models in the raw columns. The sum wraps
 * the angle w around the circle: the model takes it for a number on the line, and its tails beyond +-pi come in again.
 *
 * @module
 */
import {
  type DensityKind,
  type Estimator,
  type FitOptions,
  type GenerativeModel,
  type ModelJson,
  type ModelState,
  RandomStream,
  type SampleOptions,
  Samples,
  type SamplesLike,
} from 'generative-models';
import { EVENT_COLUMNS, fromPair, PAIR_ANGLE, PAIR_COLUMNS, pairLogJacobian, toPair } from './dimuon.js';

/** The estimator within, fitted in pair coordinates. */
export class InPairCoordinates implements Estimator {
  readonly #inner: Estimator;

  constructor(inner: Estimator) {
    this.#inner = inner;
  }

  get options(): object {
    return this.#inner.options;
  }

  async fit(events: SamplesLike, options?: FitOptions): Promise<GenerativeModel> {
    const pairs = Samples.from(Samples.from(events).toArray().map(toPair));
    return new PairModel(await this.#inner.fit(pairs, options));
  }
}

class PairModel implements GenerativeModel {
  readonly dimension: number = EVENT_COLUMNS.length;
  readonly #inner: GenerativeModel;

  constructor(inner: GenerativeModel) {
    this.#inner = inner;
  }

  get densityKind(): DensityKind {
    return this.#inner.densityKind;
  }

  sample(count: number, options: SampleOptions = {}): Samples {
    const pairs = this.#inner.sample(count, options);
    const azimuths = RandomStream.of(options.seed, 'azimuth');
    const data = new Float64Array(count * this.dimension);
    for (let i = 0; i < count; i++) {
      const phi1 = Math.PI * (2 * azimuths.uniform() - 1);
      data.set(fromPair(pairs.row(i), phi1), i * this.dimension);
    }
    return new Samples(data, count, this.dimension);
  }

  logDensity(events: SamplesLike): Float64Array {
    const rows = Samples.from(events).toArray();
    const possible = rows.filter(([pt1, , , pt2]) => pt1 > 0 && pt2 > 0);
    const logSums = this.#wrappedLogDensity(possible.map(toPair));
    let next = 0;
    return Float64Array.from(rows, (event) => {
      if (!(event[0] > 0 && event[3] > 0)) return Number.NEGATIVE_INFINITY;
      return logSums[next++] - Math.log(2 * Math.PI) + pairLogJacobian(event);
    });
  }

  /** log sum_k p_model(y + 2 pi k e_w), k = -1, 0, 1. */
  #wrappedLogDensity(pairs: number[][]): Float64Array {
    if (pairs.length === 0) return new Float64Array(0);
    const turns = [-1, 0, 1].map((k) => {
      const turned = new Float64Array(pairs.length * PAIR_COLUMNS);
      for (const [i, pair] of pairs.entries()) {
        turned.set(pair, i * PAIR_COLUMNS);
        turned[i * PAIR_COLUMNS + PAIR_ANGLE] += 2 * Math.PI * k;
      }
      return this.#inner.logDensity(new Samples(turned, pairs.length, PAIR_COLUMNS));
    });
    return turns[0].map((_, i) => {
      const terms = turns.map((values) => values[i]);
      const largest = Math.max(...terms);
      if (largest === Number.NEGATIVE_INFINITY) return largest;
      return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
    });
  }

  /** The model within; the coordinates are not part of it. */
  toState(): ModelState {
    return this.#inner.toState();
  }

  toJSON(): ModelJson {
    return this.#inner.toJSON();
  }
}
