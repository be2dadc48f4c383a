/**
 * Plain loops over many rows that give way to the event loop.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';

/** Entries per stretch: a fraction of a millisecond of simple work, against which a look at the clock is nothing. */
const STRETCH = 1 << 14;

/** Calls `visit(start, end)` for consecutive stretches of 0 to `count`, and gives way between them. */
export async function inStretches(
  count: number,
  pacer: Pacer,
  visit: (start: number, end: number) => void,
): Promise<void> {
  for (let start = 0; start < count; start += STRETCH) {
    visit(start, Math.min(start + STRETCH, count));
    if (pacer.isDue) await pacer.breathe();
  }
}
