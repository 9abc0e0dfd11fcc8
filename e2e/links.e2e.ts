import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, type TestContext } from 'vitest';
import { wrapInfo } from '../core/metainfo/wrap-info.ts';
import { parseTorrent } from '../core/metainfo/parse-torrent.ts';
import { figure, times } from '../core/sim/acceptance.ts';
import { Capture, type Packet } from './support/capture.ts';
import { LONG } from './support/chance.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { httpTracker, makeTorrent, startOpentracker, udpTracker } from './support/clients.ts';
import type { Machine } from '../core/lab/real/machine.ts';
import { Ensemble } from './support/ensemble.ts';
import { Place } from './support/home.ts';
import { Lab } from './support/lab.ts';
import { withNameServer } from './support/name-server.ts';
import { Nginx } from './support/nginx.ts';
import { interop } from './support/requirements.ts';
import { makePayload, treeOf } from './support/trees.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
/** Hosts of the internet: one with tracker, web server and name server, two with a seed each, and an address where nobody is. */
const SERVER = '93.184.216.2';
const SEEDS = ['93.184.216.3', '93.184.216.4'] as const;
const NOBODY = '93.184.216.9';
/** Link 0 has the default route, and nobody is to use it. */
const LINKS = [0, 1, 2, 3] as const;
const near = (link: number, host = 2): string => `10.60.${link}.${host}`;
/** The way of a link's own table, which goes with the link or its address. */
const routeOf = (link: number): string =>
  `ip route replace default via ${near(link, 1)} dev wan${link} table 10${link}`;
const PORT = 7000;
const PERIOD = times(4, 12);
/** How soon everything is to be back after the address is, and its way (s). */
const BACK_WITHIN = 10;
/** How long a way may be missing where its address is there already (s): longer than anybody tries again soon for. */
const WAYLESS = 20;

const none = { down: 0, up: 0, role: 'both', when: { kind: 'always' } };
/** Followed by its interface, named by its address, and an interface that comes back with another address. */
const PROFILES = [
  { ...none, name: 'one', bind: 'wan1' },
  { ...none, name: 'two', bind: near(2) },
  { ...none, name: 'three', bind: 'wan3' },
];

interface Identity {
  readonly state: string;
  readonly waits?: unknown;
}

/** What else each address speaks to others. */
const ALSO: Readonly<Record<string, (packet: Packet) => boolean>> = {
  names: ({ to, toPort }) => to === SERVER && toPort === 53,
  'web seed': ({ to, toPort }) => to === SERVER && toPort === 8080,
  'a host that is not there': ({ to }) => to === NOBODY,
  peers: ({ to, protocol }) => protocol === 'tcp' && to === SEEDS[1],
};

/** What is to be seen of an address after it is back. */
const SIGNS = {
  tracker: ({ to, toPort }) => to === SERVER && toPort === 6969,
  DHT: ({ protocol, payload }) => protocol === 'udp' && payload[0] === 0x64 && payload[1] === 0x31,
  mapping: ({ protocol, toPort }) => protocol === 'udp' && toPort === 5351,
  listener: ({ protocol, fromPort, syn }) => protocol === 'tcp' && fromPort >= PORT && fromPort < PORT + 3 && syn,
  uTP: ({ protocol, payload }) => protocol === 'udp' && ((payload[0] ?? 0) & 15) === 1 && (payload[0] ?? 0) >> 4 <= 4,
} as const satisfies Readonly<Record<string, (packet: Packet) => boolean>>;

interface World {
  readonly lab: Lab;
  readonly internet: Place;
  readonly machine: Machine;
  readonly torrent: string;
  readonly folder: string;
}

/** A machine with four links into an internet that has all that a download may speak to. */
async function withWorld(size: number, play: (world: World) => Promise<void>): Promise<void> {
  const lab = await Lab.open();
  const internet = await Place.open(lab, 'internet');
  try {
    const ours = LINKS.flatMap((i) => [
      `ip link add wan${i} type veth peer name far${i} netns ${internet.pid}`,
      `ip link set wan${i} addrgenmode none`,
      `ip addr add ${near(i)}/24 dev wan${i}`,
      `ip link set wan${i} up`,
      `ip route add default via ${near(i, 1)} dev wan${i} metric ${100 + i}`,
    ]);
    await lab.run(['sh', '-ec', ours.join('\n')], 20);
    const theirs = LINKS.flatMap((i) => [
      `ip link set far${i} addrgenmode none`,
      `ip addr add ${near(i, 1)}/24 dev far${i}`,
      `ip link set far${i} up`,
    ]);
    const hosts = [SERVER, ...SEEDS].map((host) => `ip addr add ${host}/32 dev lo`);
    await internet.run([...theirs, ...hosts].join('\n'));
    // Rules for whole networks stay while addresses come and go; until there is a route again, nothing of them leaves.
    const rules = [1, 2, 3].flatMap((i) => [
      `ip rule add from 10.60.${i}.0/24 lookup 10${i} priority ${100 + i}`,
      `ip route add unreachable default metric 9999 table 10${i}`,
      routeOf(i),
    ]);
    await lab.run(['sh', '-ec', rules.join('\n')], 20);

    const folder = await lab.makeFolder('payload');
    const name = await makePayload(folder, { 'linked.bin': size });
    const made = await makeTorrent(lab, { folder, name, pieceLength: 64 * KIB, trackers: [httpTracker(SERVER)] });
    const { info } = parseTorrent(await readFile(made.torrent));
    const torrent = lab.path('linked.torrent');
    const trackers = [httpTracker('tracker.test'), udpTracker('tracker.test')].map((url) => [url]);
    await writeFile(torrent, wrapInfo(info, trackers, ['http://web.test:8080/']));
    await startOpentracker(internet, SERVER, [made.infoHash]);
    await Nginx.start(internet, SERVER, folder, { 8080: 'limit_rate 60k;' });
    const machine = await withNameServer(lab, SERVER, [NOBODY, SERVER], internet);
    const settings = { enable_dht: true, dht_bootstrap_nodes: '' };
    // One is reached over uTP alone, the other over TCP alone, so that both are used.
    const transports = [
      { enable_incoming_tcp: false, enable_incoming_utp: true, enable_outgoing_utp: true },
      { enable_incoming_utp: false, enable_outgoing_utp: false },
    ];
    for (const [i, address] of SEEDS.entries()) {
      const knows = SEEDS.filter((one) => one !== address).map((one) => `${one}:6881`);
      const options = { role: 'seed', address, torrent: made.torrent, folder, uploadLimit: 200 * KIB } as const;
      const seed = new Libtorrent(internet, {
        ...options,
        knows,
        settings: { ...settings, ...transports[i] },
      });
      await seed.untilAnnounced(30);
    }
    await play({ lab, internet, machine, torrent, folder });
  } finally {
    await internet.close();
    await lab.close();
  }
}

/** The links as the user named them, where the command looks for them. */
async function nameLinks(lab: Lab): Promise<void> {
  const folder = lab.path('state', 'ensemble');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(`${folder}/settings.json`, JSON.stringify({ version: 2, linkProfiles: PROFILES }));
}

/** Takes one link away for a while. `back` brings it back, perhaps with another address, and resolves to that; `way` comes later. */
const TROUBLES: readonly {
  readonly name: string;
  readonly identity: number;
  go(world: World): Promise<unknown>;
  back(world: World): Promise<string>;
  way?(world: World): Promise<unknown>;
}[] = [
  {
    name: 'an address that is taken away, and is back long before its route',
    identity: 1,
    go: ({ lab }) => lab.run(['ip', 'addr', 'del', `${near(2)}/24`, 'dev', 'wan2'], 5),
    back: async ({ lab }) => {
      await lab.run(['ip', 'addr', 'add', `${near(2)}/24`, 'dev', 'wan2'], 5);
      return near(2);
    },
    way: ({ lab }) => lab.run(['sh', '-ec', routeOf(2)], 5),
  },
  {
    name: 'a tunnel that comes back with another address',
    identity: 2,
    go: ({ lab }) => lab.run(['sh', '-ec', `ip link set wan3 down; ip addr flush dev wan3`], 5),
    back: async ({ lab }) => {
      await lab.run(['sh', '-ec', `ip link set wan3 up; ip addr add ${near(3, 77)}/24 dev wan3; ${routeOf(3)}`], 5);
      return near(3, 77);
    },
  },
  {
    name: 'an interface that goes down',
    identity: 0,
    go: ({ lab }) => lab.run(['ip', 'link', 'set', 'wan1', 'down'], 5),
    back: async ({ lab }) => {
      await lab.run(['sh', '-ec', `ip link set wan1 up; ${routeOf(1)}`], 5);
      return near(1);
    },
  },
];

interop('links that come and go', ['libtorrent', 'opentracker', 'nginx', 'tcpdump'], true, () => {
  it.skipIf(!LONG)(
    'all is back soon, the others go on, and no packet leaves by another way',
    (test) => withWorld(times(24, 60) * MIB, (world) => comeAndGo(world, test)),
    400_000,
  );

  it.skipIf(!LONG)('links that are chosen anew while it runs are used, and those that were taken away no more', () =>
    withWorld(16 * MIB, chooseAnew),
  );
});

async function chooseAnew({ lab, machine, torrent, folder }: World): Promise<void> {
  await nameLinks(lab);
  const indexes = await devices(lab);
  const capture = await Capture.start(lab, 128);
  const out = await lab.makeFolder('out');
  const dht = SEEDS.flatMap((seed) => ['--dht-bootstrap', `${seed}:6881`]);
  const ways = ['--link', 'one,two', '-n', '2', '--port', String(PORT), ...dht, '--encryption', 'off'];
  const get = new Ensemble(machine, ['get', torrent, '-o', out, ...ways, '--timeout', '200']);
  const addresses = (): readonly unknown[] => {
    const all = get.last('progress')?.['identities'] as readonly { readonly address?: string }[] | undefined;
    return all?.map(({ address }) => address) ?? [];
  };
  const choose = async (links: string, wanted: readonly string[]): Promise<number> => {
    const before = get.have;
    const change = new Ensemble(machine, ['links', 'linked', '--link', links]);
    expect(await change.exit(20), change.child.output).toMatchObject({ code: 0 });
    const at = Date.now() / 1000;
    await get.child.until(() => addresses().join() === wanted.join(), `${links}: ${wanted.join()}`, 15);
    await get.child.until(() => get.have >= before + 10, `${links}: ten pieces more`, 40);
    return at;
  };
  await get.child.until(() => get.have >= 10, 'ten pieces', 40);
  const taken = await choose('two,three', [near(3), near(2)]);
  const given = await choose(
    'one,two,three',
    [1, 2, 3].map((link) => near(link)),
  );
  const done = await get.done(200);
  expect(await treeOf(out)).toEqual(await treeOf(folder));
  expect(done).toMatchObject({ hashFailures: 0, duplicatePieces: 0 });
  const packets = await capture.stop();
  expect(strays(packets, indexes)).toEqual([]);
  // The last ones are farewells.
  const late = packets.filter(({ from, outgoing, time, payload }) => {
    return outgoing && from === near(1) && payload.length > 0 && time > taken + 6 && time < given - 1;
  });
  expect(late).toEqual([]);
}

async function comeAndGo(world: World, test: TestContext): Promise<void> {
  const { lab, machine, internet, torrent, folder } = world;
  await nameLinks(lab);
  const indexes = await devices(lab);
  const capture = await Capture.start(lab, 128);
  const out = await lab.makeFolder('out');
  const links = ['--link', 'one,two,three', '-n', '3', '--port', String(PORT)];
  const routers = ['--gateway', [1, 2, 3].map((i) => near(i, 1)).join()];
  const dht = ['--dht-bootstrap', `${SEEDS[0]}:6881`, '--dht-bootstrap', `${SEEDS[1]}:6881`];
  const more = ['--encryption', 'off', '--timeout', '360'];
  const get = new Ensemble(machine, ['get', torrent, '-o', out, ...links, ...routers, ...dht, ...more]);
  const identities = (): readonly Identity[] =>
    (get.last('progress')?.['identities'] as readonly Identity[] | undefined) ?? [];
  await get.child.until(() => get.have >= 10, 'ten pieces', 40);

  const returns: { readonly name: string; readonly address: string; readonly at: number }[] = [];
  for (const { name, identity, go, back, way } of TROUBLES) {
    await go(world);
    await get.child.until(() => identities()[identity]?.state === 'no-address', `${name}: that it waits`, 15);
    expect(identities()[identity]?.waits).toBeDefined();
    const before = get.have;
    await delay(PERIOD * 1000);
    expect(get.have, `${name}: the others go on`).toBeGreaterThan(before);
    let at = Date.now() / 1000;
    const address = await back(world);
    if (way !== undefined) {
      await delay(WAYLESS * 1000);
      at = Date.now() / 1000;
      await way(world);
    }
    returns.push({ name, address, at });
    const probe = probing(internet, address, PORT + identity);
    await get.child.until(() => identities()[identity]?.state === 'downloading', `${name}: that it goes on`, 15);
    await delay((BACK_WITHIN + 1) * 1000);
    await probe.stop();
  }
  const done = await get.done(300);
  expect(await treeOf(out)).toEqual(await treeOf(folder));
  expect(done).toMatchObject({ hashFailures: 0 });

  const packets = await capture.stop();
  expect(strays(packets, indexes)).toEqual([]);
  // Each address has spoken to all of them, so that it could have gone wrong.
  // Whether somebody dials one before it goes is chance: when it is back it is probed.
  const { listener: _probed, uTP: _too, ...signs } = SIGNS;
  const silent = [1, 2, 3].flatMap((link) => {
    const own = packets.filter(({ from, outgoing }) => outgoing && from === near(link));
    return Object.entries({ ...ALSO, ...signs }).flatMap(([what, is]) =>
      own.some(is) ? [] : [`${near(link)}: ${what}`],
    );
  });
  expect(silent).toEqual([]);
  const found = returns.map(({ name, address, at }) => ({ name, seen: seenAfter(packets, address, at) }));
  const words = found.map(({ name, seen }) => `${name}: ${wordsOf(seen)}`).join('; ');
  figure(test, words);
  const late = found.flatMap(({ seen }) => Object.values(seen)).filter((after) => after >= BACK_WITHIN);
  expect(late, words).toEqual([]);
}

/** Twice a second somebody from outside tries whether it listens, over TCP and uTP: who does answers, be it that nothing is known there. */
function probing(internet: Place, host: string, port: number): { stop(): Promise<void> } {
  const script = [
    'import os, socket, time',
    `at = ("${host}", ${port})`,
    'for i in range(40):',
    '  u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
    // A SYN of version 1 (BEP 29).
    '  u.sendto(bytes([0x41, 0]) + os.urandom(2) + bytes(8) + (1 << 20).to_bytes(4, "big") + bytes([0, 1, 0, 0]), at)',
    '  s = socket.socket(); s.settimeout(1)',
    '  try: s.connect(at)',
    '  except OSError: pass',
    '  s.close(); u.close(); time.sleep(0.5)',
  ].join('\n');
  const child = internet.start('probe', ['/usr/bin/python3', '-c', script]);
  return { stop: async () => void (await child.stop()) };
}

/** The devices' names by their indexes. */
async function devices(lab: Lab): Promise<ReadonlyMap<number, string>> {
  const rows = JSON.parse(await lab.run(['ip', '-j', 'link'], 5)) as { ifindex: number; ifname: string }[];
  return new Map(rows.map(({ ifindex, ifname }) => [ifindex, ifname]));
}

/** What left by a link with an address that is not of it, or by the link that nobody is to use; each kind once. */
function strays(packets: readonly Packet[], names: ReadonlyMap<number, string>): string[] {
  const strange = packets.filter(({ device, outgoing, from, to }) => {
    const name = names.get(device) ?? '';
    const link = /^wan(\d)$/.exec(name)?.[1];
    if (!outgoing || link === undefined) return false;
    // Questions for the hardware's address are no packets of IP, and the kernel of a link without an address has left a group (IGMP).
    if (from === 'protocol 806' || (link !== '0' && from === '0.0.0.0' && to === '224.0.0.22')) return false;
    return link === '0' || !from.startsWith(`10.60.${link}.`);
  });
  const kinds = strange.map((one) => `${names.get(one.device)}: ${one.protocol} ${one.from} > ${one.to}:${one.toPort}`);
  return [...new Set(kinds)];
}

/** After how many seconds each sign of life was first seen from an address; Infinity: never. */
function seenAfter(packets: readonly Packet[], address: string, since: number): Record<string, number> {
  const own = packets.filter(({ from, time, outgoing }) => outgoing && from === address && time >= since);
  return Object.fromEntries(
    Object.entries(SIGNS).map(([name, is]) => [name, (own.find(is)?.time ?? Infinity) - since]),
  );
}

function wordsOf(seen: Readonly<Record<string, number>>): string {
  return Object.entries(seen)
    .map(([sign, after]) => `${sign} ${after.toFixed(1)} s`)
    .join(', ');
}
