import { Bitfield } from '../../core/base/bitfield.ts';
import { bitLine } from '../../core/base/bit-line.ts';
import {
  torrentKey,
  type Bytes,
  bytes,
  bytesPerSecond,
  identityIndex,
  type InfoHashV1,
  millis,
  type PeerId,
  piece,
} from '../../core/base/ids.ts';
import type { DownloadSnapshot, Engine, PieceMapSnapshot } from '../../core/engine/engine.ts';
import { BridgeHost } from '../../core/bridge/host/host.ts';
import { fakeServices } from '../../core/bridge/testing/fake-services.ts';
import { fakeOptions } from '../../core/engine/testing/moving-download.ts';
import { movingEngine } from '../../core/engine/testing/moving-engine.ts';
import { encodeMessage } from '../../core/bridge/line/codec.ts';
import { type SocketLike, socketTransport } from '../../core/bridge/line/transports.ts';
import type { DetailPart } from '../../core/bridge/views.ts';
import type { Download } from '../../core/coordinator/download/download.ts';
import { DownloadStats } from '../../core/coordinator/download/download-stats.ts';
import { Member } from '../../core/coordinator/run/member.ts';
import { PieceLedger } from '../../core/coordinator/download/piece-ledger.ts';
import {
  downloadSnapshot,
  fileSnapshots,
  peerSnapshots,
  pieceMapSnapshot,
  sourceSnapshots,
  trackerSnapshots,
} from '../../core/coordinator/download/snapshot.ts';
import { SwarmAvailability } from '../../core/coordinator/peers/swarm-availability.ts';
import { Geometry } from '../../core/metainfo/geometry.ts';
import type { PeerStatus, SwarmStatus } from '../../core/engine/statuses.ts';
import { VirtualClock } from '../../core/sim/clock.ts';

// What it costs the program to keep one window up to date while a download runs at full speed: `node dist/bench/ui/publishing.js`
// after `npm run bench` has built it. The coordinator's tables are real; a socket that only counts bytes takes the place of the
// window, and there are no identities and no disk.

const IDENTITIES = 32;
const PIECES = 100_000;
const PIECE_LENGTH = 256 * 1024;
/** Peers of each identity; its usual limit is 80. */
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
  (_, i) => new Member(identityIndex(i), `${i}`.padStart(40, '0') as PeerId, i, { address: '127.0.0.1' }),
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
    transport: 'tcp',
    encryption: n % 2 === 0 ? 'plain' : 'rc4',
    punched: n % 7 === 6,
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
    uploadOnly: false,
    pieces: line,
  }));
}

/** Changes everything that identities report; they do so twice a second, this at every tick. */
function move(tick: number): void {
  for (let n = 0; n < VERIFIED_A_TICK; n++, verified++) {
    ledger.add(piece(order[verified % PIECES] ?? 0), verified % IDENTITIES);
  }
  for (const member of members) {
    if (tick % 10 === 0) for (let n = 0; n < 500; n++) raise(member);
    member.reported(
      {
        ...(tick % 5 === 0 ? { peerList: peersOf(member.index) } : {}),
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
        punched: 0,
        useful: PEERS,
        choking: 4,
        reachability: { kind: 'unknown' },
        begun: Uint32Array.from({ length: 8 }, (_, n) => order[(verified + 8 * member.index + n) % PIECES] ?? 0),
        begunFill: Uint8Array.from({ length: 8 }, () => Math.floor(255 * random())),
        sources: [{ kind: 'tracker', found: 40, trackers: [trackerAt(tick)] }],
        connected: { tracker: PEERS },
      } satisfies SwarmStatus,
      clock.now(),
    );
  }
}

const trackerAt = (tick: number) =>
  ({ url: 'udp://tracker.example:6969', tier: 0, state: 'working', next: millis(1e6 - TICK * tick) }) as const;

function raise({ availability: counts }: Member): void {
  const at = Math.floor(random() * PIECES);
  if (counts !== undefined) counts[at] = (counts[at] ?? 0) + 1;
}

for (const member of members) {
  member.began(millis(0));
  member.sees(Uint16Array.from({ length: PIECES }, () => Math.floor(20 * random())));
}
/** The parts of a download that its snapshots read. */
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
  options: fakeOptions({ identities: IDENTITIES }),
  stats: new DownloadStats(clock, members, { total: bytes(0) }, { downloaded: 0, uploaded: 0 }),
  web: { recent: () => ({ down: 0, up: 0 }) },
  run: { desk: { claimed: () => 10, duplicates: 0 }, availability, hashFailures: 0 },
} as unknown as Download;

const idle = movingEngine(clock, []);
const snapshot = (): DownloadSnapshot =>
  downloadSnapshot(download, clock.now(), bytesPerSecond(0), () => 1, { place: 0 });
const engine: Engine = Object.assign(idle, {
  downloads: () => [snapshot()],
  download: snapshot,
  pieceMap: (): PieceMapSnapshot | undefined => pieceMapSnapshot(download),
  files: () => fileSnapshots(download),
  peers: () => peerSnapshots(download),
  trackers: () => trackerSnapshots(download, clock.now()),
  sources: () => sourceSnapshots(download, clock.now()),
});
const host = new BridgeHost(fakeServices(clock, engine));

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
  ['everything', ['map', 'identities', 'peers', 'sources', 'files', 'history', 'log']],
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
