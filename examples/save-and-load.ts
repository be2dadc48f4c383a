/**
 * A model fitted today, used tomorrow: saved to a file and loaded again, to the bit.
 *
 * `npm run build && node build/examples/save-and-load.js`
 *
 * @module
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GaussianMixture, GaussianMixtureModel } from 'generative-models';
import { loadModel, saveModel } from 'generative-models/files';
import { readColumns } from './support/csv.js';

const rows = readColumns('faithful.csv', ['eruptions', 'waiting']);
const model = await new GaussianMixture({ components: 2, seed: 1 }).fit(rows);

const folder = mkdtempSync(join(tmpdir(), 'save-and-load-'));
try {
  // A file in the safetensors layout: parameters, no code.
  const path = join(folder, 'faithful.safetensors');
  await saveModel(model, path);
  const loaded = await loadModel(path);
  console.log(`${statSync(path).size} bytes`);
  console.log(`same densities: ${loaded.logDensity(rows).every((value, i) => value === model.logDensity(rows)[i])}`);
  console.log('same samples:', loaded.sample(2, { seed: 1 }).toArray(), model.sample(2, { seed: 1 }).toArray());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// The same as JSON, for databases and other programs.
const text = JSON.stringify(model);
const parsed = GaussianMixtureModel.fromJSON(text);
console.log(`${text.length} characters of JSON, same parameters: ${parsed.weights[0] === model.weights[0]}`);
