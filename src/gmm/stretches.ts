/**
 * Plain loops over many rows that give way to the event loop.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';

/** Entries per stretch: a fraction of a millisecond of simple work, against which a look at the clock is nothing. */
const STRETCH = 1 << 14;

/**
 * Calls `visit(start, end)` for consecutive stretches of 0 to `count`, and gives way between them.
 *
 * @param size - How much work an entry is.
 */
export async function inStretches(
  count: number,
  pacer: Pacer,
  visit: (start: number, end: number) => void,
  size = 1,
): Promise<void> {
  const stretch = Math.ceil(STRETCH / size);
  for (let start = 0; start < count; start += stretch) {
    visit(start, Math.min(start + stretch, count));
    if (pacer.isDue) await pacer.breathe();
  }
}
