import { expect, it } from 'vitest';
import { Capture, type Packet } from './support/capture.ts';
import { LONG } from './support/chance.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { httpTracker, makeTorrent, startOpentracker } from './support/clients.ts';
import { Ensemble } from './support/ensemble.ts';
import { HOME, type Home, withHome } from './support/home.ts';
import { Lab } from './support/lab.ts';
import { interop } from './support/requirements.ts';
import { makePayload, treeOf } from './support/trees.ts';

const MIB = 1024 * 1024;
const ALL = { pcp: true, natPmp: true, upnp: true };
const [TRACKER, SEED, LEECH] = HOME.outside;

interface Reachability {
  readonly kind: string;
  readonly by?: string;
  readonly port?: number;
  readonly mapping?: Reachability;
}

/** What the command line says of each identity. */
function reachability(run: Ensemble): readonly Reachability[] {
  const identities = run.last('progress')?.['identities'] as { readonly reachability: Reachability }[] | undefined;
  return identities?.map((one) => one.reachability) ?? [];
}

/** The mapping of each identity, whether a peer came by it or not. */
const mappings = (run: Ensemble): readonly Reachability[] => reachability(run).map((one) => one.mapping ?? one);

/** The mappings of TCP and UDP of these of our addresses, from the same outer ports. */
const both = (...of: readonly (readonly [string, number])[]): string[] =>
  of.flatMap(([host, port]) => ['tcp', 'udp'].map((kind) => `${kind} ${port} > ${host}:${port}`));

/** A torrent with its tracker in the internet, in a home. */
async function withTorrent(
  size: number,
  play: (home: Home, made: { torrent: string; folder: string }) => Promise<void>,
) {
  const lab = await Lab.open();
  try {
    await withHome(lab, async (home) => {
      const folder = await lab.makeFolder('payload');
      const name = await makePayload(folder, { 'mapped.bin': size });
      const made = await makeTorrent(lab, { folder, name, pieceLength: 64 * 1024, trackers: [httpTracker(TRACKER)] });
      await startOpentracker(home.outside, TRACKER, [made.infoHash]);
      await play(home, made);
    });
  } finally {
    await lab.close();
  }
}

/** What left our machine, by TCP and UDP. */
function ofOurs(packets: readonly Packet[]): readonly Packet[] {
  return packets.filter(
    ({ protocol, from }) =>
      // Both machines have IPv6, of which the identities here have nothing.
      protocol !== 'other' && !from.includes(':') && from !== HOME.router && !from.startsWith('93.'),
  );
}

/** Ctrl-C, and its end within the time that is promised. */
async function interrupt(run: Ensemble): Promise<void> {
  run.child.signal('SIGINT');
  expect(await run.exit(8)).toMatchObject({ code: 5 });
}

const TOOLS = ['libtorrent', 'opentracker', 'tcpdump', 'nftables', 'miniupnpd'] as const;

interop('ports at the router of a home', TOOLS, true, () => {
  it.concurrent(
    'three identities get three, are reached by them, have them again after a restart, and give them back',
    () =>
      withTorrent(12 * MIB, async (home, { torrent, folder }) => {
        const { lab } = home;
        await home.startRouter(ALL);
        const seed = new Libtorrent(home.outside, {
          role: 'seed',
          address: SEED,
          torrent,
          folder,
          uploadLimit: MIB / 4,
        });
        await seed.untilAnnounced();
        const capture = await Capture.start(lab, 128);
        const out = await lab.makeFolder('out');
        const get = new Ensemble(lab, [
          'get',
          torrent,
          '-o',
          out,
          '-n',
          '3',
          '--bind',
          HOME.ours.join(),
          '--port',
          '7000',
        ]);
        const wanted = both(...HOME.ours.map((host, i) => [host, 7000 + i] as const));
        await home.untilMapped(wanted, 20);
        await get.child.until(() => mappings(get).every(({ kind }) => kind === 'mapped'), 'three mappings', 10);
        expect(mappings(get).map(({ by, port }) => [by, port])).toEqual([0, 1, 2].map((i) => ['pcp', 7000 + i]));

        // It hears of us from the tracker alone, and takes several peers of one address.
        const settings = { allow_multiple_connections_per_ip: true };
        const into = await lab.makeFolder('leech');
        const leech = new Libtorrent(home.outside, { role: 'leech', address: LEECH, torrent, folder: into, settings });
        const reached = (): number[] =>
          (leech.status?.seen ?? [])
            .filter(({ host, incoming }) => host === HOME.outer && !incoming)
            .map(({ port }) => port);
        await leech.child.until(() => new Set(reached()).size === 3, 'each of us', 30);
        expect([...new Set(reached())].sort((a, b) => a - b)).toEqual([7000, 7001, 7002]);
        await get.child.until(() => reachability(get).every(({ kind }) => kind === 'reached'), 'the incoming peer', 10);

        await home.stopRouter();
        await home.startRouter(ALL);
        await home.untilMapped(wanted, 60);

        await interrupt(get);
        await home.untilMapped([], 5);
        const packets = await capture.stop();
        const sent = ofOurs(packets);
        const mine = new Set(HOME.ours as readonly string[]);
        expect(sent.filter(({ from }) => !mine.has(from))).toEqual([]);
        for (const own of HOME.ours) {
          expect(sent.filter(({ from, toPort }) => from === own && toPort === 5351).length, own).toBeGreaterThan(0);
          // Every request for this address's port comes from it.
          expect(sent.filter(({ from, to }) => from === own && to.startsWith('93.')).length, own).toBeGreaterThan(0);
        }
      }),
  );

  const ALONE = [
    ['pcp', { pcp: true, natPmp: false, upnp: false }],
    ['nat-pmp', { pcp: false, natPmp: true, upnp: false }],
    ['upnp', { pcp: false, natPmp: false, upnp: true }],
  ] as const;
  it.concurrent.each(LONG ? ALONE : ALONE.slice(2))(
    '%s alone: a port that another machine has is left to it',
    (by, options) =>
      withTorrent(MIB, async (home, { torrent, folder }) => {
        await home.startRouter(options);
        const capture = await Capture.start(home.lab, 128);
        const seedFrom = (address: string): Ensemble =>
          new Ensemble(home.lab, ['seed', torrent, folder, '--bind', address, '--port', '7000']);
        const [ours] = HOME.ours;
        const first = seedFrom(HOME.other);
        await home.untilMapped(both([HOME.other, 7000]), 30);
        const second = seedFrom(ours);
        await second.child.until(() => mappings(second)[0]?.kind === 'mapped', 'a mapping', 40);
        const { by: how, port } = mappings(second)[0] ?? {};
        expect(how).toBe(by);
        expect(port).not.toBe(7000);
        const theirs = both([HOME.other, 7000]);
        await home.untilMapped([...theirs, `tcp ${port} > ${ours}:7000`, `udp ${port} > ${ours}:7000`], 5);
        // Whoever hears of it from the tracker comes in by that port.
        const into = await home.lab.makeFolder('leech');
        const settings = { allow_multiple_connections_per_ip: true };
        const leech = new Libtorrent(home.outside, { role: 'leech', address: LEECH, torrent, folder: into, settings });
        await leech.untilSeeding(60);
        expect(await treeOf(into)).toEqual(await treeOf(folder));
        const { mapping: _, ...known } = reachability(first)[0] ?? { kind: 'none' };
        expect(['mapped', 'reached']).toContain(known.kind);
        const all = await home.mappings();
        await home.stopRouter();
        await home.startRouter(options);
        await home.untilMapped(all, 60);
        await interrupt(second);
        await home.untilMapped(theirs, 5);
        await interrupt(first);
        await home.untilMapped([], 5);
        const sent = ofOurs(await capture.stop());
        expect(new Set(sent.map(({ from }) => from))).toEqual(new Set([ours, HOME.other]));
        // Searches, too, which the system would send from the first address of the link.
        const searched = by === 'upnp' ? [ours, HOME.other] : [];
        const searches = sent.filter(({ to }) => to === '239.255.255.250').map(({ from }) => from);
        expect([...new Set(searches)]).toEqual(expect.arrayContaining(searched));
      }),
  );

  it.concurrent('an IPv6 firewall is opened for our port alone, and closed again', () =>
    withTorrent(MIB, async (home, { torrent, folder }) => {
      await home.startRouter(ALL);
      const seed = new Ensemble(home.lab, ['seed', torrent, folder, '--bind', HOME.ours6, '--port', '7000']);
      await seed.child.until(() => mappings(seed)[0]?.kind === 'mapped', 'an opening', 30);
      // Both protocols may open it, whichever answers first.
      expect(mappings(seed)).toMatchObject([
        { by: expect.stringMatching(/^(?:pcp|upnp)$/), host: HOME.ours6, port: 7000 },
      ]);
      expect(await home.openings()).toEqual(['tcp 7000', 'udp 7000']);
      const dial = `require('net').connect({ host: '${HOME.ours6}', port: 7000 }).on('connect', () => process.exit(0))`;
      expect(await home.outside.start('dial', [process.execPath, '-e', dial]).ends(10)).toMatchObject({ code: 0 });
      await interrupt(seed);
      expect(await home.openings()).toEqual([]);
      const map = new Ensemble(home.lab, ['map', '--bind', HOME.ours6]);
      expect(await map.exit(20)).toMatchObject({ code: 0 });
      const answers = ['pcp', 'upnp'].map((protocol) => ({ protocol, result: 'granted', host: HOME.ours6 }));
      expect(map.last('link')).toMatchObject({ answers });
    }),
  );

  it.concurrent('`map` says what it answers, and leaves nothing', () =>
    withTorrent(MIB, async (home) => {
      await home.startRouter(ALL);
      const [ours] = HOME.ours;
      const map = new Ensemble(home.lab, ['map', '--bind', ours]);
      expect(await map.exit(20)).toMatchObject({ code: 0 });
      const answers = ['pcp', 'nat-pmp', 'upnp'].map((protocol) => ({ protocol, result: 'granted', host: HOME.outer }));
      expect(map.last('link')).toMatchObject({ address: ours, gateway: HOME.router, answers });
      expect(await home.mappings()).toEqual([]);
    }),
  );
});
