import { toHex } from '../base/bytes.ts';
import { type InfoHash, millis, type Millis, type PieceIndex } from '../base/ids.ts';
import { type TokenBucket, waitForAll } from '../base/token-bucket.ts';
import { Turns } from '../base/turns.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import type { ServedAnswer, ServedRequest } from '../ports/http-server.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ports } from '../ports/ports.ts';
import { piecesAsked } from './piece-list.ts';
import { challenge, isProof, readAuthorization } from './proof.ts';

/** A nonce is taken for this long, and once more as long as the one before. */
const NONCE_FOR = millis(300_000);
const NONCE_BYTES = 16;
/** Bytes that are read from the disk at a time. */
const CHUNK = 256 * 1024;
/** Where there is a limit fewer, so that whoever shares it with many others does not hear nothing until it takes us for gone. */
const SLOW_CHUNK = 16 * 1024;

export interface PieceServingOptions {
  readonly ports: Pick<Ports, 'clock' | 'random'>;
  readonly infoHash: InfoHash;
  readonly geometry: Geometry;
  /** What the group alone knows; undefined: nobody gets anything. */
  secret(): Uint8Array | undefined;
  /** Whether a piece is verified and lies here. */
  has(piece: PieceIndex): boolean;
  read(piece: PieceIndex, begin: number, into: Uint8Array): Promise<void>;
  /** Limit of what leaves. */
  readonly limit: TokenBucket;
  /** So many bytes of pieces left. */
  gave(bytes: number): void;
}

/** Gives the verified pieces of this machine to those that know the group's secret, and nothing to anybody else. */
export class PieceServing {
  readonly #o: PieceServingOptions;
  /** The nonce that proofs are made for, and the one before. */
  #nonces: readonly string[] = [];
  #since: Millis = millis(0);
  /** Whoever waits for the limit waits for nobody who came later. */
  readonly #turns = new Turns(1);

  constructor(options: PieceServingOptions) {
    this.#o = options;
  }

  answer(request: ServedRequest): ServedAnswer {
    const { infoHash, geometry, has } = this.#o;
    if (request.method !== 'GET') return refusal(405, { Allow: 'GET' });
    // Whether there is such a torrent or piece is nobody's business but the group's.
    if (!this.#isOfGroup(request)) return refusal(401, { 'WWW-Authenticate': challenge(this.#nonce) });
    const pieces = piecesAsked(request.path, infoHash, geometry.pieceCount);
    if (pieces === undefined) return refusal(404);
    if (!pieces.every((piece) => has(piece))) return refusal(503);
    const length = pieces.reduce((sum, piece) => sum + geometry.pieceSize(piece), 0);
    const [, from, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(request.header('range') ?? '') ?? [];
    const start = Number(from ?? 0);
    const end = Math.min(length, last === undefined ? length : Number(last) + 1);
    if (start >= end) return refusal(416, { 'Content-Range': `bytes */${length}` });
    return {
      status: 206,
      headers: {
        'Content-Type': 'application/octet-stream',
        'Content-Range': `bytes ${start}-${end - 1}/${length}`,
        'Content-Length': end - start,
        'Cache-Control': 'no-store',
      },
      body: (signal) => this.#bytes(pieces, start, end, signal),
    };
  }

  #isOfGroup(request: ServedRequest): boolean {
    const secret = this.#o.secret();
    const proof = readAuthorization(request.header('authorization'));
    this.#renew();
    if (secret === undefined || proof === undefined || !this.#nonces.includes(proof.nonce)) return false;
    const { method, path } = request;
    return isProof(secret, { method, path, range: request.header('range') ?? '', nonce: proof.nonce }, proof.mac);
  }

  get #nonce(): string {
    this.#renew();
    return this.#nonces[0] ?? '';
  }

  /** So nobody can ask again much later with what somebody else asked with. */
  #renew(): void {
    const { clock, random } = this.#o.ports;
    const age = clock.now() - this.#since;
    if (this.#nonces.length > 0 && age < NONCE_FOR) return;
    const [last] = age < 2 * NONCE_FOR ? this.#nonces : [];
    this.#nonces = [toHex(random.bytes(NONCE_BYTES)), ...(last === undefined ? [] : [last])];
    this.#since = clock.now();
  }

  async *#bytes(
    pieces: readonly PieceIndex[],
    start: number,
    end: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const { geometry, read, gave, limit, ports } = this.#o;
    const most = limit.unlimited ? CHUNK : SLOW_CHUNK;
    let at = 0;
    for (const piece of pieces) {
      const size = geometry.pieceSize(piece);
      const first = Math.max(0, start - at);
      const last = Math.min(size, end - at);
      for (let begin = first; begin < last; begin += most) {
        const data = new Uint8Array(Math.min(most, last - begin));
        await read(piece, begin, data);
        await this.#turns.run(() => paced(ports.clock, limit, data.length, signal));
        if (signal.aborted) return;
        gave(data.length);
        yield data;
      }
      at += size;
    }
  }
}

/** Resolves when so many bytes may pass. */
async function paced(clock: Clock, limit: TokenBucket, bytes: number, signal: AbortSignal): Promise<void> {
  for (let wait = waitForAll([limit], clock.now()); wait > 0 && !signal.aborted;) {
    await new Promise<void>((resolve) => clock.after(wait, resolve));
    wait = waitForAll([limit], clock.now());
  }
  if (!signal.aborted) limit.spend(bytes, clock.now());
}

function refusal(status: number, headers: Readonly<Record<string, string>> = {}): ServedAnswer {
  return { status, headers: { ...headers, 'Content-Length': 0 } };
}
