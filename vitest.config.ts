import { defineConfig } from 'vitest/config';

// Whoever runs the tests may have an options file of their own.
const env = { ENSEMBLE_NO_OPTIONS: '1' };

export default defineConfig({
  test: {
    reporters: ['default', './build/retried.mjs'],
    projects: [
      {
        test: {
          name: 'unit',
          env,
          include: [
            'core/**/*.test.ts',
            'cli/**/*.test.ts',
            'electron/**/*.test.ts',
            'renderer/**/*.test.ts',
            'build/**/*.test.ts',
            'bench/**/*.test.ts',
          ],
          // What some of them play takes seconds of a core, and a core may be busy with the interop tests.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'interop',
          env,
          include: ['e2e/**/*.e2e.ts'],
          // Real clients share the machine's cores, and have their own ideas of how long to wait: one file at a time.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'ui',
          env,
          include: ['e2e/ui/*.pw.ts'],
          globalSetup: 'e2e/ui/support/display.ts',
          // Most of their time they wait for swarms with limited upload.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['core/**/*.ts'],
      exclude: ['core/**/*.test.ts', 'core/sim/**'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
