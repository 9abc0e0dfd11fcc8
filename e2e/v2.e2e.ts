import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { figure } from '../core/sim/acceptance.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { httpTracker, makeTorrent, startOpentracker } from './support/clients.ts';
import { Ensemble } from './support/ensemble.ts';
import { Lab } from './support/lab.ts';
import { MemoryWatch } from './support/memory.ts';
import { interop } from './support/requirements.ts';
import { leechAddress, ourAddresses, type Scene, seedAddress, trackerAddress, withScene } from './support/scene.ts';
import { LONG } from './support/chance.ts';
import { CLIENTS } from './support/encryption-clients.ts';
import { PAYLOADS, treeOf } from './support/trees.ts';

const SECONDS = 60;
const MIB = 1024 * 1024;
/** Slow enough that every identity gets a share. */
const SEED_RATE = 2 * MIB;

type Version = 2 | 'hybrid';
type Layout = 'in-place' | 'parts' | 'pieces';

const EVERY = ([2, 'hybrid'] as const).flatMap((version) =>
  [1, 4].flatMap((count) =>
    (['in-place', 'parts', 'pieces'] as const).map((layout): [Version, number, Layout] => [version, count, layout]),
  ),
);
const SOME: readonly (readonly [Version, number, Layout])[] = [
  [2, 1, 'in-place'],
  [2, 4, 'parts'],
  ['hybrid', 4, 'pieces'],
];
/** Of the first file; its piece layer takes a request for each 512. */
const PIECES = LONG ? 3_000 : 600;
const KIB = 1024;

const LARGE = { 'large/a.bin': PIECES * 16 * KIB - 5, 'large/b.bin': 50_000 };

/** Of the file with the most pieces: 3.1 GiB. */
const MOST_PIECES = 200_000;
const MOST_SECONDS = 300;

/** Writes a file of so many pieces of 16 KiB, no two the same. */
async function writePieces(path: string, pieces: number): Promise<void> {
  const file = await open(path, 'w');
  const run = randomBytes(64 * 16 * KIB);
  for (let piece = 0; piece < pieces; piece += 64) {
    for (let at = 0; at < 64; at++) run.writeUInt32BE(piece + at, at * 16 * KIB);
    await file.write(run.subarray(0, Math.min(64, pieces - piece) * 16 * KIB));
  }
  await file.close();
}

/** A link that names a torrent by its hash of version 1, of version 2, or by both. */
function magnetOf({ infoHash, v2, tracker }: Scene, by: 'v1' | 'v2' | 'both'): string {
  const topics = [by === 'v2' ? '' : `xt=urn:btih:${infoHash}`, by === 'v1' ? '' : `xt=urn:btmh:1220${v2}`];
  return `magnet:?${topics.filter((topic) => topic !== '').join('&')}&tr=${encodeURIComponent(tracker)}`;
}

/** What a download left of padding: none of a torrent of ours ever has any. */
const withoutPads = (tree: readonly string[]): string[] => tree.filter((row) => !row.includes('.pad/'));

/** Whether a seed of ours listens. */
const listens = (ours: Ensemble): boolean => /"port":6881/.test(JSON.stringify(ours.last('progress') ?? ''));

interop('version 2 and hybrids (BEP 52)', ['libtorrent', 'opentracker'], true, () => {
  it.each<readonly [Version, number, Layout]>(LONG ? EVERY : SOME)(
    'are fetched from libtorrent: %s, K=%i, %s',
    (version, count, layout) =>
      withScene({ payload: PAYLOADS.multi, tracker: 'http', version }, async ({ lab, torrent, infoHash, folder }) => {
        const options = { torrent, folder, uploadLimit: SEED_RATE };
        const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), ...options });
        await seed.untilAnnounced();
        const out = await lab.makeFolder('out');
        const args = ['get', torrent, '-o', out, '-n', String(count), '--layout', layout];
        const done = await new Ensemble(lab, [
          ...args,
          '--bind',
          ourAddresses(count).join(','),
          '--timeout',
          '55',
        ]).done(SECONDS);
        expect(await treeOf(out)).toEqual(await treeOf(folder));
        expect(done).toMatchObject({ infoHash, duplicatePieces: 0, hashFailures: 0 });
        expect(done.identities).toHaveLength(count);
      }),
  );

  it.each<Version>([2, 'hybrid'])('are seeded to libtorrent, by torrent file and by link: %s', (version) =>
    withScene({ payload: PAYLOADS.multi, tracker: 'http', version }, async (scene) => {
      const { lab, torrent, folder } = scene;
      const ours = new Ensemble(lab, ['seed', torrent, folder, '--bind', ourAddresses(1).join(), '--port', '6881']);
      await ours.child.until(() => listens(ours), 'a seed', 20);
      const links = version === 2 ? (['v2'] as const) : (['v1', 'v2', 'both'] as const);
      const sources = [{ torrent }, ...links.map((by) => ({ magnet: magnetOf(scene, by) }))];
      const leeches: Libtorrent[] = [];
      for (const [i, source] of sources.entries()) {
        const into = await lab.makeFolder(`leech-${i}`);
        const leech = new Libtorrent(lab, { role: 'leech', address: leechAddress(i), ...source, folder: into });
        leeches.push(leech);
        leech.connect(ourAddresses(1)[0] ?? '', 6881);
      }
      await Promise.all(leeches.map((leech) => leech.untilSeeding(SECONDS)));
      const whole = await treeOf(folder);
      for (const i of sources.keys()) expect(withoutPads(await treeOf(lab.path(`leech-${i}`)))).toEqual(whole);
      ours.child.signal('SIGINT');
      await ours.exit(10);
    }),
  );

  it.each<readonly [Version, 'v1' | 'v2' | 'both', number]>([
    [2, 'v2', 1],
    [2, 'v2', 4],
    ['hybrid', 'v1', 1],
    ['hybrid', 'v2', 4],
    ['hybrid', 'both', 1],
  ])('are fetched by a link: %s, by %s, K=%i', (version, by, count) =>
    withScene({ payload: LARGE, tracker: 'http', version, pieceLength: 16 * KIB }, async (scene) => {
      const { lab, torrent, folder } = scene;
      // By a link of version 1 the piece layers are asked for while the pieces come.
      const options = { torrent, folder, tellHashes: true, ...(by === 'v1' && { uploadLimit: 2 * SEED_RATE }) };
      const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), ...options });
      await seed.untilAnnounced();
      const out = await lab.makeFolder('out');
      // libtorrent 2.0.8 overlooks the upgrade bit where it is dialled encrypted, and gives no hashes then.
      const encryption = by === 'v1' ? 'off' : 'preferred';
      const args = ['get', magnetOf(scene, by), '-o', out, '-n', String(count), '--encryption', encryption];
      const bind = ourAddresses(count).join(',');
      const done = await new Ensemble(lab, [...args, '--bind', bind, '--timeout', '55']).done(SECONDS);
      expect(await treeOf(out)).toEqual(await treeOf(folder));
      expect(done).toMatchObject({ duplicatePieces: 0, hashFailures: 0 });
      const asked = Math.ceil(PIECES / 512);
      if (by !== 'both') await seed.child.until(() => seed.hashesGiven >= asked, 'all hashes given', 10);
    }),
  );

  it.skipIf(!LONG)('are seeded to a client of version 1, beside one of version 2: a hybrid', () =>
    withScene({ payload: LARGE, tracker: 'http', version: 'hybrid', pieceLength: 64 * KIB }, async (scene) => {
      const { lab, torrent, folder } = scene;
      const ours = new Ensemble(lab, ['seed', torrent, folder, '--bind', ourAddresses(1).join(), '--port', '6881']);
      await ours.child.until(() => listens(ours), 'a seed', 20);
      const into = await lab.makeFolder('rtorrent');
      const peers = ourAddresses(1);
      const old = await CLIENTS.rTorrent({ lab, address: leechAddress(0), torrent, folder: into, peers });
      const other = await lab.makeFolder('libtorrent');
      const fresh = new Libtorrent(lab, {
        role: 'leech',
        address: leechAddress(1),
        magnet: magnetOf(scene, 'v2'),
        folder: other,
      });
      await fresh.untilSeeding(SECONDS);
      const whole = await treeOf(folder);
      await expect.poll(async () => withoutPads(await treeOf(into)), { timeout: 60_000, interval: 500 }).toEqual(whole);
      expect(withoutPads(await treeOf(other))).toEqual(whole);
      expect(old.ended).toBe(false);
    }),
  );

  it.skipIf(!LONG)('are brought to one that is in the swarm of version 2 alone, and dials nobody: a hybrid', (test) =>
    withScene({ payload: LARGE, tracker: 'http', version: 'hybrid', pieceLength: 64 * KIB }, async (scene) => {
      const { lab, torrent, folder } = scene;
      const into = await lab.makeFolder('leech');
      const magnet = magnetOf(scene, 'v2');
      const settings = { connection_speed: 0, torrent_connect_boost: 0 };
      const leech = new Libtorrent(lab, { role: 'leech', address: leechAddress(0), magnet, folder: into, settings });
      await leech.untilAnnounced();
      const args = ['seed', torrent, folder, '--bind', ourAddresses(1).join(), '--port', '6881'];
      const ours = new Ensemble(lab, args);
      await ours.child.until(() => listens(ours), 'a seed', 20);
      const begun = performance.now();
      await leech.untilSeeding(SECONDS);
      figure(
        test,
        `found in the swarm of version 2: all there after ${((performance.now() - begun) / 1000).toFixed(1)} s`,
      );
      expect(leech.status?.seen.every(({ incoming }) => incoming)).toBe(true);
      expect(withoutPads(await treeOf(into))).toEqual(await treeOf(folder));
      ours.child.signal('SIGINT');
      await ours.exit(10);
    }),
  );

  it.skipIf(!LONG)(
    `of ${MOST_PIECES} pieces are fetched by torrent file and by link, and seeded by link`,
    async (test) => {
      const lab = await Lab.open();
      try {
        const folder = await lab.makeFolder('payload');
        await writePieces(`${folder}/many.bin`, MOST_PIECES);
        const tracker = httpTracker(trackerAddress);
        const input = { folder, name: 'many.bin', pieceLength: 16 * KIB, version: 2, trackers: [tracker] } as const;
        const made = await makeTorrent(lab, input, MOST_SECONDS);
        await startOpentracker(lab, trackerAddress, [made.infoHash]);
        const link = magnetOf({ ...made, lab, tracker }, 'v2');
        const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), ...made });
        await seed.untilAnnounced();
        const out = await lab.makeFolder('out');
        const found: string[] = [];
        const same = () => lab.run(['cmp', `${folder}/many.bin`, `${out}/many.bin`], MOST_SECONDS);
        for (const source of [made.torrent, link]) {
          const args = ['get', source, '-o', out, '--bind', ourAddresses(1).join(), '--timeout', String(MOST_SECONDS)];
          const ours = new Ensemble(lab, args);
          const memory = new MemoryWatch(ours.child.pid);
          const begun = performance.now();
          await ours.child.until(() => ours.last('progress')?.['state'] === 'downloading', 'all hashes', 30);
          const hashes = ((performance.now() - begun) / 1000).toFixed(1);
          const done = await ours.done(MOST_SECONDS);
          memory.stop();
          expect(done).toMatchObject({ duplicatePieces: 0, hashFailures: 0, wasted: 0 });
          await same();
          await rm(`${out}/many.bin`);
          const what = source === link ? 'by link' : 'by torrent file';
          found.push(
            `${what} ${done.seconds} s, of them ${hashes} s until the first piece, most memory ${String(memory)}`,
          );
        }
        const args = ['seed', made.torrent, folder, '--bind', ourAddresses(1).join(), '--port', '6881'];
        const ours = new Ensemble(lab, args);
        await ours.child.until(() => listens(ours), 'a seed', 60);
        await seed.child.stop(5);
        const begun = performance.now();
        const leech = new Libtorrent(lab, { role: 'leech', address: leechAddress(0), magnet: link, folder: out });
        leech.connect(ourAddresses(1)[0] ?? '', 6881);
        await leech.untilSeeding(MOST_SECONDS);
        found.push(`to libtorrent by link ${((performance.now() - begun) / 1000).toFixed(1)} s`);
        figure(test, `${MOST_PIECES} pieces: ${found.join('; ')}`);
        await same();
        ours.child.signal('SIGINT');
        await ours.exit(20);
      } finally {
        await lab.close();
      }
    },
  );
});
