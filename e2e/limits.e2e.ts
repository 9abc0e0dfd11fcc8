import { describe, expect, it } from 'vitest';
import type { Child } from '../core/lab/real/child.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { Ensemble } from './support/ensemble.ts';
import { interop } from './support/requirements.ts';
import { leechAddress, ourAddresses, seedAddress, withScene } from './support/scene.ts';

const MIB = 1024 * 1024;
const LIMIT = 768 * 1024;
const PAYLOAD = { 'limited.bin': 16 * MIB };

/** Measures bytes/s over ten seconds, after the burst at the start. `bytes`: how many there are so far, which `child` tells now and then. */
async function rateOf(child: Child, bytes: () => number): Promise<number> {
  let told = { time: 0, bytes: 0 };
  const look = (): number => {
    const now = bytes();
    if (now !== told.bytes) told = { time: performance.now(), bytes: now };
    return now;
  };
  await child.until(() => look() > 2 * LIMIT, 'the beginning', 30);
  const before = told;
  await child.until(() => look() > before.bytes + 10 * LIMIT, 'ten seconds of it', 30);
  return ((told.bytes - before.bytes) * 1000) / (told.time - before.time);
}

const expectLimit = (rate: number): void => {
  expect(rate).toBeGreaterThan(0.9 * LIMIT);
  expect(rate).toBeLessThan(1.1 * LIMIT);
};

interop('rate limits', ['libtorrent', 'opentracker'], true, () => {
  describe.concurrent('hold within a tenth', () => {
    it.each([
      ['--down', '768K'],
      ['--identity-down', '384K'],
    ])('%s', (option, limit) =>
      withScene({ payload: PAYLOAD, tracker: 'http' }, async ({ lab, torrent, folder }) => {
        const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), torrent, folder });
        await seed.untilAnnounced();
        const out = await lab.makeFolder('out');
        const args = ['get', torrent, '-o', out, '-n', '2', '--bind', ourAddresses(2).join(','), option, limit];
        const get = new Ensemble(lab, args);
        // By its own count: bytes that the seed has sent may still wait in sockets.
        const have = (): number => (get.last('progress')?.['bytes'] as { have: number } | undefined)?.have ?? 0;
        expectLimit(await rateOf(get.child, have));
      }),
    );

    it('--up', () =>
      withScene({ payload: PAYLOAD, tracker: 'http' }, async ({ lab, torrent, folder }) => {
        const seed = new Ensemble(lab, ['seed', torrent, folder, '--bind', seedAddress(), '--up', '768K']);
        await seed.child.until(() => seed.last('seeding') !== undefined || seed.events.length > 0, 'the seed', 20);
        const into = await lab.makeFolder('into');
        const leech = new Libtorrent(lab, { role: 'leech', address: leechAddress(0), torrent, folder: into });
        expectLimit(await rateOf(leech.child, () => leech.status?.downloaded ?? 0));
      }));
  });
});
