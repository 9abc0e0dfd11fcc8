import { Bitfield } from '../base/bitfield.ts';
import type { Endpoint } from '../base/endpoint.ts';
import {
  type BytesPerSecond,
  bytesPerSecond,
  type Millis,
  millis,
  type PeerId,
  piece as pieceIndex,
  type PieceIndex,
} from '../base/ids.ts';
import { BLOCK_LENGTH, Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Net } from '../ports/net.ts';
import { dialPeer } from './dial.ts';
import type { DialFailure } from './end-reason.ts';
import type { PeerSession, SessionHandler } from './session.ts';

/** Blocks that it is asked for ahead: 4 MiB, which no usual client refuses, and which fill 1 Gbit/s over 30 ms. */
const AHEAD = 256;
/** How long a peer may take until its first block: those that are busy give everybody a turn after a while. */
const PATIENCE = millis(30_000);
/** Until then a connection is still gaining speed. */
const WARM_UP = millis(1000);

export interface SpeedProbeOptions {
  readonly remote: Endpoint;
  /** The local address from which it is dialled. */
  readonly from: string;
  readonly info: Pick<Info, 'infoHash' | 'pieceCount' | 'pieceLength' | 'length' | 'files'>;
  readonly peerId: PeerId;
  /** For how long blocks are counted. */
  readonly time: Millis;
  readonly signal: AbortSignal;
}

export type Speed =
  | { readonly kind: 'measured'; readonly rate: BytesPerSecond }
  /** What the peer did instead: `closed the connection`. */
  | { readonly kind: 'failed'; readonly why: string };

/** How fast a peer sends to a local address: it is asked for blocks for a while, and nothing of them is kept. Never rejects. */
export function probeSpeed(
  ports: { readonly clock: Clock; readonly net: Pick<Net, 'dial'> },
  options: SpeedProbeOptions,
): Promise<Speed> {
  const { remote, from, info, peerId, signal } = options;
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = (speed: Speed): void => {
      over.abort();
      resolve(speed);
    };
    let session: PeerSession | undefined;
    const offers = { fast: false, extended: false };
    const { infoHash } = info;
    const dial = dialPeer(ports, { remote, localAddress: from, infoHash, peerId, offers }, (result) => {
      if ('reason' in result) end({ kind: 'failed', why: whyNot(result.reason) });
      else {
        session = result;
        result.start(new Sink(result, ports.clock, options, end));
      }
    });
    const stop = (): void => {
      dial.cancel();
      session?.close();
      end({ kind: 'failed', why: 'was interrupted' });
    };
    signal.addEventListener('abort', stop, { signal: over.signal });
  });
}

/** Asks for what the peer has, from some place on and round again, and throws it away. */
class Sink implements SessionHandler {
  readonly #session: PeerSession;
  readonly #clock: Clock;
  readonly #o: SpeedProbeOptions;
  readonly #end: (speed: Speed) => void;
  readonly #geometry: Geometry;
  #has: Bitfield;
  #piece = 0;
  #begin = 0;
  #asked = 0;
  #choked = true;
  /** When blocks began to count. */
  #since: Millis | undefined;
  #bytes = 0;
  #timer: Timer;
  #came = false;

  constructor(session: PeerSession, clock: Clock, options: SpeedProbeOptions, end: (speed: Speed) => void) {
    this.#session = session;
    this.#clock = clock;
    this.#o = options;
    this.#end = end;
    this.#geometry = new Geometry(options.info);
    this.#has = new Bitfield(options.info.pieceCount);
    session.setMaxBitfield(this.#has.bytes.length);
    session.batch.interested();
    this.#timer = clock.after(PATIENCE, () => this.#over({ kind: 'failed', why: 'sent nothing within 30 s' }));
  }

  unchoke(): void {
    this.#choked = false;
    this.#ask();
  }

  /** What was asked for and not sent is forgotten. */
  choke(): void {
    this.#choked = true;
    this.#asked = 0;
  }

  have(piece: PieceIndex): void {
    this.#has.add(piece);
  }

  bitfield(data: Uint8Array): void {
    this.#has = Bitfield.fromWire(this.#o.info.pieceCount, data) ?? this.#has;
  }

  haveAll(): void {
    this.#has.setAll();
  }

  blockTarget(): undefined {
    return undefined;
  }

  block(_piece: PieceIndex, _begin: number, length: number): void {
    this.#asked = Math.max(0, this.#asked - 1);
    if (!this.#came) {
      this.#came = true;
      this.#wait(WARM_UP, () => {
        this.#since = this.#clock.now();
        this.#wait(this.#o.time, () => this.#tell());
      });
    }
    if (this.#since !== undefined) this.#bytes += length;
    this.#ask();
  }

  reject(): void {
    this.#asked = Math.max(0, this.#asked - 1);
  }

  closed(reason: DialFailure['reason']): void {
    this.#over({ kind: 'failed', why: whyNot(reason) });
  }

  drained(): void {}
  chunkDone(): void {}
  keepAlive(): void {}
  interested(): void {}
  notInterested(): void {}
  request(): void {}
  cancel(): void {}
  port(): void {}
  suggest(): void {}
  haveNone(): void {}
  allowedFast(): void {}
  extended(): void {}
  hashRequest(): void {}
  hashes(): void {}
  hashReject(): void {}

  #wait(time: Millis, then: () => void): void {
    this.#timer.cancel();
    this.#timer = this.#clock.after(time, then);
  }

  #ask(): void {
    while (!this.#choked && this.#asked < AHEAD && this.#next()) {
      const length = Math.min(BLOCK_LENGTH, this.#geometry.pieceSize(pieceIndex(this.#piece)) - this.#begin);
      this.#session.batch.request(pieceIndex(this.#piece), this.#begin, length);
      this.#begin += length;
      this.#asked++;
    }
  }

  /** Goes to the next block of a piece that the peer has; false: it has none. */
  #next(): boolean {
    const { pieceCount } = this.#o.info;
    for (let tries = 0; tries <= pieceCount; tries++) {
      if (this.#has.has(this.#piece) && this.#begin < this.#geometry.pieceSize(pieceIndex(this.#piece))) return true;
      this.#piece = (this.#piece + 1) % pieceCount;
      this.#begin = 0;
    }
    return false;
  }

  #tell(): void {
    const time = this.#clock.now() - (this.#since ?? 0);
    this.#over({ kind: 'measured', rate: bytesPerSecond(Math.round((this.#bytes * 1000) / time)) });
  }

  #over(speed: Speed): void {
    this.#timer.cancel();
    this.#end(speed);
    this.#session.close();
  }
}

function whyNot(reason: DialFailure['reason']): string {
  switch (reason.kind) {
    case 'local':
    case 'remote':
      return 'closed the connection';
    case 'timeout':
      return 'does not answer';
    case 'error':
      return `cannot be reached (${reason.code})`;
    case 'protocol':
      return `broke the protocol: ${reason.message}`;
  }
}
