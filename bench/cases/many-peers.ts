import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromHex } from '../../core/base/bytes.ts';
import { Bitfield } from '../../core/base/bitfield.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import { addressOf, IDENTITIES_FROM, TRACKER_PORT } from '../lib/addresses.ts';
import type { Case, Subject } from '../lib/bench.ts';
import { start, stop } from '../lib/child.ts';
import { libtorrentVersion, PYTHON } from '../lib/clients.ts';
import { FakePeer } from '../lib/fake-peer.ts';
import { LEECH } from '../lib/libtorrent.ts';
import type { Payload } from '../lib/payload.ts';
import { makePayload, makeTorrent } from '../lib/payload.ts';
import { cpuOf, memoryOf, treeOf } from '../lib/processes.ts';
import type { Sample } from '../lib/result.ts';
import { fixedTracker } from '../lib/tracker.ts';

const PIECE_KIB = 256;
const PORT = 51990;
/** Seconds to wait until V8 has compiled the code that runs often. */
const SETTLE = 15;
const SECONDS = 15;
const PACE = 2000;

interface Scene {
  readonly folder: string;
  readonly torrent: string;
  readonly payload: Payload;
  readonly data: Uint8Array;
}

/** How many peers are connected, one after the other; a quarter of them send. */
const COUNTS = [50, 200, 800] as const;

/** What a connection costs: many peers, few of which send, and slowly. */
export const manyPeers: Case = {
  name: 'many-peers',
  title: 'a download with 50, 200 and 800 connected peers, a quarter of them sending 8 KiB/s each',
  metrics: [
    ...COUNTS.map((count) => ({ name: `CPU of ${count}`, unit: '% of a core', digits: 2, ratio: true })),
    { name: 'CPU each', unit: 'ms/s a peer', digits: 3 },
    { name: 'exponent', unit: '200 to 800', digits: 2 },
    { name: 'memory each', unit: 'KiB', digits: 0 },
  ],
  async run(bench) {
    const folder = bench.folder();
    const payload = makePayload(`${folder}/seed`, bench.options.mib ?? 512);
    const tracker = await fixedTracker(addressOf(0), TRACKER_PORT, () => []);
    const data = readFileSync(payload.file);
    const torrent = makeTorrent(payload, PIECE_KIB, [tracker.url], `${folder}/payload.torrent`);
    writeFileSync(`${folder}/leech.py`, LEECH);
    const scene = { folder, torrent, payload, data };
    const host = addressOf(IDENTITIES_FROM);
    const group = `${COUNTS.join(', ')} peers`;
    const subjects: Subject[] = bench.options.builds.map(({ name, dist }) => {
      const flags = ['--bind', host, '--port', String(PORT), '--max-peers', '1000', '--json'];
      const argv = [process.execPath, `${dist}/cli/main.js`, 'get', torrent, '-o', `${folder}/out`, ...flags];
      return { group, name, run: () => once(scene, argv, host) };
    });
    if (libtorrentVersion() !== undefined) {
      const script = [PYTHON, '-W', 'ignore', `${folder}/leech.py`, torrent, `${folder}/out`, `${folder}/done`];
      subjects.push({ group, name: 'libtorrent', run: () => once(scene, [...script, host, String(PORT)], host) });
    }
    await bench.interleave(subjects);
    tracker.close();
  },
};

/** Cores used and memory in MiB without mapped files, with more and more peers. */
async function once(scene: Scene, argv: readonly string[], host: string): Promise<Sample> {
  const { folder } = scene;
  rmSync(`${folder}/out`, { recursive: true, force: true });
  mkdirSync(`${folder}/out`);
  const program = start(argv);
  await sleep(2000);
  const peers: FakePeer[] = [];
  const cpu = new Map<number, number>();
  const memory = new Map<number, number>();
  try {
    for (const count of COUNTS) {
      await connectUntil(peers, count, scene, host);
      await sleep(SETTLE * 1000);
      const connected = peers.filter((peer) => peer.socket.readyState === 'open').length;
      if (connected < count)
        throw new Error(`${connected} of ${count} peers are connected: ${program.output().slice(-500)}`);
      const before = cpuOf(treeOf(program.pid));
      await sleep(SECONDS * 1000);
      const tree = treeOf(program.pid);
      cpu.set(count, (cpuOf(tree) - before) / SECONDS);
      memory.set(count, memoryOf(tree).anon);
    }
  } finally {
    for (const peer of peers) peer.close();
    await stop(program);
  }
  const [least, some, most] = COUNTS;
  const of = (figures: ReadonlyMap<number, number>, count: number): number => figures.get(count) ?? Number.NaN;
  return {
    ...Object.fromEntries(COUNTS.map((count) => [`CPU of ${count}`, of(cpu, count) * 100])),
    'CPU each': ((of(cpu, most) - of(cpu, some)) * 1000) / (most - some),
    exponent: Math.log(of(cpu, most) / of(cpu, some)) / Math.log(most / some),
    'memory each': ((of(memory, most) - of(memory, least)) * 1024) / (most - least),
  };
}

/** Connects further peers until there are `count`. */
async function connectUntil(peers: FakePeer[], count: number, scene: Scene, host: string): Promise<void> {
  const { torrent, payload, data } = scene;
  const { info } = parseTorrent(new Uint8Array(readFileSync(torrent)));
  while (peers.length < count) {
    const i = peers.length;
    // Not all at once, as the queue of a listening socket is short.
    if (i % 10 === 9) await sleep(50);
    const sends = i % 4 === 0;
    const pieces = sends ? Bitfield.full(info.pieceCount) : new Bitfield(info.pieceCount);
    if (!sends) for (let at = i % 7; at < info.pieceCount; at += 1 + (i % 5)) pieces.add(at);
    const peer = new FakePeer({
      from: `10.77.${100 + (i >> 7)}.${(i & 127) + 1}`,
      to: { host, port: PORT },
      infoHash: fromHex(info.infoHash) ?? new Uint8Array(20),
      bitfield: pieces.bytes,
      unchokes: sends,
      pace: PACE,
      read: (index, begin, length) => {
        const from = index * PIECE_KIB * 1024 + begin;
        return data.subarray(from, Math.min(payload.bytes, from + length));
      },
    });
    peers.push(peer);
  }
}
