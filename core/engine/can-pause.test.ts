import { expect, test } from 'vitest';
import { canPause } from './can-pause.ts';
import type { DownloadSnapshot } from './engine.ts';
import { fakeOptions } from './testing/moving-download.ts';

test.each<[Partial<DownloadSnapshot>, boolean]>([
  [{ state: 'downloading' }, true],
  [{ state: 'metadata' }, true],
  [{ state: 'queued' }, true],
  [{ state: 'seeding' }, true],
  [{ state: 'checking' }, true],
  [{ state: 'complete', options: fakeOptions({ seed: { kind: 'forever' } }) }, true],
  [{ state: 'complete', options: fakeOptions({ seed: { kind: 'never' } }) }, false],
  [{ state: 'assembling' }, false],
  [{ state: 'moving' }, false],
  [{ state: 'paused' }, false],
  [{ state: 'done' }, false],
  [{ state: 'failed' }, false],
  [{ state: 'missing-files' }, false],
])('may be paused: %j', (change, expected) => {
  expect(canPause({ state: 'downloading', options: fakeOptions({}), ...change })).toBe(expected);
});
