/**
 * Searching one number for the maximum of a costly function.
 *
 * @module
 */

/** A point of the search. */
export interface Point {
  readonly x: number;
  readonly value: number;
}

/** (3 - sqrt 5) / 2, the golden section's smaller part. */
const GOLDEN = 0.3819660112501051;
const MOST_STEPS = 60;

/**
 * The maximum of a function on [low, high], from a point between them that is no worse than either end.
 *
 * Brent's method: parabolas through the three best points where they behave, golden sections where they do not, as
 * next to `-Infinity` or across jumps.
 *
 * Reference: Brent (1973), *Algorithms for Minimization without Derivatives*, chapter 5.
 *
 * @param tolerance - Width, in x, to which the maximum is located.
 */
export async function maximize(
  evaluate: (x: number) => Promise<number>,
  low: number,
  start: Point,
  high: number,
  tolerance: number,
): Promise<Point> {
  let [a, b] = [low, high];
  let [best, second, third] = [start, start, start];
  let step = 0;
  let stepBefore = 0;
  for (let i = 0; i < MOST_STEPS; i++) {
    const middle = 0.5 * (a + b);
    if (Math.abs(best.x - middle) <= 2 * tolerance - 0.5 * (b - a)) break;
    const jump = parabolaStep(best, second, third);
    const inside = best.x + jump - a >= 2 * tolerance && b - best.x - jump >= 2 * tolerance;
    if (Math.abs(stepBefore) > tolerance && Math.abs(jump) < Math.abs(0.5 * stepBefore) && inside) {
      stepBefore = step;
      step = jump;
    } else {
      stepBefore = best.x < middle ? b - best.x : a - best.x;
      step = GOLDEN * stepBefore;
    }
    const x = best.x + (Math.abs(step) >= tolerance ? step : Math.sign(step) * tolerance);
    const point = { x, value: await evaluate(x) };
    if (point.value >= best.value) {
      if (x >= best.x) a = best.x;
      else b = best.x;
      [best, second, third] = [point, best, second];
      continue;
    }
    if (x < best.x) a = x;
    else b = x;
    if (point.value >= second.value || second.x === best.x) [second, third] = [point, second];
    else if (point.value >= third.value || third.x === best.x || third.x === second.x) third = point;
  }
  return best;
}

/** From the best point to the top of the parabola through three; not finite where there is none. */
function parabolaStep(best: Point, second: Point, third: Point): number {
  const r = (best.x - second.x) * (best.value - third.value);
  const q = (best.x - third.x) * (best.value - second.value);
  return -((best.x - third.x) * q - (best.x - second.x) * r) / (2 * (q - r));
}
