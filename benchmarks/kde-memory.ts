/**
 * `node --expose-gc kde-memory.js ROWS COLUMNS`: the memory that a fit takes beyond its rows, and then 1,000 densities.
 *
 * @module
 */
import { KernelDensity } from 'generative-models';
import { normalRows } from './data.js';

const [rows, columns] = process.argv.slice(2).map(Number);
const QUERIES = 1000;

/** The most that was ever resident, in bytes. */
const peak = (): number => process.resourceUsage().maxRSS * 1024;

// Loads and compiles what a fit needs.
await new KernelDensity().fit(normalRows(1000, columns, 'warm-up'));
const data = normalRows(rows, columns, 'rows');
const queries = normalRows(QUERIES, columns, 'queries');
(globalThis as { gc?: () => void }).gc?.();
// Should the peak lie before the fit, what is reported is too much, never too little.
const before = process.memoryUsage().rss;
const model = await new KernelDensity({ bandwidth: 'silverman' }).fit(data);
const fitBytes = peak() - before;
const logDensity = model.logDensity(queries);
const peakBytes = peak() - before;
console.log(JSON.stringify({ fitBytes, peakBytes, first: logDensity[0] }));
