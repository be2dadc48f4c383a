/**
 * The gaussian density on a grid by binning: rows are shared out over nodes, and the kernel is run over those.
 *
 * All happens in the coordinates of the tree, in which the kernel is a product of one-dimensional ones, for bandwidth matrices
 * too: z = B^-1 (y - origin) with a lower-triangular B, so that z_0 depends on y_0 alone, z_1 on y_0 and y_1, and so on. The
 * nodes form a grid in z. For one bandwidth per column each axis has one set of taps, and axes are taken one after the other.
 * For a matrix the first axis is taken at all y_0, then the second at all y_1 for each of those, as z_1 says, then the third.
 *
 * The nodes follow the bandwidth, 3 to 8 to each, so that some tens of taps reach as far as the kernel does, and only cells
 * are asked for. That beats transforms: 416 x 416 nodes to 256 x 256 cells take 14 ms, there and back by FFT on 512 x 512 takes
 * 22; in three dimensions 160^3 nodes to 32^3 cells take 71 ms (a busy core of an AMD EPYC, Node 20). Transforms would also tie
 * cells to nodes.
 *
 * @module
 */
import type { Samples } from '../core/samples.js';
import { LOG_2PI } from '../core/special-functions.js';
import type { Coordinates } from './coordinates.js';
import type { Density } from './density.js';
import { type AxisPoints, axisPoints } from './grid-axes.js';
import { binningError } from './grid-error.js';
import { axisTaps, convolveLast, NodeKernel, REACH, RESOLUTIONS } from './grid-kernel.js';
import { type Nodes, splineBins } from './spline-bins.js';

/** Densities at the cells, and a bound on their error. */
export interface BinnedDensity {
  readonly values: Float64Array;
  readonly error: number;
}

/**
 * Beyond so many nodes, by the number of columns, cells are evaluated one by one: 128 MB of them in one and two dimensions. In
 * three, sharing rows out over 11 million takes as long as the 32,768 cells do, 2 s for a million rows.
 */
const MOST_NODES = [2 ** 24, 2 ** 24, 2 ** 22];
/** What images beyond reach add up to at most, for each one in reach: kernels are at most 10 widths of a column wide. */
const NEGLECTED_IMAGES = 1e-8;
/** The finest resolution that is tried, by the number of columns: finer ones cost more than they show. */
const FINEST = [0, 3, 3];
/**
 * Rows times cells, images among them, up to which cells one by one cost some 20 ms at most: densities with bounds or a matrix are taken so, for
 * the digits.
 */
const FEW_PAIRS = 2 ** 22;

/**
 * Bins, then convolves. `undefined` where the kernel is another, where bandwidths are too small for any resolution, and where
 * cells one by one do as well.
 */
export function binnedGaussian(density: Density, middles: readonly Float64Array[]): BinnedDensity | undefined {
  const { kernel, fitted, tree, placed } = density;
  if (kernel.name !== 'gaussian' || fitted.factors !== undefined) return undefined;
  const points = pointsOf(density, middles);
  if (!pays(density, points)) return undefined;
  const resolution = RESOLUTIONS.slice(FINEST[points.length - 1]).find(
    ({ perBandwidth }) => productOf(nodesFor(density, points, perBandwidth).counts) <= MOST_NODES[points.length - 1],
  );
  const unit = unitOf(density, points);
  if (resolution === undefined || !Number.isFinite(unit)) return undefined;
  const { perBandwidth, error } = resolution;
  const nodes = nodesFor(density, points, perBandwidth);
  const bins = splineBins(placed, fitted.weights, nodes);
  const weight = tree.nodeWeights[0];
  const lost = binningError(bins, weight, nodes, perBandwidth, error) + (hasImages(density) ? NEGLECTED_IMAGES : 0);
  const sums = convolve(bins, density.coordinates, points, nodes, perBandwidth);
  // A bandwidth has so many spacings along each axis, and |H|^(1/2) is the volume of one along all.
  const volume = Math.exp(density.coordinates.logVolume) / perBandwidth ** points.length;
  return { values: toDensities(sums, points, volume * weight), error: lost * unit };
}

function hasImages({ coordinates }: Density): boolean {
  return coordinates.folds.length > 0;
}

/** Without bounds or a matrix always; in one dimension transformed columns are as soon evaluated, with all their digits. */
function pays({ coordinates, fitted }: Density, points: readonly AxisPoints[]): boolean {
  const total = productOf(points.map(({ y }) => y.length));
  // All cells of some column lie out of its bounds.
  if (total === 0) return false;
  const isPlain = coordinates.factor === undefined && !fitted.bounds?.some((column) => column);
  if (isPlain) return true;
  if (points.length === 1 && coordinates.boundsOf(0)?.by === 'transformation') return false;
  return fitted.samples.rows * total > FEW_PAIRS;
}

/** The points of each axis, images as far as kernels reach. */
function pointsOf({ coordinates, fitted }: Density, middles: readonly Float64Array[]): AxisPoints[] {
  return middles.map((axis, j) => {
    const isFolded = coordinates.folds.some(({ column }) => column === j);
    const [low, high] = isFolded ? rangeOf(fitted.samples, j) : [0, 0];
    const reach = REACH * coordinates.bandwidth.columns[j];
    return axisPoints(coordinates, j, axis, low - reach, high + reach);
  });
}

function rangeOf({ data, columns }: Samples, j: number): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = j; i < data.length; i += columns) {
    if (data[i] < low) low = data[i];
    if (data[i] > high) high = data[i];
  }
  return [low, high];
}

/** The peak of a kernel and its images together, where columns are steepest. */
function unitOf({ coordinates }: Density, points: readonly AxisPoints[]): number {
  const images = productOf(points.map(({ most }) => most));
  const steepest = productOf(points.map(({ slopes }) => slopes.reduce((a, b) => Math.max(a, b), 0)));
  return Math.exp(-coordinates.logVolume - 0.5 * points.length * LOG_2PI) * images * steepest;
}

/** Nodes at equal parts of the bandwidth, as far as kernels reach from the points, but no farther than there are rows. */
function nodesFor({ coordinates, tree }: Density, points: readonly AxisPoints[], perBandwidth: number): Nodes {
  const d = points.length;
  const spacing = Array.from(coordinates.scales, (scale) => 1 / (scale * perBandwidth));
  const margin = Math.ceil(REACH * perBandwidth) + 3;
  const [low, high] = rangeOfPoints(coordinates, points);
  const origin = spacing.map((s, j) => Math.max(low[j] - margin * s, tree.boxes[j] - 3 * s));
  const counts = spacing.map((s, j) => {
    const end = Math.min(high[j] + margin * s, tree.boxes[d + j] + 3 * s);
    return Math.max(Math.ceil((end - origin[j]) / s), 0) + 4;
  });
  return { origin, spacing, counts };
}

/** Between which z the points lie. */
function rangeOfPoints(
  coordinates: Coordinates,
  points: readonly AxisPoints[],
): [low: Float64Array, high: Float64Array] {
  const d = points.length;
  const low = new Float64Array(d).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(d).fill(Number.NEGATIVE_INFINITY);
  const ends = points.map(({ y }) => [y.reduce((a, b) => Math.min(a, b)), y.reduce((a, b) => Math.max(a, b))]);
  const z = new Float64Array(d);
  // z is linear in y: it has its extremes at corners.
  for (let corner = 0; corner < 2 ** d; corner++) {
    coordinates.whiten(
      Float64Array.from(ends, (pair, j) => pair[(corner >> j) & 1]),
      z,
    );
    for (let j = 0; j < d; j++) {
      low[j] = Math.min(low[j], z[j]);
      high[j] = Math.max(high[j], z[j]);
    }
  }
  return [low, high];
}

/** What the cells sum, row-major. */
function convolve(
  bins: Float64Array,
  coordinates: Coordinates,
  points: readonly AxisPoints[],
  nodes: Nodes,
  perBandwidth: number,
): Float64Array {
  if (coordinates.factor) return new ShearedConvolution(coordinates, points, nodes, perBandwidth).run(bins);
  let values = bins;
  for (let j = points.length - 1; j >= 0; j--) {
    const places = points[j].y.map((y) => (y - nodes.origin[j]) / nodes.spacing[j]);
    const lines = values.length / nodes.counts[j];
    values = gather(convolveLast(values, lines, axisTaps(places, nodes.counts[j], perBandwidth)), lines, points[j]);
  }
  return values;
}

/** Adds what belongs to the same cell, along the first axis. */
function gather(values: Float64Array, lines: number, { cell, cells }: AxisPoints): Float64Array {
  if (cell.length === cells && cell.every((c, i) => c === i)) return values;
  const out = new Float64Array(cells * lines);
  for (let i = 0; i < cell.length; i++) {
    for (let line = 0; line < lines; line++) out[cell[i] * lines + line] += values[i * lines + line];
  }
  return out;
}

/** From axis to axis, the nodes of each being where the points of those before say. */
class ShearedConvolution {
  readonly #coordinates: Coordinates;
  readonly #points: readonly AxisPoints[];
  readonly #nodes: Nodes;
  readonly #kernel: NodeKernel;
  readonly #taps: Float64Array;
  /** What is left of the nodes behind each axis but the last. */
  readonly #rests: readonly Float64Array[];
  readonly #y: Float64Array;
  readonly #z: Float64Array;
  readonly #out: Float64Array;

  constructor(coordinates: Coordinates, points: readonly AxisPoints[], nodes: Nodes, perBandwidth: number) {
    const d = points.length;
    this.#coordinates = coordinates;
    this.#points = points;
    this.#nodes = nodes;
    this.#kernel = new NodeKernel(perBandwidth);
    this.#taps = new Float64Array(this.#kernel.taps);
    const sizeBehind = (j: number): number => productOf(nodes.counts.slice(j + 1));
    this.#rests = Array.from({ length: d - 1 }, (_, j) => new Float64Array(sizeBehind(j)));
    this.#y = new Float64Array(d);
    this.#z = new Float64Array(d);
    this.#out = new Float64Array(productOf(points.map(({ cells }) => cells)));
  }

  run(bins: Float64Array): Float64Array {
    this.#descend(0, bins, 0);
    return this.#out;
  }

  #descend(j: number, bins: Float64Array, cells: number): void {
    const { y, cell, cells: count } = this.#points[j];
    const nodes = this.#nodes.counts[j];
    const size = bins.length / nodes;
    const taps = Math.min(nodes, this.#kernel.taps);
    for (let i = 0; i < y.length; i++) {
      this.#y[j] = y[i];
      this.#coordinates.whiten(this.#y, this.#z);
      const place = (this.#z[j] - this.#nodes.origin[j]) / this.#nodes.spacing[j];
      const first = this.#kernel.fill(place, nodes, this.#taps, 0);
      const to = cells * count + cell[i];
      if (j === this.#rests.length) {
        let sum = 0;
        for (let k = 0; k < taps; k++) sum += this.#taps[k] * bins[first + k];
        this.#out[to] += sum;
        continue;
      }
      const rest = this.#rests[j].fill(0);
      for (let k = 0; k < taps; k++) {
        const tap = this.#taps[k];
        if (tap === 0) continue;
        const from = (first + k) * size;
        for (let at = 0; at < size; at++) rest[at] += tap * bins[from + at];
      }
      this.#descend(j + 1, rest, to);
    }
  }
}

/** Divides by what a density of 1 sums to, and takes the slopes of columns in. */
function toDensities(sums: Float64Array, points: readonly AxisPoints[], unit: number): Float64Array {
  const cells = points.map((axis) => axis.cells);
  for (let i = 0; i < sums.length; i++) {
    let slope = 1;
    for (let j = points.length - 1, rest = i; j >= 0; j--) {
      slope *= points[j].slopes[rest % cells[j]];
      rest = Math.floor(rest / cells[j]);
    }
    // A sum of positive kernels: what rounding leaves below 0 is 0.
    sums[i] = Math.max(0, (sums[i] / unit) * slope);
  }
  return sums;
}

function productOf(factors: readonly number[]): number {
  return factors.reduce((product, factor) => product * factor, 1);
}
