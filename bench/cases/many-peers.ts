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
const SECONDS = 20;
const PACE = 2000;

interface Scene {
  readonly folder: string;
  readonly torrent: string;
  readonly payload: Payload;
  readonly data: Uint8Array;
}

/** What a connection costs: many peers, few of which send, and slowly. */
export const manyPeers: Case = {
  name: 'many-peers',
  title: 'a download with 200 connected peers, 50 of them sending 8 KiB/s each, against the same with 50 peers',
  metrics: [
    { name: 'CPU', unit: '% of a core', digits: 1, ratio: true },
    { name: 'CPU each', unit: 'ms/s a peer', digits: 3 },
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
    const subjects: Subject[] = bench.options.builds.map(({ name, dist }) => {
      const flags = ['--bind', host, '--port', String(PORT), '--max-peers', '300', '--json'];
      const argv = [process.execPath, `${dist}/cli/main.js`, 'get', torrent, '-o', `${folder}/out`, ...flags];
      return { group: '200 peers', name, run: () => both(scene, argv, host) };
    });
    if (libtorrentVersion() !== undefined) {
      const argv = [
        PYTHON,
        '-W',
        'ignore',
        `${folder}/leech.py`,
        torrent,
        `${folder}/out`,
        `${folder}/done`,
        host,
        String(PORT),
      ];
      subjects.push({ group: '200 peers', name: 'libtorrent', run: () => both(scene, argv, host) });
    }
    await bench.interleave(subjects);
    tracker.close();
  },
};

async function both(scene: Scene, argv: readonly string[], host: string): Promise<Sample> {
  const few = await once(scene, argv, host, 50);
  const many = await once(scene, argv, host, 200);
  return {
    CPU: many.cpu * 100,
    'CPU each': ((many.cpu - few.cpu) * 1000) / 150,
    'memory each': ((many.memory - few.memory) * 1024) / 150,
  };
}

/** Cores used, and memory in MiB without mapped files, with `count` peers. */
async function once(
  { folder, torrent, payload, data }: Scene,
  argv: readonly string[],
  host: string,
  count: number,
): Promise<{ readonly cpu: number; readonly memory: number }> {
  rmSync(`${folder}/out`, { recursive: true, force: true });
  mkdirSync(`${folder}/out`);
  const { info } = parseTorrent(new Uint8Array(readFileSync(torrent)));
  const program = start(argv);
  await sleep(2000);
  const peers: FakePeer[] = [];
  for (let i = 0; i < count; i++) {
    // Not all at once, as the queue of a listening socket is short.
    if (i % 10 === 9) await sleep(50);
    const pieces = i % 4 === 0 ? Bitfield.full(info.pieceCount) : new Bitfield(info.pieceCount);
    if (i % 4 !== 0) for (let at = i % 7; at < info.pieceCount; at += 1 + (i % 5)) pieces.add(at);
    const peer = new FakePeer({
      from: `10.77.100.${i + 1}`,
      to: { host, port: PORT },
      infoHash: fromHex(info.infoHash) ?? new Uint8Array(20),
      bitfield: pieces.bytes,
      unchokes: i < 50,
      pace: PACE,
      read: (index, begin, length) => {
        const from = index * PIECE_KIB * 1024 + begin;
        return data.subarray(from, Math.min(payload.bytes, from + length));
      },
    });
    peers.push(peer);
  }
  try {
    await sleep(SETTLE * 1000);
    const connected = peers.filter((peer) => peer.socket.readyState === 'open').length;
    if (connected < count)
      throw new Error(`${connected} of ${count} peers are connected: ${program.output().slice(-500)}`);
    const before = cpuOf(treeOf(program.pid));
    await sleep(SECONDS * 1000);
    const tree = treeOf(program.pid);
    return { cpu: (cpuOf(tree) - before) / SECONDS, memory: memoryOf(tree).anon };
  } finally {
    for (const peer of peers) peer.close();
    await stop(program);
  }
}
