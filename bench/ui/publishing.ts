import { Bitfield } from '../../core/base/bitfield.ts';
import { bitLine } from '../../core/base/bit-line.ts';
import {
  torrentKey,
  type Bytes,
  bytesPerSecond,
  identityIndex,
  type InfoHashV1,
  millis,
  type PeerId,
  piece,
} from '../../core/base/ids.ts';
import type { DownloadSnapshot, Engine, PieceMapSnapshot } from '../../core/engine/engine.ts';
import { BridgeHost } from '../../core/bridge/host/host.ts';
import { mockServices } from '../../core/bridge/testing/mock-bridge.ts';
import { mockOptions } from '../../core/bridge/testing/mock-download.ts';
import { MockEngine } from '../../core/bridge/testing/mock-engine.ts';
import { encodeMessage } from '../../core/bridge/line/codec.ts';
import { type SocketLike, socketTransport } from '../../core/bridge/line/transports.ts';
import type { DetailPart } from '../../core/bridge/views.ts';
import type { Download } from '../../core/coordinator/download/download.ts';
import { Figures } from '../../core/coordinator/download/figures.ts';
import { Member } from '../../core/coordinator/run/member.ts';
import { PieceLedger } from '../../core/coordinator/download/piece-ledger.ts';
import {
  downloadSnapshot,
  fileSnapshots,
  peerSnapshots,
  pieceMapSnapshot,
  trackerSnapshots,
} from '../../core/coordinator/download/snapshot.ts';
import { SwarmAvailability } from '../../core/coordinator/peers/swarm-availability.ts';
import { Geometry } from '../../core/metainfo/geometry.ts';
import type { PeerStatus, SwarmStatus } from '../../core/engine/statuses.ts';
import { VirtualClock } from '../../core/sim/clock.ts';

// What it costs the program to tell one window of a download at full speed: `node dist/bench/ui/publishing.js`, once `npm run bench` has built it. The
// coordinator's own tables stand behind it and a socket that counts before it; identities and disk are not there.

const IDENTITIES = 32;
const PIECES = 100_000;
const PIECE_LENGTH = 256 * 1024;
/** Of each identity; the most that it has unless told otherwise is 80. */
const PEERS = 20;
const TICKS = 1000;
const TICK = 200;
/** 100 MiB/s. */
const VERIFIED_A_TICK = 80;

const clock = new VirtualClock();
let chance = 1;
const random = (): number => (chance = (Math.imul(chance, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32;
const infoHash = 'a'.repeat(40) as InfoHashV1;
const key = torrentKey(infoHash);
const length = PIECES * PIECE_LENGTH;
const info = {
  infoHash,
  name: 'large',
  pieceLength: PIECE_LENGTH,
  pieceCount: PIECES,
  length,
  files: [{ path: ['large'], length, offset: 0, padding: false }],
  pieceHashes: new Uint8Array(0),
  private: false,
  raw: new Uint8Array(0),
};
const geometry = new Geometry(info);
const ledger = new PieceLedger(geometry, undefined);
const availability = new SwarmAvailability(PIECES);
const members = Array.from(
  { length: IDENTITIES },
  (_, i) => new Member(identityIndex(i), `${i}`.padStart(40, '0') as PeerId, i, '127.0.0.1'),
);
const order = Uint32Array.from({ length: PIECES }, (_, i) => (i * 7919) % PIECES);
let verified = 0;

const some = new Bitfield(PIECES);
for (let p = 0; p < PIECES; p++) if (random() < 0.5) some.add(p);
const line = bitLine(some, 64);

function peersOf(identity: number): PeerStatus[] {
  return Array.from({ length: PEERS }, (_, n) => ({
    endpoint: { host: `198.51.${identity}.${n}`, port: 6881 },
    client: 'qBittorrent 5.1.2',
    source: n % 2 === 0 ? 'incoming' : 'tracker',
    incoming: n % 2 === 0,
    down: bytesPerSecond(1e5 * random()),
    up: bytesPerSecond(1e4 * random()),
    downloaded: verified as Bytes,
    uploaded: verified as Bytes,
    progress: random(),
    amInterested: true,
    amChoking: false,
    peerInterested: true,
    peerChoking: false,
    snubbed: false,
    optimistic: false,
    pieces: line,
  }));
}

/** What identities tell twice a second, and more of it: everything moves at every tick. */
function move(tick: number): void {
  for (let n = 0; n < VERIFIED_A_TICK; n++, verified++) {
    ledger.add(piece(order[verified % PIECES] ?? 0), verified % IDENTITIES);
  }
  for (const member of members) {
    if (tick % 5 === 0) member.peerList = peersOf(member.index);
    if (tick % 10 === 0) for (let n = 0; n < 500; n++) raise(member);
    member.status = {
      key,
      state: 'downloading',
      endpoint: { host: '127.0.0.1', port: 7000 + member.index },
      down: bytesPerSecond(3e6 + 1e5 * random()),
      up: bytesPerSecond(1e5 * random()),
      downloaded: verified as Bytes,
      uploaded: verified as Bytes,
      wasted: 0 as Bytes,
      peers: PEERS,
      seeds: 4,
      reachability: { kind: 'unknown' },
      begun: Uint32Array.from({ length: 8 }, (_, n) => order[(verified + 8 * member.index + n) % PIECES] ?? 0),
      begunFill: Uint8Array.from({ length: 8 }, () => Math.floor(255 * random())),
      sources: [{ kind: 'tracker', trackers: [trackerAt(tick)] }],
    } satisfies SwarmStatus;
  }
}

const trackerAt = (tick: number) =>
  ({ url: 'udp://tracker.example:6969', tier: 0, state: 'working', next: millis(1e6 - TICK * tick) }) as const;

function raise({ availability: counts }: Member): void {
  const at = Math.floor(random() * PIECES);
  if (counts !== undefined) counts[at] = (counts[at] ?? 0) + 1;
}

for (const member of members) {
  member.phase = 'active';
  member.availability = Uint16Array.from({ length: PIECES }, () => Math.floor(20 * random()));
}
/** As much of a download as its snapshots read. */
const download = {
  key,
  infoHash,
  name: info.name,
  added: millis(0),
  state: 'downloading',
  info,
  geometry,
  ledger,
  members,
  options: mockOptions({ identities: IDENTITIES }),
  figures: new Figures(clock, members, { downloaded: 0, uploaded: 0 }),
  run: { desk: { claimed: () => 10, duplicates: 0 }, availability, hashFailures: 0 },
} as unknown as Download;

const idle = new MockEngine(clock, []);
const snapshot = (): DownloadSnapshot => downloadSnapshot(download, clock.now(), () => 1);
const engine: Engine = Object.assign(idle, {
  downloads: () => [snapshot()],
  download: snapshot,
  pieceMap: (): PieceMapSnapshot | undefined => pieceMapSnapshot(download),
  files: () => fileSnapshots(download),
  peers: () => peerSnapshots(download),
  trackers: () => trackerSnapshots(download),
});
const host = new BridgeHost(mockServices(clock, engine as MockEngine));

let sent = 0;
let receive: (event: { data?: unknown }) => void = () => {};
const socket: SocketLike = {
  binaryType: '',
  readyState: 1,
  bufferedAmount: 0,
  send: (data) => void (sent += data.length),
  close: () => {},
  addEventListener: (type, listener) => {
    if (type === 'message') receive = listener;
  },
};
host.attach(socketTransport(socket));

function call(name: string, args: unknown): void {
  const frame = encodeMessage({ t: 'q', m: 'command', a: [name, args] });
  receive({ data: frame.buffer.slice(0, frame.length) });
}

/** Share of a core, over all ticks. */
async function measure(parts: readonly DetailPart[]): Promise<{ share: number; worst: number; bytes: number }> {
  call('watch', { key, parts });
  await clock.advance(2 * TICK);
  let spent = 0;
  let worst = 0;
  const before = sent;
  for (let tick = 0; tick < TICKS; tick++) {
    move(tick);
    const cpu = process.cpuUsage();
    const start = performance.now();
    await clock.advance(TICK);
    worst = Math.max(worst, performance.now() - start);
    const { user, system } = process.cpuUsage(cpu);
    spent += user + system;
  }
  return { share: spent / 1000 / (TICKS * TICK), worst, bytes: ((sent - before) * 1000) / (TICKS * TICK) };
}

move(0);
call('subscribe', { version: 1 });
const shown: readonly (readonly [string, readonly DetailPart[]])[] = [
  ['list alone', []],
  ['piece maps and identities', ['map', 'identities']],
  [`piece maps and ${IDENTITIES * PEERS} peers`, ['map', 'peers']],
  ['everything', ['map', 'identities', 'peers', 'trackers', 'files', 'history', 'log']],
];
console.log(`${PIECES} pieces, ${IDENTITIES} identities, ${VERIFIED_A_TICK * 5} pieces/s, one window, on a WebSocket:`);
for (const [name, parts] of shown) {
  const { share, worst, bytes } = await measure(parts);
  const percent = (100 * share).toFixed(2);
  console.log(`${name}: ${percent} % of a core, ${worst.toFixed(0)} ms at worst, ${(bytes / 1000).toFixed(0)} kB/s`);
}
await host.close();
await idle.close();
process.exit(0);
