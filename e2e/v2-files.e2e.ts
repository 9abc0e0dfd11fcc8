import { expect, it } from 'vitest';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { makeTorrent } from './support/clients.ts';
import { Ensemble } from './support/ensemble.ts';
import { LONG } from './support/chance.ts';
import { Lab } from './support/lab.ts';
import { startQbittorrent } from './support/other-clients.ts';
import { interop } from './support/requirements.ts';
import { leechAddress } from './support/scene.ts';
import { makePayload, type Payload, PAYLOADS } from './support/trees.ts';
import { until } from './support/until.ts';

const SECONDS = 30;
const PIECE = 65_536;

/** Files whose padding has one length: libtorrent gives it one name, and so another info-hash than we do. */
const TWINS = { 'twins/a': 70_000, 'twins/b/c': 70_000, 'twins/b/d': 200_000 } as const;

/** Version, payload, and whether libtorrent makes the very same info dictionary. */
const CASES: readonly (readonly [2 | 'hybrid', Payload, boolean])[] = [
  [2, PAYLOADS.multi, true],
  [2, PAYLOADS.single, true],
  [2, PAYLOADS.tiny, true],
  [2, TWINS, true],
  ['hybrid', PAYLOADS.multi, true],
  ['hybrid', PAYLOADS.single, true],
  ['hybrid', PAYLOADS.tiny, true],
  ['hybrid', TWINS, false],
];

interop(
  'torrents of version 2 as files',
  ['libtorrent', ...(LONG ? (['qbittorrent', 'curl'] as const) : [])],
  true,
  () => {
    it.each(CASES)('are read and made as libtorrent does: %s, %j', async (version, payload, same) => {
      const lab = await Lab.open();
      try {
        const folder = await lab.makeFolder('payload');
        const name = await makePayload(folder, payload);
        const theirs = await makeTorrent(lab, {
          folder,
          name,
          pieceLength: PIECE,
          version,
          trackers: ['http://t.test/'],
        });
        const checked = await new Ensemble(lab, ['check', theirs.torrent, folder]).done(SECONDS);
        expect(checked).toMatchObject({ infoHash: theirs.infoHash, infoHashV2: theirs.v2, bad: [] });

        const ours = lab.path('ours.torrent');
        const args = ['create', lab.path('payload', name), '-o', ours, '--version', String(version)];
        const made = await new Ensemble(lab, [...args, '--piece-length', '64K']).done(SECONDS);
        if (same) expect(made).toMatchObject({ infoHash: theirs.infoHash, infoHashV2: theirs.v2 });
        else expect(made.infoHash).not.toBe(theirs.infoHash);

        // It reads what is there, and is a seed only if all of it is right by its own hashes.
        const reader = new Libtorrent(lab, { role: 'leech', address: leechAddress(0), torrent: ours, folder });
        await reader.untilSeeding(SECONDS);
        expect(reader.troubles).toEqual([]);
      } finally {
        await lab.close();
      }
    });

    it.skipIf(!LONG)('are opened by qBittorrent, which finds each whole: version 2 and hybrids', async () => {
      const lab = await Lab.open();
      try {
        const folder = await lab.makeFolder('payload');
        const made = [];
        for (const [version, payload] of CASES) {
          const name = await makePayload(await lab.makeFolder('payload', `${made.length}`), payload);
          const torrent = lab.path(`${made.length}.torrent`);
          const args = ['create', lab.path('payload', `${made.length}`, name), '-o', torrent, '--piece-length', '64K'];
          // Of the same files there is one torrent.
          await new Ensemble(lab, [...args, '--version', String(version), '--source', `${made.length}`]).exit(SECONDS);
          made.push(torrent);
        }
        const theirs = await startQbittorrent(lab);
        for (const [n, torrent] of made.entries()) await theirs.add(torrent, `${folder}/${n}`);
        await until('its checks', async () => {
          const all = await theirs.torrents();
          return all.length === made.length && all.every(({ progress }) => progress === 1);
        });
        await theirs.child.stop(20);
      } finally {
        await lab.close();
      }
    });
  },
);
