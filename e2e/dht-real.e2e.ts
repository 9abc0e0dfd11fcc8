import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { formatEndpoint } from '../core/base/endpoint.ts';
import { Capture, type Packet } from './support/capture.ts';
import { LONG } from './support/chance.ts';
import { type MadeTorrent, makeTorrent } from './support/clients.ts';
import { compact, DHT_PORT, LOADERS, type Loader, startDhtClient } from './support/dht-clients.ts';
import { joinOtherNodes, MIXED, MIXED_NODES as NODES } from './support/dht-mixed.ts';
import { DHT_ALONE, dhtAddress, dhtAddress6, type DhtScene, fetches, withDht } from './support/dht.ts';
import type { Machine } from '../core/lab/real/machine.ts';
import { Ensemble } from './support/ensemble.ts';
import { withNameServer } from './support/name-server.ts';
import { interop } from './support/requirements.ts';
import { makePayload, treeOf } from './support/trees.ts';

/** After the nodes' addresses: those of programs that seed or fetch, and of a name server; then ours. */
const THEIRS = 32;
const NAME_SERVER = 39;
const OURS = 40;
/** Transmission 3.00 uses no IPv6 address but a public one, nor IPv6 at all without a way to the internet. */
const PUBLIC = '2001:470:32::7';
const AS_IF_ONLINE = `ip addr add ${PUBLIC}/128 dev lo nodad; ip route add 2001:1890::/32 dev lo src ${PUBLIC}`;

/**
 * Nodes of rTorrent 0.9.8 tell of peers with the bytes of their ports swapped, and libtorrent keeps one port an address, the one that
 * it heard first. This port is the same when swapped.
 */
const SAME_SWAPPED = 0x1b1b;

interface Scene extends Pick<DhtScene, 'lab' | 'bootstrap'> {
  /** For each program a torrent that no other has. */
  readonly torrents: ReadonlyMap<Loader, MadeTorrent>;
  at(i: number): string;
  /** The address of the i-th program that seeds or fetches. */
  theirs(i: number): string;
  /** Some nodes of the DHT, others for each `i`. */
  someNodes(i: number): readonly string[];
}

/** A lab with 30 nodes: of five programs, or, by IPv6, of libtorrent; and a torrent for each program that can load one there. */
function withNodes(ipv6: boolean, play: (scene: Scene) => Promise<void>): Promise<void> {
  const count = ipv6 ? NODES : MIXED.libtorrent;
  return withDht({ payload: { 'unused.bin': 1 }, count, ipv6 }, async ({ lab, bootstrap }) => {
    if (ipv6) await lab.run(['sh', '-ec', AS_IF_ONLINE], 20);
    const kinds = LOADERS.filter((kind) => !ipv6 || kind !== 'rtorrent');
    const torrents = new Map<Loader, MadeTorrent>();
    for (const kind of kinds) {
      const folder = await lab.makeFolder(`payload-${kind}`);
      const name = await makePayload(folder, { [`${kind}/a.bin`]: 700_001, [`${kind}/b/c.bin`]: 345_678 });
      torrents.set(kind, await makeTorrent(lab, { folder, name, pieceLength: 64 * 1024, trackers: [] }));
    }
    const at = ipv6 ? dhtAddress6 : dhtAddress;
    const placeAt = (i: number): string => (ipv6 ? `[${at(i)}]:${DHT_PORT}` : `${at(i)}:${DHT_PORT}`);
    await play({
      lab,
      bootstrap,
      torrents,
      at,
      theirs: (i) => (ipv6 && kinds[i] === 'transmission' ? PUBLIC : at(THEIRS + i)),
      someNodes: (i) => Array.from({ length: 12 }, (_, n) => placeAt((i * 7 + 1 + n * 2) % NODES)),
    });
  });
}

const magnetOf = ({ infoHash }: MadeTorrent): string => `magnet:?xt=urn:btih:${infoHash}`;

/** Whoever sent a packet and is neither one of the others nor one of ours. */
function strangers(packets: readonly Packet[], { at }: Scene, ours: readonly string[]): string[] {
  const known = new Set([...Array.from({ length: OURS }, (_, i) => at(i)), PUBLIC, ...ours]);
  const strange = packets.filter(({ from }) => !known.has(from));
  return [...new Set(strange.map(({ protocol, from, to }) => `${protocol} ${from} > ${to}`))];
}

/** Resolves once that peer of a torrent can be found, or could long since. */
type Known = (infoHash: string, host: string) => Promise<void>;

/** Every program seeds, and ours fetches it with one identity, and then with four at other addresses. */
async function fetchFromEach(scene: Scene, bootstrap: string, machine: Machine, known: Known): Promise<void> {
  const { lab, torrents, at } = scene;
  for (const [i, [kind, { torrent, folder }]] of [...torrents].entries()) {
    const options = { address: scene.theirs(i), knows: scene.someNodes(i), load: torrent, folder };
    await startDhtClient(lab, kind, options);
  }
  // Before nodes of ours come and go: Transmission 3.00 waits a minute and more for each silent node before it announces.
  for (const [i, { infoHash }] of [...torrents.values()].entries()) await known(infoHash, scene.theirs(i));
  const capture = await Capture.start(lab, 128);
  const ours = Array.from({ length: 5 * torrents.size }, (_, n) => at(OURS + n));
  for (const [i, made] of [...torrents.values()].entries()) {
    const seeded = { lab, magnet: magnetOf(made), folder: made.folder };
    const [one = '', ...four] = ours.slice(i * 5, i * 5 + 5);
    await fetches(seeded, [one], bootstrap, { seconds: 400, machine });
    await fetches(seeded, four, bootstrap, { seconds: 400, machine });
  }
  expect(strangers(await capture.stop(), scene, ours)).toEqual([]);
}

/** Ours seeds all, and every program fetches its own. */
async function eachFetches(scene: Scene, known: Known): Promise<void> {
  const { lab, torrents, bootstrap, at } = scene;
  const capture = await Capture.start(lab, 500);
  const ours = [...torrents.keys()].map((_, i) => at(OURS + i));
  for (const [i, { torrent, folder }] of [...torrents.values()].entries()) {
    const where = ['--bind', ours[i] ?? '', '--port', String(SAME_SWAPPED), '--dht-bootstrap', bootstrap];
    new Ensemble(lab, ['seed', torrent, folder, ...where, ...DHT_ALONE]);
  }
  for (const [i, { infoHash }] of [...torrents.values()].entries()) await known(infoHash, ours[i] ?? '');
  const waits = [...torrents].map(async ([kind, made], i) => {
    const folder = await lab.makeFolder(`out-${kind}`);
    const load = kind === 'rtorrent' ? made.torrent : magnetOf(made);
    const client = await startDhtClient(lab, kind, {
      address: scene.theirs(i),
      knows: scene.someNodes(i),
      load,
      folder,
    });
    // rTorrent 0.9.8 was told of us here, but dialled nobody whom its DHT named. So it is enough that it was told.
    if (kind === 'rtorrent') return sleep(60_000);
    const wanted = await treeOf(made.folder);
    const got = async (): Promise<string[]> => (await treeOf(folder)).filter((row) => !/\.aria2 /.test(row));
    for (let tries = 0; JSON.stringify(await got()) !== JSON.stringify(wanted); tries++) {
      if (tries === 360) throw new Error(`${kind} has not got it:\n${client.output.slice(-3000)}`);
      await sleep(1000);
    }
  });
  await Promise.all(waits);
  const packets = await capture.stop();
  expect(strangers(packets, scene, ours)).toEqual([]);
  for (const [i, kind] of [...torrents.keys()].entries()) {
    const place = compact(formatEndpoint({ host: ours[i] ?? '', port: SAME_SWAPPED }));
    const told = packets.some(
      ({ to, payload }) => to === scene.theirs(i) && payload.includes('values') && payload.includes(place),
    );
    expect([kind, told]).toEqual([kind, true]);
  }
}

const PROGRAMS = ['libtorrent', 'aria2', 'transmission', 'rtorrent', 'tcpdump'] as const;
interop('a DHT of 30 nodes of five programs', PROGRAMS, true, () => {
  it.skipIf(!LONG)('leads to what each program seeds', () =>
    withNodes(false, async (scene) => {
      const nodes = await joinOtherNodes(scene.lab);
      const machine = await withNameServer(scene.lab, scene.at(NAME_SERVER), [scene.at(0)]);
      await fetchFromEach(scene, `router.test:${DHT_PORT}`, machine, (hash, host) =>
        Promise.race([nodes.find(hash, host, 60), sleep(60_000)]),
      );
    }),
  );

  it.skipIf(!LONG)('leads each program to what we seed', () =>
    withNodes(false, async (scene) => {
      const nodes = await joinOtherNodes(scene.lab);
      await eachFetches(scene, (infoHash, host) => nodes.find(infoHash, host, 60));
    }),
  );
});

interop('a DHT of 30 nodes by IPv6 alone', PROGRAMS, true, () => {
  it.skipIf(!LONG)('leads to what each program seeds', () =>
    withNodes(true, async (scene) => {
      const wait = sleep(50_000);
      await fetchFromEach(scene, scene.bootstrap, scene.lab, () => wait);
    }),
  );

  it.skipIf(!LONG)('leads each program to what we seed', () =>
    // Others ask again within a quarter of a minute, but Transmission only in 25.
    withNodes(true, (scene) => eachFetches(scene, () => sleep(5000))),
  );
});
