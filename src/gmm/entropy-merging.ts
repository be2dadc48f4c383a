/**
 * Which components are one cluster: merged pair by pair so that the entropy of the assignment falls most.
 *
 *     Ent = -sum_i sum_k t_ik log t_ik
 *
 * with t_ik the responsibility of cluster k, the sum of its components', for row i. The density stays that of the
 * mixture: clusters are unions of components, each a mixture of its own.
 *
 * Reference: Baudry, Raftery, Celeux, Lo & Gottardo (2010), doi:10.1198/jcgs.2010.08111, section 2.2.
 *
 * @module
 */
import type { Samples } from '../core/samples.js';

/** One stage of the merging. */
export interface Clustering {
  /** The components of each cluster, ascending; clusters by their first component. */
  readonly groups: readonly (readonly number[])[];
  /** Ent, in nats, of all rows together. A cut where it stops falling steeply is a natural number of clusters. */
  readonly entropy: number;
}

/** All stages, from every component on its own to all in one. Cost: O(n K^2) a stage. */
export function mergesByEntropy(responsibilities: Samples): Clustering[] {
  const { rows: n, columns } = responsibilities;
  let groups: readonly (readonly number[])[] = Array.from({ length: columns }, (_, k) => [k]);
  const shares = Array.from({ length: columns }, (_, k) =>
    Float64Array.from({ length: n }, (_, i) => responsibilities.get(i, k)),
  );
  const stages = [stageOf(groups, shares)];
  while (groups.length > 1) {
    let best = { left: 0, right: 1, drop: Number.NEGATIVE_INFINITY };
    for (let right = 1; right < groups.length; right++) {
      for (let left = 0; left < right; left++) {
        const drop = entropyDrop(shares[left], shares[right]);
        if (drop > best.drop) best = { left, right, drop };
      }
    }
    const { left, right } = best;
    const absorbed = shares[right];
    shares[left] = shares[left].map((share, i) => share + absorbed[i]);
    shares.splice(right, 1);
    const merged = [...groups[left], ...groups[right]].sort((a, b) => a - b);
    groups = groups.flatMap((group, k) => (k === right ? [] : [k === left ? merged : group]));
    stages.push(stageOf(groups, shares));
  }
  return stages;
}

function stageOf(groups: readonly (readonly number[])[], shares: readonly Float64Array[]): Clustering {
  let entropy = 0;
  for (const cluster of shares) for (const share of cluster) entropy -= timesLog(share);
  return { groups, entropy: Math.max(entropy, 0) };
}

/** What Ent falls by when two clusters become one. */
function entropyDrop(a: Float64Array, b: Float64Array): number {
  let drop = 0;
  for (let i = 0; i < a.length; i++) drop += timesLog(a[i] + b[i]) - timesLog(a[i]) - timesLog(b[i]);
  return drop;
}

function timesLog(x: number): number {
  return x > 0 ? x * Math.log(x) : 0;
}
