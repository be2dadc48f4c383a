/**
 * Searching a few numbers at once for the maximum of a costly function.
 *
 * @module
 */

/** A corner of the simplex. */
interface Corner {
  readonly x: readonly number[];
  readonly value: number;
}

const MOST_STEPS = 400;

/**
 * A local maximum near a start, by the simplex of Nelder and Mead with its usual coefficients.
 *
 * Reference: Nelder & Mead (1965), *A simplex method for function minimization*, doi:10.1093/comjnl/7.4.308.
 *
 * @param stride - Size of the first simplex.
 * @param tolerance - Size of the last one.
 */
export async function climbSimplex(
  evaluate: (x: readonly number[]) => Promise<number>,
  start: readonly number[],
  stride: number,
  tolerance: number,
): Promise<Corner> {
  const at = async (x: readonly number[]): Promise<Corner> => ({ x, value: await evaluate(x) });
  const corners = [await at(start)];
  for (let j = 0; j < start.length; j++) corners.push(await at(start.map((x, k) => (k === j ? x + stride : x))));
  const byValue = (a: Corner, b: Corner): number => b.value - a.value;
  for (let step = 0; step < MOST_STEPS; step++) {
    corners.sort(byValue);
    const worst = corners[corners.length - 1];
    if (sizeOf(corners) < tolerance) break;
    const rest = corners.slice(0, -1);
    const middle = start.map((_, j) => rest.reduce((sum, { x }) => sum + x[j], 0) / rest.length);
    const along = (t: number): Promise<Corner> => at(middle.map((m, j) => m + t * (worst.x[j] - m)));
    const reflected = await along(-1);
    if (reflected.value > corners[0].value) {
      const expanded = await along(-2);
      corners[corners.length - 1] = expanded.value > reflected.value ? expanded : reflected;
      continue;
    }
    if (reflected.value > rest[rest.length - 1].value) {
      corners[corners.length - 1] = reflected;
      continue;
    }
    const contracted = await along(reflected.value > worst.value ? -0.5 : 0.5);
    if (contracted.value > Math.max(worst.value, reflected.value)) {
      corners[corners.length - 1] = contracted;
      continue;
    }
    for (let i = 1; i < corners.length; i++) {
      corners[i] = await at(corners[i].x.map((x, j) => 0.5 * (x + corners[0].x[j])));
    }
  }
  return corners.sort(byValue)[0];
}

function sizeOf(corners: readonly Corner[]): number {
  const far = corners.flatMap(({ x }) => x.map((value, j) => Math.abs(value - corners[0].x[j])));
  return Math.max(...far);
}
