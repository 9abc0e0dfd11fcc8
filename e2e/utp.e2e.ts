import { describe, expect, it } from 'vitest';
import { Libtorrent, startTransmission } from './support/clients.ts';
import { Ensemble } from './support/ensemble.ts';
import type { Lab } from './support/lab.ts';
import { interop } from './support/requirements.ts';
import { leechAddress, ourAddresses, type Scene, seedAddress, withScene } from './support/scene.ts';
import { PAYLOADS, treeOf } from './support/trees.ts';

const UTP = { enable_incoming_utp: true, enable_outgoing_utp: true };
const [US = ''] = ourAddresses(1);

/** Nobody reaches a peer over TCP, nor is told so. All peers listen on this port. */
const blockTcp = (lab: Lab): Promise<string> =>
  lab.run(
    [
      'nft',
      'add table inet ways; add chain inet ways out { type filter hook output priority 0; };' +
        'add rule inet ways out tcp dport 6881 drop',
    ],
    10,
  );

/** Clients of others, to seed what is in `folder` or to fetch it there. */
const CLIENTS = {
  libtorrent: {
    seed: async ({ lab, torrent, folder }: Scene) => {
      const client = new Libtorrent(lab, { role: 'seed', address: seedAddress(), torrent, folder, settings: UTP });
      await client.untilAnnounced();
      return client.child;
    },
    leech: ({ lab, torrent }: Scene, folder: string) =>
      Promise.resolve(
        new Libtorrent(lab, { role: 'leech', address: leechAddress(0), torrent, folder, settings: UTP }).child,
      ),
  },
  Transmission: {
    seed: ({ lab, torrent, folder }: Scene) =>
      startTransmission(lab, { address: seedAddress(), torrent, folder, settings: { 'utp-enabled': true } }),
    leech: ({ lab, torrent }: Scene, folder: string) =>
      startTransmission(lab, { address: leechAddress(0), torrent, folder, settings: { 'utp-enabled': true } }),
  },
} as const;

interop('uTP where TCP is blocked', ['libtorrent', 'transmission', 'opentracker', 'nftables'], true, () => {
  describe.each(Object.keys(CLIENTS) as (keyof typeof CLIENTS)[])('with %s', (name) => {
    it('we fetch all from it', async () => {
      await withScene({ payload: PAYLOADS.single, tracker: 'http' }, async (scene) => {
        const { lab, torrent, folder } = scene;
        await blockTcp(lab);
        await CLIENTS[name].seed(scene);
        const out = await lab.makeFolder('out');
        const ours = new Ensemble(lab, ['get', torrent, '-o', out, '--bind', US, '--timeout', '60', '--port', '6881']);
        await ours.done(70);
        expect(await treeOf(out)).toEqual(await treeOf(folder));
      });
    });

    it('it fetches all from us', async () => {
      await withScene({ payload: PAYLOADS.single, tracker: 'http' }, async (scene) => {
        const { lab, torrent, folder } = scene;
        await blockTcp(lab);
        const ours = new Ensemble(lab, ['seed', torrent, folder, '--bind', US, '--port', '6881']);
        await ours.child.until(() => ours.last('progress') !== undefined, 'our seed', 20);
        const out = await lab.makeFolder('out');
        const client = await CLIENTS[name].leech(scene, out);
        for (let tries = 0; tries < 600; tries++) {
          if (String(await treeOf(out)) === String(await treeOf(folder))) break;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        expect(await treeOf(out)).toEqual(await treeOf(folder));
        expect(client.ended).toBe(false);
      });
    });
  });
});
