/**
 * A small estimator that tests can follow by hand: independent normals of unit variance about the weighted mean.
 *
 * @module
 */
import {
  type Estimator,
  type GenerativeModel,
  ModelError,
  type ModelJson,
  Samples,
  type SamplesLike,
} from '../../src/core/index.js';
import { type ModelState, stateToJson, tensor } from '../../src/core/model-state.js';
import type { FitOptions } from '../../src/core/progress.js';

const HALF_LOG_2PI = 0.9189385332046727;

/** log N(x; mean, I), nothing outside `reach` of the mean. */
export class UnitNormalModel implements GenerativeModel {
  readonly densityKind = 'exact' as const;
  readonly mean: Float64Array;
  readonly reach: number;

  constructor(mean: ArrayLike<number>, reach: number = Number.POSITIVE_INFINITY) {
    this.mean = Float64Array.from(mean);
    this.reach = reach;
  }

  get dimension(): number {
    return this.mean.length;
  }

  logDensity(rows: SamplesLike): Float64Array {
    return Float64Array.from(Samples.from(rows).toArray(), (row) => {
      if (row.some((x, j) => Math.abs(x - this.mean[j]) > this.reach)) return Number.NEGATIVE_INFINITY;
      return row.reduce((sum, x, j) => sum - HALF_LOG_2PI - 0.5 * (x - this.mean[j]) ** 2, 0);
    });
  }

  sample(count: number): Samples {
    return new Samples(new Float64Array(count * this.dimension), count, this.dimension);
  }

  toState(): ModelState {
    return { kind: 'UnitNormalModel', version: 1, settings: {}, tensors: { mean: tensor(this.mean, this.dimension) } };
  }

  toJSON(): ModelJson {
    return stateToJson(this.toState());
  }
}

/** Fits {@link UnitNormalModel}, and keeps what each `fit` was given. */
export class UnitNormal implements Estimator<UnitNormalModel> {
  readonly options: object = {};
  readonly calls: { rows: Samples; options: FitOptions | undefined }[] = [];

  async fit(rows: SamplesLike, options?: FitOptions): Promise<UnitNormalModel> {
    const samples = Samples.from(rows);
    this.calls.push({ rows: samples, options });
    if (samples.rows === 1) throw new ModelError('degenerate-data', 'UnitNormal.fit: two rows at least.');
    options?.onProgress?.({ phase: 'averaging', completed: 1, total: 1 });
    const weights = Array.from(options?.weights ?? new Array<number>(samples.rows).fill(1));
    const total = weights.reduce((sum, w) => sum + w, 0);
    const mean = Array.from({ length: samples.columns }, (_, j) =>
      weights.reduce((sum, w, i) => sum + (w / total) * samples.get(i, j), 0),
    );
    return new UnitNormalModel(mean);
  }
}
