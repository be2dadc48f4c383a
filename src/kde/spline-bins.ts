/**
 * Rows shared out over the nodes of a regular grid, by cubic B-splines.
 *
 * A row at x counts beta(x - k) at node k, where beta is the cubic B-spline: four nodes along each axis. Unlike the usual
 * linear binning this leaves no error of the order of the spacing squared, once the spline's own blur is taken out of the
 * kernel (see `grid-kernel.ts`).
 *
 * Reference: Unser (1999), *Splines: a perfect fit for signal and image processing*, doi:10.1109/79.799930.
 *
 * @module
 */
import type { Samples } from '../core/samples.js';

/** A regular grid of nodes: node k of axis j lies at origin_j + k spacing_j. */
export interface Nodes {
  readonly origin: readonly number[];
  readonly spacing: readonly number[];
  readonly counts: readonly number[];
}

/** Weights at the nodes, the last axis running fastest; rows whose four nodes are not all there are left out. */
export function splineBins(samples: Samples, weights: Float64Array | undefined, nodes: Nodes): Float64Array {
  const bins = new Float64Array(nodes.counts.reduce((product, count) => product * count, 1));
  if (samples.columns === 1) bins1(samples, weights, nodes, bins);
  else if (samples.columns === 2) bins2(samples, weights, nodes, bins);
  else bins3(samples, weights, nodes, bins);
  return bins;
}

/** Writes beta at 1 + t, t, 1 - t and 2 - t into `out[at ..]`. */
function spline(t: number, out: Float64Array, at: number): void {
  const s = 1 - t;
  const [t3, s3] = [t * t * t * (1 / 6), s * s * s * (1 / 6)];
  out[at] = s3;
  out[at + 1] = 2 / 3 - t * t + 0.5 * t * t * t;
  out[at + 2] = 2 / 3 - s * s + 0.5 * s * s * s;
  out[at + 3] = t3;
}

function bins1({ data, rows }: Samples, weights: Float64Array | undefined, nodes: Nodes, bins: Float64Array): void {
  const [origin, scale, last] = [nodes.origin[0], 1 / nodes.spacing[0], nodes.counts[0] - 3];
  for (let i = 0; i < rows; i++) {
    const place = (data[i] - origin) * scale;
    if (!(place >= 1 && place < last)) continue;
    const k = place | 0;
    const w = weights === undefined ? 1 : weights[i];
    const t = place - k;
    const s = 1 - t;
    bins[k - 1] += w * (s * s * s * (1 / 6));
    bins[k] += w * (2 / 3 - t * t * (1 - 0.5 * t));
    bins[k + 1] += w * (2 / 3 - s * s * (1 - 0.5 * s));
    bins[k + 2] += w * (t * t * t * (1 / 6));
  }
}

function bins2({ data, rows }: Samples, weights: Float64Array | undefined, nodes: Nodes, bins: Float64Array): void {
  const { origin, spacing, counts } = nodes;
  const [x0, y0, xScale, yScale] = [origin[0], origin[1], 1 / spacing[0], 1 / spacing[1]];
  const [xLast, yLast, width] = [counts[0] - 3, counts[1] - 3, counts[1]];
  for (let i = 0; i < rows; i++) {
    const x = (data[2 * i] - x0) * xScale;
    const y = (data[2 * i + 1] - y0) * yScale;
    if (!(x >= 1 && x < xLast && y >= 1 && y < yLast)) continue;
    const [k, l] = [x | 0, y | 0];
    const w = weights === undefined ? 1 : weights[i];
    const [t, u] = [x - k, y - l];
    const [s, v] = [1 - t, 1 - u];
    const a = v * v * v * (1 / 6);
    const b = 2 / 3 - u * u * (1 - 0.5 * u);
    const c = 2 / 3 - v * v * (1 - 0.5 * v);
    const d = u * u * u * (1 / 6);
    let at = (k - 1) * width + l - 1;
    const shares0 = w * (s * s * s * (1 / 6));
    bins[at] += shares0 * a;
    bins[at + 1] += shares0 * b;
    bins[at + 2] += shares0 * c;
    bins[at + 3] += shares0 * d;
    at += width;
    const shares1 = w * (2 / 3 - t * t * (1 - 0.5 * t));
    bins[at] += shares1 * a;
    bins[at + 1] += shares1 * b;
    bins[at + 2] += shares1 * c;
    bins[at + 3] += shares1 * d;
    at += width;
    const shares2 = w * (2 / 3 - s * s * (1 - 0.5 * s));
    bins[at] += shares2 * a;
    bins[at + 1] += shares2 * b;
    bins[at + 2] += shares2 * c;
    bins[at + 3] += shares2 * d;
    at += width;
    const shares3 = w * (t * t * t * (1 / 6));
    bins[at] += shares3 * a;
    bins[at + 1] += shares3 * b;
    bins[at + 2] += shares3 * c;
    bins[at + 3] += shares3 * d;
  }
}

function bins3({ data, rows }: Samples, weights: Float64Array | undefined, nodes: Nodes, bins: Float64Array): void {
  const { origin, spacing, counts } = nodes;
  const shares = new Float64Array(12);
  const first = [0, 0, 0];
  for (let i = 0; i < rows; i++) {
    let inside = true;
    for (let j = 0; j < 3; j++) {
      const place = (data[3 * i + j] - origin[j]) / spacing[j];
      if (!(place >= 1 && place < counts[j] - 3)) {
        inside = false;
        break;
      }
      const k = place | 0;
      first[j] = k - 1;
      spline(place - k, shares, 4 * j);
    }
    if (!inside) continue;
    const w = weights === undefined ? 1 : weights[i];
    for (let a = 0; a < 4; a++) {
      for (let b = 0; b < 4; b++) {
        const share = w * shares[a] * shares[4 + b];
        const at = ((first[0] + a) * counts[1] + first[1] + b) * counts[2] + first[2];
        for (let c = 0; c < 4; c++) bins[at + c] += share * shares[8 + c];
      }
    }
  }
}
