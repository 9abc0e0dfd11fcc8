import { expect, test } from 'vitest';
import { EnsembleError } from '../../core/base/errors.ts';
import type { LoneOptions, LoneResult } from '../../core/lone/identity.ts';
import { snapshotOf } from '../../core/engine/testing/still-download.ts';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';

function lone(work: (options: LoneOptions) => Promise<LoneResult>): { bench: CliBench; seen: LoneOptions[] } {
  const seen: LoneOptions[] = [];
  const bench = new CliBench({
    runLoneIdentity: (options) => {
      seen.push(options);
      return work(options);
    },
  });
  return { bench, seen };
}

const succeed = ({ options, onProgress }: LoneOptions) => {
  const snapshot = snapshotOf({ ...options, identities: 1 });
  onProgress(snapshot, () => undefined);
  return Promise.resolve({ snapshot, folder: '/common' });
};

test('runs one of K against a common directory', async () => {
  const { bench, seen } = lone(succeed);
  expect(await bench.run('identity magnet:?x --index 2 --count 4 --common c --bind 10.0.0.3 --json')).toBe(EXIT.done);
  expect(seen[0]).toMatchObject({
    source: { kind: 'magnet' },
    index: 2,
    options: { identities: 4, common: '/home/c', layout: 'in-place', bind: ['10.0.0.3'] },
  });
  expect(bench.json).toMatchObject([
    { version: 1, event: 'progress' },
    { event: 'done', folder: '/common' },
  ]);
});

test('fixed needs no common directory and leaves a part', async () => {
  const { bench, seen } = lone(succeed);
  expect(await bench.run('identity magnet:?x --index 0 --count 2 --select fixed -o here')).toBe(EXIT.done);
  expect(seen[0]?.options).toMatchObject({ selection: 'fixed', output: '/home/here', layout: 'parts' });
  expect(seen[0]?.options.common).toBeUndefined();
  expect(bench.out).toContain('/common');
});

test('a timeout aborts it with its reason', async () => {
  const { bench } = lone(
    ({ signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  );
  expect(await bench.run('identity magnet:?x --index 0 --count 2 --common c --timeout 5')).toBe(EXIT.timedOut);
});

test('what it rejects with decides the exit code', async () => {
  const { bench } = lone(() => Promise.reject(new EnsembleError('in-use', 'identity 1 runs elsewhere')));
  expect(await bench.run('identity magnet:?x --index 0 --count 2 --common c')).toBe(EXIT.inUse);
});
