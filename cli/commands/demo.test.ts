import { expect, test } from 'vitest';
import type { DownloadOptions } from '../../core/engine/engine.ts';
import { snapshotOf } from '../../core/engine/testing/still-download.ts';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';

test.each([
  [true, EXIT.done, 'done'],
  [false, EXIT.verification, 'error'],
])('identical: %s', async (identical, exit, last) => {
  const bench = new CliBench({
    runDemo: ({ onStep, onProgress }) => {
      const snapshot = snapshotOf({ identities: 4 } as DownloadOptions);
      onStep('Starting');
      onProgress(snapshot, bench.engine);
      return Promise.resolve({ snapshot, identical, seconds: 3 });
    },
  });
  expect(await bench.run('demo --json')).toBe(exit);
  expect(bench.err).toContain('Starting\n');
  expect(bench.json.map(({ event }) => event)).toEqual(['progress', last]);
  if (identical) expect(bench.json[1]).toMatchObject({ identical: true, seconds: 3, files: [] });
});
