import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    include: ['test/**/*.test.ts'],
    // A focused test fails the run: the linter cannot tell one from a model's `fit`.
    allowOnly: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
