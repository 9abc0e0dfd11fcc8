import { setTimeout as sleep } from 'node:timers/promises';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { Capture, type Packet } from './support/capture.ts';
import { LONG } from './support/chance.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { makeTorrent, startOpentracker } from './support/clients.ts';
import { DHT_PORT, inDht } from './support/dht-clients.ts';
import { dhtAddress, dhtAddress6, type DhtScene, withDht } from './support/dht.ts';
import { Ensemble } from './support/ensemble.ts';
import type { Place } from './support/home.ts';
import { Lab } from './support/lab.ts';
import { withNameServer } from './support/name-server.ts';
import { openUser, PROXIES, PROXY, PROXY_PORT, proxyUrl, startProxy, USER } from './support/proxies.ts';
import { interop } from './support/requirements.ts';
import { treeOf } from './support/trees.ts';

const MIB = 1024 * 1024;
/** After the nodes of the DHT: a seed, a name server, and where the proxy reaches the world from. */
const SEED = 32;
const NAME_SERVER = 33;
const OUTER = 34;

interface Progress {
  readonly identities?: readonly { readonly state: string }[];
}

/** All that went over the user's line and is neither with the proxy's port nor, by UDP, with the proxy. */
function beside(packets: readonly Packet[]): string[] {
  const strange = packets.filter(({ protocol, from, to, fromPort, toPort }) => {
    const pair = [from, to].sort().join(' ') === [PROXY, USER].sort().join(' ');
    if (pair && protocol === 'tcp') return fromPort !== PROXY_PORT && toPort !== PROXY_PORT;
    // What asks for the address of a neighbour on the line, and what the kernel asks of IPv6.
    const ofLine =
      protocol === 'other' && (from.startsWith('protocol 806') || from.startsWith('fe80:') || from === '::');
    // ICMP: who has ended has no use for datagrams on the way to it.
    const ofEnded = pair && protocol === 'other';
    return !(pair && protocol === 'udp' && fromPort !== 53 && toPort !== 53) && !ofLine && !ofEnded;
  });
  return [...new Set(strange.map(({ protocol, from, to, toPort }) => `${protocol} ${from} > ${to}:${toPort}`))];
}

/** Fetches by way of a proxy, which dies and comes back meanwhile. */
async function fetchesThrough(
  program: (typeof PROXIES)[number],
  scene: DhtScene & { readonly source: string },
  user: Place,
  dht: boolean,
): Promise<void> {
  const { lab, source, folder } = scene;
  const machine = await withNameServer(lab, dhtAddress(NAME_SERVER), [dhtAddress(0)]);
  const proxy = await startProxy(lab, machine, program, dhtAddress(OUTER));
  const capture = await Capture.start(user, 128);
  const out = await lab.makeFolder('out');
  const args = ['get', source, '-o', out, '--proxy', proxyUrl(program), '--timeout', '120'];
  const ways = dht ? ['--dht-bootstrap', `router.lan:${DHT_PORT}`] : ['--no-dht'];
  const get = new Ensemble(user, [...args, ...ways]);
  const state = (): string | undefined => (get.last('progress') as Progress | undefined)?.identities?.[0]?.state;
  await get.child.until(() => get.have >= 8, 'eight pieces', 60);

  await proxy.stop();
  await get.child.until(() => state() === 'no-address', 'the state no-address', 20);
  const before = get.have;
  await Promise.race([get.child.exit, sleep(3000)]);
  expect(get.child.ended).toBe(false);
  expect(get.have).toBeLessThanOrEqual(before + 1);

  await startProxy(lab, machine, program, dhtAddress(OUTER));
  await get.done(90);
  expect(await treeOf(out)).toEqual(await treeOf(folder));
  const packets = await capture.stop();
  expect(beside(packets)).toEqual([]);
  const udp = packets.filter(({ protocol }) => protocol === 'udp').length;
  expect(packets.filter(({ protocol }) => protocol === 'tcp').length).toBeGreaterThan(100);
  expect(udp > 20).toBe(dht);
  // What was said: that it waits, that it is back, what it cannot do; but never the password.
  const said = get.child.output;
  expect(said).toMatch(/proxy .*10\.79\.0\.1:1080/);
  expect(said).not.toContain('s3cret');
  expect(JSON.stringify(get.events)).not.toContain('s3cret');
}

/** Fetches by IPv6 by way of a proxy that is itself reached by IPv4. */
async function fetchesByIpv6({ lab, magnet, folder, torrent, bootstrap }: DhtScene): Promise<void> {
  const options = { role: 'seed', address: dhtAddress6(SEED), torrent, folder, uploadLimit: MIB } as const;
  const seed = new Libtorrent(lab, { ...options, settings: inDht(bootstrap) });
  await seed.child.until(() => (seed.status?.nodes ?? 0) > 0, 'a seed that knows nodes', 30);
  const user = await openUser(lab);
  try {
    await startProxy(lab, lab, 'shadowsocks', dhtAddress6(OUTER));
    const capture = await Capture.start(user, 128);
    const out = await lab.makeFolder('out');
    const ways = ['--proxy', proxyUrl('shadowsocks'), '--dht-bootstrap', bootstrap, '--timeout', '90'];
    await new Ensemble(user, ['get', magnet, '-o', out, ...ways]).done(100);
    expect(await treeOf(out)).toEqual(await treeOf(folder));
    expect(beside(await capture.stop())).toEqual([]);
  } finally {
    await user.close();
  }
}

/** Sets the scene of a DHT whose first node's address also has a tracker, and a user with one line. */
function withUser(play: (scene: DhtScene, user: Place) => Promise<void>): Promise<void> {
  return withDht({ payload: { 'by-proxy.bin': 3 * MIB + 99 }, count: 8 }, async (scene) => {
    const { lab, torrent, folder, bootstrap } = scene;
    const address = dhtAddress(SEED);
    const options = { role: 'seed', address, torrent, folder, uploadLimit: MIB / 2 } as const;
    const seed = new Libtorrent(lab, { ...options, settings: inDht(bootstrap) });
    await seed.child.until(() => (seed.status?.nodes ?? 0) > 0, 'a seed that knows nodes', 30);
    const user = await openUser(lab);
    try {
      await play(scene, user);
    } finally {
      await user.close();
    }
  });
}

const TOOLS = ['libtorrent', 'opentracker', 'tcpdump', ...PROXIES, ...(LONG ? ['shadowsocks' as const] : [])] as const;

interop('a proxy', TOOLS, true, () => {
  it('by SOCKS5 with UDP: a magnet link by the DHT alone, nothing beside it, also while it is dead', () =>
    withUser((scene, user) => fetchesThrough('dante', { ...scene, source: scene.magnet }, user, true)));

  // dante hears of IPv6 only whom it was told to write to first: Linux keeps that filter when the socket is disconnected.
  it.skipIf(!LONG)('shadowsocks: a magnet link by the DHT of IPv6 alone', () =>
    withDht({ payload: { 'by-six.bin': MIB + 99 }, count: 8, ipv6: true }, fetchesByIpv6),
  );

  it.skipIf(!LONG).each(PROXIES)('%s: with a tracker that only the proxy knows by name', (program) =>
    withUser(async (scene, user) => {
      const { lab, folder, infoHash } = scene;
      const trackers = ['http://tracker.test:6969/announce', 'udp://tracker.test:6969/announce'];
      const made = await makeTorrent(lab, { folder, name: 'by-proxy.bin', pieceLength: 64 * 1024, trackers });
      expect(made.infoHash).toBe(infoHash);
      await startOpentracker(lab, dhtAddress(0), [infoHash]);
      const address = dhtAddress(SEED + 3);
      const known = await makeTorrent(lab, {
        folder,
        name: 'by-proxy.bin',
        pieceLength: 64 * 1024,
        trackers: [`http://${dhtAddress(0)}:6969/announce`],
      });
      const seed = new Libtorrent(lab, { role: 'seed', address, torrent: known.torrent, folder, uploadLimit: MIB / 2 });
      await seed.untilAnnounced();
      await fetchesThrough(program, { ...scene, source: made.torrent }, user, program === 'dante');
    }),
  );

  it('keeps the password out of what others of the machine can read', async () => {
    const lab = await Lab.open();
    try {
      const magnet = `magnet:?xt=urn:btih:${'ab'.repeat(20)}`;
      const args = ['get', magnet, '-o', lab.folder, '--no-dht', '--proxy', proxyUrl('microsocks')];
      const get = new Ensemble(lab, args);
      await get.child.until(() => get.events.length > 0, 'its first word', 20);
      const { pid } = get.child;
      const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
      const pids = [String(pid), ...children.trim().split(' ')];
      expect(pids.length).toBeGreaterThan(1);
      const lines = await Promise.all(pids.map((one) => readFile(`/proc/${one}/cmdline`, 'latin1')));
      expect(lines[0]).toContain('ensemble');
      expect(lines.join('\n')).not.toContain('s3cret');
    } finally {
      await lab.close();
    }
  });
});
