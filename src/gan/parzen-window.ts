/**
 * The density of a generator as a Parzen window over rows that it generated.
 *
 *     p(x) = 1/M sum_m prod_j N(x_j; g_mj, (h s_j)^2),   g_m generated, s_j the standard deviation of column j of the data
 *
 * h is the one of a ladder under which rows held out are most probable. A window over few rows in many columns says more of
 * h than of the generator; it ranks generators of the same data, and is no likelihood.
 *
 * References: Parzen (1962), doi:10.1214/aoms/1177704472; Goodfellow et al. (2014), arXiv:1406.2661, section 5, for h from rows
 * held out; Theis, van den Oord & Bethge (2016), arXiv:1511.01844, for what it is not.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { ModelState, StateReader, Tensor } from '../core/model-state.js';
import type { Pacer } from '../core/progress.js';
import { Samples } from '../core/samples.js';
import { KernelDensity, KernelDensityModel } from '../kde/index.js';
import { BANDWIDTHS } from './window-bandwidth.js';

/** Rows that are judged between two looks at the clock: 3 million differences where both row and window are large. */
const STRETCH = 50;

/**
 * The window of generated rows with the bandwidth that suits rows held out.
 *
 * @param scales - s, in the data's units.
 */
export async function parzenWindow(
  generated: Samples,
  heldOut: Samples,
  scales: Float64Array,
  pacer: Pacer,
): Promise<KernelDensityModel> {
  let best: KernelDensityModel | undefined;
  let largest = Number.NEGATIVE_INFINITY;
  for (const [k, h] of BANDWIDTHS.entries()) {
    const window = await new KernelDensity({ bandwidth: scales.map((scale) => h * scale) }).fit(generated);
    const mean = (await totalLogDensity(window, heldOut, pacer)) / heldOut.rows;
    // Ties at -Infinity go to the wider window.
    if (best === undefined || mean > largest || largest === Number.NEGATIVE_INFINITY) [best, largest] = [window, mean];
    await pacer.step({ phase: 'bandwidth', completed: k + 1, total: BANDWIDTHS.length });
  }
  if (best !== undefined) return best;
  throw new RangeError('the ladder of bandwidths must hold one');
}

async function totalLogDensity(window: KernelDensityModel, rows: Samples, pacer: Pacer): Promise<number> {
  let total = 0;
  for (let first = 0; first < rows.rows; first += STRETCH) {
    const size = Math.min(STRETCH, rows.rows - first);
    const part = rows.data.subarray(first * rows.columns, (first + size) * rows.columns);
    for (const value of window.logDensity(new Samples(part, size, rows.columns))) total += value;
    if (pacer.isDue) await pacer.breathe();
  }
  return total;
}

const PREFIX = 'window.';

/** A window among the tensors of a model. */
export function windowTensors(window: KernelDensityModel): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(window.toState().tensors).map(([name, entry]) => [`${PREFIX}${name}`, entry]),
  );
}

/** A window among the settings of a model. */
export function windowSetting(window: KernelDensityModel): ModelState['settings'] {
  const { kind, version, settings } = window.toState();
  return { kind, version, settings };
}

/** Names of the tensors of a window in a state. */
export function windowTensorNames(state: ModelState): string[] {
  return Object.keys(state.tensors).filter((name) => name.startsWith(PREFIX));
}

/** Reads what {@link windowTensors} and {@link windowSetting} made. */
export function readWindow(reader: StateReader, state: ModelState, dimension: number): KernelDensityModel {
  const description = reader.object(state.settings.window, 'setting "window"', ['kind', 'version', 'settings']);
  const tensors = Object.fromEntries(
    windowTensorNames(state).map((name) => [name.slice(PREFIX.length), state.tensors[name]]),
  );
  const window = KernelDensityModel.fromState({ ...description, tensors } as unknown as ModelState);
  if (window.dimension === dimension) return window;
  throw modelError('invalid-model-file', {
    owner: reader.owner,
    must: `the window must have ${dimension} columns`,
    got: window.dimension,
  });
}
