// Removes what the build writes, so that no file of a deleted module survives in the package.
import { rmSync } from 'node:fs';

for (const folder of ['dist', 'build'])
  rmSync(new URL(`../${folder}`, import.meta.url), { recursive: true, force: true });
