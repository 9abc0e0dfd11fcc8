import { describe, expect, it } from 'vitest';
import type { Child } from './support/child.ts';
import { Libtorrent } from './support/clients.ts';
import { Ensemble } from './support/ensemble.ts';
import { interop } from './support/requirements.ts';
import { leechAddress, ourAddresses, seedAddress, withScene } from './support/scene.ts';

const MIB = 1024 * 1024;
const LIMIT = 768 * 1024;
const PAYLOAD = { 'limited.bin': 16 * MIB };

/** Measures bytes/s over ten seconds, after the burst at the start. `bytes` returns how many there are so far. */
async function rateOf(child: Child, bytes: () => number): Promise<number> {
  await child.until(() => bytes() > 2 * LIMIT, 'the beginning', 30);
  const [before, start] = [bytes(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  return ((bytes() - before) * 1000) / (performance.now() - start);
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
        let told = { time: 0, bytes: 0 };
        const look = (): number => {
          const bytes = (get.last('progress')?.['bytes'] as { have: number } | undefined)?.have ?? 0;
          if (bytes !== told.bytes) told = { time: performance.now(), bytes };
          return bytes;
        };
        await get.child.until(() => look() > 2 * LIMIT, 'the beginning', 30);
        const before = told;
        await get.child.until(() => look() > before.bytes + 10 * LIMIT, 'ten seconds of it', 30);
        expectLimit(((told.bytes - before.bytes) * 1000) / (told.time - before.time));
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
