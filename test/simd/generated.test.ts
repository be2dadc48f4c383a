import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
// biome-ignore lint/correctness/useImportExtensions: scripts are run as they are, without a build
import { compile, ENTRIES, generatedFile, moduleText } from '../../scripts/build-simd.mjs';

describe.each(ENTRIES)('the committed bytes of %s', (entry) => {
  it('are what the sources give', async () => {
    const committed = await readFile(generatedFile(entry), 'utf8');
    expect(committed === moduleText(entry, await compile(entry)), 'run `npm run build:simd`').toBe(true);
  });
});
