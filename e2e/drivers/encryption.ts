import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { sameBytes } from '../../core/base/bytes.ts';
import { ENCRYPTION_POLICIES, type EncryptionPolicy } from '../../core/base/choices.ts';
import { piece as pieceAt, type PeerId, type PieceIndex } from '../../core/base/ids.ts';
import { Geometry } from '../../core/metainfo/geometry.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import { accepts } from '../../core/mse/policy.ts';
import { SecretBook } from '../../core/mse/secrets.ts';
import { nodePorts } from '../../core/node/node-ports.ts';
import { Connector } from '../../core/peer/connector.ts';
import { encryptionsOf } from '../../core/peer/encryptions.ts';
import { PeerListener } from '../../core/peer/listener.ts';
import type { PeerSession, SessionHandler } from '../../core/peer/session.ts';

/**
 * Our side of the matrix of encryption: it listens on addresses of each policy, serves the torrent there to whoever comes, and is
 * the tracker that tells a client of them; then it dials the client as often as a line of its input says.
 */
export interface EncryptionDriver {
  readonly torrent: string;
  /** The torrent's only file. */
  readonly payload: string;
  /** Where it is a tracker, on port 6969. */
  readonly tracker: string;
  /** Whether the tracker names our addresses. */
  readonly names: boolean;
  readonly listen: Readonly<Record<EncryptionPolicy, readonly string[]>>;
  /** Addresses from which it dials, in turn. */
  readonly from: readonly string[];
}

/** A line of input: give the torrent to those that are interested. */
export interface ServeOrder {
  readonly do: 'serve';
}

/** A line of input: dial `count` times with this policy. The first one that stands fetches everything. */
export interface DialOrder {
  readonly do: 'dial';
  readonly policy: EncryptionPolicy;
  readonly host: string;
  readonly port: number;
  readonly count: number;
}

/** A line of output. `kind`: of the encryption, or why there is no connection. */
export type DriverLine =
  | { readonly event: 'ready' }
  | { readonly event: 'came'; readonly address: string; readonly policy: EncryptionPolicy; readonly kind: string }
  | { readonly event: 'dialled'; readonly policy: EncryptionPolicy; readonly kind: string }
  | { readonly event: 'fetched'; readonly policy: EncryptionPolicy; readonly right: boolean };

const options = JSON.parse(process.argv[2] ?? '') as EncryptionDriver;
const say = (line: DriverLine): void => console.log(JSON.stringify(line));
const { clock, net, random } = nodePorts();
const { info } = parseTorrent(new Uint8Array(await readFile(options.torrent)));
const payload = new Uint8Array(await readFile(options.payload));
const geometry = new Geometry(info);
const offers = { fast: false, extended: false };
const BLOCK = 16_384;
/** Dials under way at once. */
const AT_ONCE = 16;

const peerId = (): PeerId => Buffer.from(random.bytes(20)).toString('hex') as PeerId;
const at = (piece: PieceIndex, begin: number): number => piece * info.pieceLength + begin;

const silent: SessionHandler = {
  keepAlive() {},
  choke() {},
  unchoke() {},
  interested() {},
  notInterested() {},
  have() {},
  bitfield() {},
  request() {},
  cancel() {},
  blockTarget: () => undefined,
  block() {},
  port() {},
  suggest() {},
  haveAll() {},
  haveNone() {},
  reject() {},
  allowedFast() {},
  extended() {},
  chunkDone() {},
  drained() {},
  hashRequest() {},
  hashes() {},
  hashReject() {},
  closed() {},
};

/** Interested, and to be unchoked when it is time; undefined: it is. Whoever has everything at once would not go on dialling. */
let interested: PeerSession[] | undefined = [];

/** Has everything, and gives it to whoever asks. */
function serve(session: PeerSession): void {
  session.start({
    ...silent,
    interested: () => (interested === undefined ? session.batch.unchoke() : interested.push(session)),
    request: (piece, begin, length) => {
      session.sendBlock(piece, begin, payload.slice(at(piece, begin), at(piece, begin) + length));
      session.flush();
    },
  });
  const bitfield = new Uint8Array(Math.ceil(info.pieceCount / 8));
  for (let i = 0; i < info.pieceCount; i++) bitfield[i >> 3] = (bitfield[i >> 3] ?? 0) | (0x80 >> (i & 7));
  session.sendBitfield(bitfield);
}

/** Fetches everything; resolves to whether it was right. */
function fetchAll(session: PeerSession): Promise<boolean> {
  return new Promise((resolve) => {
    const got = new Uint8Array(payload.length);
    let left = 0;
    let asked = false;
    const done = (right: boolean): void => {
      session.close();
      resolve(right);
    };
    session.start({
      ...silent,
      unchoke: () => {
        if (asked) return;
        asked = true;
        for (let p = 0; p < info.pieceCount; p++) {
          for (let begin = 0; begin < geometry.pieceSize(pieceAt(p)); begin += BLOCK, left++) {
            session.batch.request(pieceAt(p), begin, Math.min(BLOCK, geometry.pieceSize(pieceAt(p)) - begin));
          }
        }
      },
      blockTarget: (piece, begin, length) => got.subarray(at(piece, begin), at(piece, begin) + length),
      block: () => {
        if (--left === 0) done(sameBytes(got, payload));
      },
      closed: () => done(false),
    });
    session.batch.interested();
  });
}

/** The client says what it has: what it sends is decrypted rightly, and so is what we send. */
function untilHeard(session: PeerSession): Promise<string> {
  return new Promise((resolve) => {
    session.start({
      ...silent,
      bitfield: () => resolve(session.encryption),
      closed: (reason) => resolve(`${session.encryption}, then ${JSON.stringify(reason)}`),
    });
  });
}

function accept(policy: EncryptionPolicy, address: string): Promise<PeerListener> {
  const secrets = new SecretBook();
  secrets.add({ infoHash: info.infoHash, policy: () => policy });
  const take = (session: PeerSession): void => {
    say({ event: 'came', address, policy, kind: session.encryption });
    serve(session);
  };
  return PeerListener.open(
    { net, clock },
    { address, port: 6881 },
    (hash, { encryption }) =>
      hash === info.infoHash && accepts(policy, encryption) ? { peerId: peerId(), offers, accept: take } : undefined,
    { encrypted: { random, secrets } },
  );
}

let policyNow: EncryptionPolicy = 'preferred';
let dials = 0;

async function dialAll({ policy, host, port, count }: DialOrder): Promise<void> {
  policyNow = policy;
  let left = count;
  let fetching = false;
  const dialOne = async (): Promise<void> => {
    // A connector of its own each time: nothing is remembered.
    const connector = new Connector(clock, () => ({
      transports: new Map([['tcp', net]]),
      encryptions: encryptionsOf(policyNow, random),
    }));
    const localAddress = options.from[dials++ % options.from.length];
    const to = { remote: { host, port }, localAddress, infoHash: info.infoHash, peerId: peerId(), offers };
    const result = await new Promise<Parameters<Parameters<Connector['connect']>[1]>[0]>((resolve) => {
      connector.connect(to, resolve);
    });
    if ('reason' in result) return say({ event: 'dialled', policy, kind: JSON.stringify(result.reason) });
    if (fetching) {
      say({ event: 'dialled', policy, kind: await untilHeard(result) });
      result.close();
    } else {
      fetching = true;
      say({ event: 'dialled', policy, kind: result.encryption });
      void fetchAll(result).then((right) => say({ event: 'fetched', policy, right }));
    }
  };
  const worker = async (): Promise<void> => {
    while (left-- > 0) await dialOne();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const peers = ENCRYPTION_POLICIES.flatMap((policy) => options.listen[policy]);
const named = options.names ? peers : [];
const compact = Buffer.from(named.flatMap((address) => [...address.split('.').map(Number), 6881 >> 8, 6881 & 255]));
createServer((_, answer) => {
  answer.end(Buffer.concat([Buffer.from(`d8:intervali1800e5:peers${compact.length}:`), compact, Buffer.from('e')]));
}).listen(6969, options.tracker);
for (const policy of ENCRYPTION_POLICIES) {
  for (const address of options.listen[policy]) await accept(policy, address);
}
say({ event: 'ready' });

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const order = JSON.parse(line) as ServeOrder | DialOrder;
    if (order.do === 'dial') return void dialAll(order);
    for (const session of interested ?? []) session.batch.unchoke();
    interested = undefined;
  })
  .on('close', () => process.exit(0));
