/**
 * Words for messages: the nearest known name, and lists.
 *
 * @module
 */

/** Edit distance of Damerau and Levenshtein with adjacent swaps (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  const cost = new Uint32Array((a.length + 1) * width);
  for (let i = 0; i <= a.length; i++) cost[i * width] = i;
  for (let j = 0; j <= b.length; j++) cost[j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const here = i * width + j;
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(cost[here - width] + 1, cost[here - 1] + 1, cost[here - width - 1] + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, cost[here - 2 * width - 2] + 1);
      }
      cost[here] = best;
    }
  }
  return cost[cost.length - 1];
}

/** The known name that a mistyped one most likely meant, or `undefined` when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > 64) return undefined;
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** `"a", "b" or "c"`. */
export function alternatives(names: readonly string[], quote = '"'): string {
  const quoted = names.map((name) => `${quote}${name}${quote}`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted[quoted.length - 1]}`;
}
