import { describe, expect, it } from 'vitest';
import { LONG } from '../core/sim/acceptance.ts';
import type { Child } from '../core/lab/real/child.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { startTransmission } from '../core/lab/real/transmission.ts';
import { makeTorrent, untilSeedIsKnown } from './support/clients.ts';
import { Ensemble } from './support/ensemble.ts';
import { Lab } from './support/lab.ts';
import { Line, type LineOptions } from './support/line.ts';
import { interop } from './support/requirements.ts';
import { leechAddress, ourAddresses, type Scene, seedAddress, trackerAddress, withScene } from './support/scene.ts';
import { makePayload, PAYLOADS, treeOf } from './support/trees.ts';

const UTP = { enable_incoming_utp: true, enable_outgoing_utp: true };
const [US = ''] = ourAddresses(1);
const PORT = ['--port', '6881'];

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
type ClientName = keyof typeof CLIENTS;

/** Resolves when the same lies in both folders. */
async function untilSame(out: string, folder: string, child: Child, seconds: number): Promise<void> {
  for (let tries = 0; tries < 10 * seconds && !child.ended; tries++) {
    if (String(await treeOf(out)) === String(await treeOf(folder))) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const there = await treeOf(out);
  if (!child.ended && there.length === 0) throw new Error(`${seconds} s are over while waiting for the first file`);
  expect(there).toEqual(await treeOf(folder));
}

interop('uTP where TCP is blocked', ['libtorrent', 'transmission', 'opentracker', 'nftables'], true, () => {
  // Transmission needs 10 to 20 s until it dials or is there to be dialled.
  const names = (Object.keys(CLIENTS) as ClientName[]).filter((name) => LONG || name === 'libtorrent');
  describe.each(names)('with %s', (name) => {
    it('we fetch all from it', async () => {
      await withScene({ payload: PAYLOADS.single, tracker: 'http' }, async (scene) => {
        const { lab, torrent, folder } = scene;
        await blockTcp(lab);
        await CLIENTS[name].seed(scene);
        const out = await lab.makeFolder('out');
        await new Ensemble(lab, ['get', torrent, '-o', out, '--bind', US, '--timeout', '90', ...PORT]).done(100);
        expect(await treeOf(out)).toEqual(await treeOf(folder));
      });
    });

    it('it fetches all from us', async () => {
      await withScene({ payload: PAYLOADS.single, tracker: 'http' }, async (scene) => {
        const { lab, torrent, infoHash, folder } = scene;
        await blockTcp(lab);
        const ours = new Ensemble(lab, ['seed', torrent, folder, '--bind', US, ...PORT]);
        // Or it would ask for peers before we are one, and then only much later again.
        await untilSeedIsKnown(lab, trackerAddress, infoHash);
        const out = await lab.makeFolder('out');
        const client = await CLIENTS[name].leech(scene, out);
        await untilSame(out, folder, client, 90);
        expect([ours.child.ended, client.ended]).toEqual([false, false]);
      });
    });
  });
});

/**
 * libtorrent 2.0.8 gives a connection up once it has sent one packet three times in vain, be it that one or an acknowledgement of it that
 * got lost (`utp_socket_impl::tick`: `num_transmissions >= num_resends()`; what is sent again after a gap counts). It tells nobody, and
 * answers nothing to what comes later (`utp_socket_manager::incoming_packet`). With 2% lost each way that happens now and then: we notice
 * after half a minute and dial again; it would dial us again only after one or two.
 */
const SOON_AGAIN = { ...UTP, min_reconnect_time: 5 };

/** Lines, each with more than any is said to have. */
const LINES: Readonly<Record<string, LineOptions>> = {
  'loses 2%, doubles, delays and overtakes': { loss: 0.02, duplicates: 0.02, late: 0.02, delay: 25 },
  'passes nothing longer than 1,280 bytes': { mtu: 1280, delay: 5 },
};

interop('uTP over a line that', ['libtorrent', 'nftables'], true, () => {
  const lines = Object.keys(LINES).filter((_, i) => LONG || i === 0);
  it.each(lines)('%s: libtorrent and we fetch all from each other', async (name) => {
    await withLine(LINES[name] ?? {}, async ({ line, torrent, folder, lab }) => {
      const theirs = { role: 'seed', address: line.far.address, torrent, folder, settings: SOON_AGAIN } as const;
      const seed = new Libtorrent(line.far, theirs);
      await seed.child.until(() => seed.status !== undefined, 'libtorrent', 20);
      const out = await lab.makeFolder('out');
      const bind = ['--bind', line.near.address, ...PORT, '--no-tcp'];
      const peer = ['--peer', `${line.far.address}:6881`];
      await new Ensemble(line.near, ['get', torrent, '-o', out, ...bind, ...peer, '--timeout', '200']).done(40);
      expect(await treeOf(out)).toEqual(await treeOf(folder));
      await seed.child.stop();

      const ours = new Ensemble(line.near, ['seed', torrent, folder, ...bind]);
      // Who calls before we listen calls again only a minute later.
      await ours.child.until(() => listens(ours), 'our seed', 20);
      const back = await lab.makeFolder('back');
      const leech = new Libtorrent(line.far, { ...theirs, role: 'leech', folder: back });
      await leech.child.until(() => leech.status !== undefined, 'libtorrent', 20);
      leech.connect(line.near.address, 6881);
      await untilSame(back, folder, leech.child, 120);
      // A connection that came to nothing on such a line counts there as another peer.
      expect(new Set(leech.status?.seen.map(({ utp }) => utp))).toEqual(new Set([true]));
    });
  });

  it.runIf(LONG)('is cut: who has vanished is noticed, and found again', async () => {
    await withLine({ delay: 5, rate: 400_000, queue: 100_000 }, async ({ line, torrent, folder, lab }) => {
      const theirs = { role: 'seed', address: line.far.address, torrent, folder, settings: UTP } as const;
      const seed = new Libtorrent(line.far, theirs);
      await seed.child.until(() => seed.status !== undefined, 'libtorrent', 20);
      const out = await lab.makeFolder('out');
      const args = ['--bind', line.near.address, ...PORT, '--no-tcp', '--peer', `${line.far.address}:6881`];
      const ours = new Ensemble(line.near, ['get', torrent, '-o', out, ...args, '--timeout', '600']);
      await ours.child.until(() => ours.have > 3, 'some pieces', 60);
      await line.cut();
      await ours.child.until(() => ours.last('progress')?.['peers'] === 0, 'the end of the connection', 200);
      await line.mend();
      await ours.done(300);
      expect(await treeOf(out)).toEqual(await treeOf(folder));
    });
  });
});

/** Whether its first identity has said where it listens. */
function listens(ours: Ensemble): boolean {
  const identities = ours.last('progress')?.['identities'] as readonly { readonly port?: number }[] | undefined;
  return identities?.[0]?.port !== undefined;
}

interface LineScene {
  readonly lab: Lab;
  readonly line: Line;
  readonly torrent: string;
  readonly folder: string;
}

async function withLine(options: LineOptions, play: (scene: LineScene) => Promise<void>): Promise<void> {
  const lab = await Lab.open();
  const line = await Line.open(lab, options);
  try {
    const folder = await lab.makeFolder('payload');
    // With 2% lost nobody gets more than 200 kB/s.
    const name = await makePayload(folder, { 'payload.bin': 900_000 });
    const { torrent } = await makeTorrent(lab, { folder, name, pieceLength: 64 * 1024, trackers: [] });
    await play({ lab, line, torrent, folder });
  } finally {
    await line.close();
    await lab.close();
  }
}
