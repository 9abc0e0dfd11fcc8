import { open, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { makeTorrent } from './support/clients.ts';
import { Ensemble } from './support/ensemble.ts';
import { factsOf, type Keep, keepAria2, keepQbittorrent, keepTransmission } from './support/other-clients.ts';
import { interop } from './support/requirements.ts';
import { RpcServer } from './support/rpc.ts';
import { ourAddresses, seedAddress, withScene } from './support/scene.ts';
import { makePayload, PAYLOADS, treeOf } from './support/trees.ts';
import { until } from './support/until.ts';

const PIECE = 64 * 1024;

interface Case {
  readonly client: string;
  readonly keep: Keep;
  /** What was chosen of the whole one there. */
  readonly told: object;
  /** aria2 forgets what is complete. */
  readonly forgetsWhole?: true;
}

const CASES: readonly Case[] = [
  { client: 'transmission', keep: keepTransmission, told: { tags: ['films', 'two words'], up: 50_000 } },
  { client: 'qbittorrent', keep: keepQbittorrent, told: { category: 'films', tags: ['one', 'two'], up: 51_200 } },
  { client: 'aria2', keep: keepAria2, told: {}, forgetsWhole: true },
];

interop(
  'torrents of other clients',
  ['libtorrent', 'opentracker', 'transmission', 'qbittorrent', 'aria2', 'curl'],
  true,
  () => {
    describe.concurrent('', () => {
      it.each(CASES)(
        'of $client: whole ones are seeded where they are, of others what is right is used, nothing of theirs changes',
        ({ client, keep, told, forgetsWhole }) =>
          withScene(
            { payload: PAYLOADS.single, tracker: 'http', pieceLength: PIECE },
            async ({ lab, torrent, folder, infoHash }) => {
              const data = await lab.makeFolder('theirs');
              await makePayload(data, PAYLOADS.multi);
              await makePayload(data, PAYLOADS.single);
              const whole = await makeTorrent(lab, { folder: data, name: 'multi', pieceLength: PIECE, trackers: [] });
              const file = await open(`${data}/single.bin`, 'r+');
              // Pieces 20 to 43 are missing.
              await file.write(new Uint8Array(PIECE * 24), 0, PIECE * 24, PIECE * 20);
              await file.close();
              const records = await keep({ lab, whole: whole.torrent, part: torrent, data });

              const before = [...(await factsOf(data)), ...(await factsOf(records))];
              const state = await lab.makeFolder('rpc-state');
              const settings = { version: 2, bind: ourAddresses(1), dht: false, lsd: false, portMap: false };
              await writeFile(`${state}/settings.json`, JSON.stringify(settings));
              const out = await lab.makeFolder('out');
              const list = new Ensemble(lab, ['import', records, '--state', state, '-o', out]);
              await list.exit(20);
              const found = list.events.filter(({ event }) => event === 'torrent');
              const goals = { seed: { kind: 'goals', ratio: 1.5 } };
              if (forgetsWhole !== true) {
                expect(found).toContainEqual(
                  expect.objectContaining({
                    client,
                    name: 'multi',
                    complete: true,
                    how: 'in-place',
                    output: data,
                    options: expect.objectContaining({ ...goals, ...told }) as object,
                  }),
                );
              }
              expect(found).toContainEqual(
                expect.objectContaining({
                  client,
                  name: 'single.bin',
                  infoHash,
                  complete: false,
                  how: 'copy',
                  output: out,
                }),
              );

              const taken = new Ensemble(lab, ['import', records, '--do', '--state', state, '-o', out]);
              expect(await taken.exit(20)).toMatchObject({ code: 0 });
              expect(taken.last('done')).toMatchObject({ added: found.length, present: 0, refused: 0 });
              const again = new Ensemble(lab, ['import', records, '--do', '--state', state]);
              await again.exit(20);
              expect(again.last('done')).toMatchObject({ added: 0, present: found.length });

              const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), torrent, folder });
              await seed.untilAnnounced();
              const server = await RpcServer.open(lab, lab.folder);
              const done = async (): Promise<boolean> => {
                const rows = (await server.remote('-l')).split('\n').slice(1, -2);
                return (
                  rows.length === found.length &&
                  rows.every((row) => /^ +\d+ +100% .* (?:Seeding|Idle|Finished) /.test(row))
                );
              };
              await until('all to be there', done);
              await server.child.stop(10, 'SIGINT');
              expect(await treeOf(out)).toEqual(await treeOf(folder));
              // Only what was missing came from peers.
              const catalog = JSON.parse(await readFile(`${state}/catalog.json`, 'utf8')) as { downloads: Kept[] };
              const kept = catalog.downloads.find((one) => one.infoHash === infoHash);
              expect(seed.status?.uploaded ?? 0).toBeLessThan(PIECE * 27);
              expect(kept).not.toHaveProperty('others');
              expect([...(await factsOf(data)), ...(await factsOf(records))]).toEqual(before);
            },
          ),
      );
    });
  },
);

interface Kept {
  readonly infoHash: string;
}
