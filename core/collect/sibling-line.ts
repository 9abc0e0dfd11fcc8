import { formatEndpoint } from '../base/endpoint.ts';
import type { HttpHead } from '../base/http-answer.ts';
import { type InfoHash, type PieceIndex } from '../base/ids.ts';
import { type TokenBucket, waitForAll } from '../base/token-bucket.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import { expectAgreement, hashingOf, isPieceRight, type PieceHashes } from '../metainfo/piece-check.ts';
import type { Timer } from '../ports/clock.ts';
import type { Ports } from '../ports/ports.ts';
import { HttpStream } from '../webseed/http-stream.ts';
import { nearFirst } from './near-first.ts';
import { piecesPath } from './piece-list.ts';
import { authorization, proofOf, readChallenge } from './proof.ts';

/** A machine that fails is left alone for this long, and longer each time, milliseconds. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60_000;
/** After so many wrong pieces nothing is asked of a machine any more. */
const MOST_WRONG = 3;
/** A machine that gave nothing for this long counts as one that never will, milliseconds. */
const PATIENCE = 180_000;
/** Bytes of pieces that are hashed and written; then no more is read. */
const MAX_BACKLOG = 16 * 1024 * 1024;

export interface LineOptions {
  readonly ports: Pick<Ports, 'net' | 'interfaces' | 'clock' | 'hasher'>;
  readonly infoHash: InfoHash;
  readonly info: PieceHashes;
  readonly geometry: Geometry;
  readonly userAgent: string;
  /** Limit of what comes. */
  readonly limit: TokenBucket;
  /** What the group alone knows. */
  secret(): Uint8Array | undefined;
  /** Writes a piece that is right, and records that. */
  keep(piece: PieceIndex, data: Uint8Array): Promise<void>;
  readonly events: LineEvents;
}

export interface LineEvents {
  /** So many bytes of pieces came. */
  came(bytes: number): void;
  /** It is not on its way any more: kept, or to be asked for again. */
  settled(piece: PieceIndex, kept: boolean): void;
  /** Why a request brought nothing, or not all. */
  failed(why: string): void;
  /** Something here fails: a disk, or the torrent's own hashes. */
  broke(error: unknown): void;
  /** It may be asked for more. */
  idle(): void;
}

/** The line to one other machine of the group, over which its pieces come, several with each request. */
export class SiblingLine {
  readonly #o: LineOptions;
  readonly #stream: HttpStream;
  #hosts: readonly string[] = [];
  #port = 0;
  #nonce: string | undefined;
  /** What was asked for and has not come, the next one first. */
  #pieces: PieceIndex[] = [];
  #buffer: Uint8Array | undefined;
  #filled = 0;
  #head: HttpHead | undefined;
  /** The proof was not taken before. */
  #proved = false;
  #failures = 0;
  #wrong = 0;
  #notBefore = 0;
  /** Since when it gives nothing. */
  #failsSince: number | undefined;
  #backlog = 0;
  #pause: Timer | undefined;

  constructor(options: LineOptions) {
    this.#o = options;
    const { ports, userAgent } = options;
    this.#stream = new HttpStream({
      ports,
      // It leads to a machine of one's own, by whatever link that is reached.
      address: undefined,
      userAgent,
      // No list keeps one's own machines out.
      barred: () => false,
      events: {
        head: (head) => (this.#head = head),
        body: (part) => this.#received(part),
        chunkDone: () => this.#pace(),
        ended: () => this.#ended(),
        failed: (why) => this.#failed(why),
      },
    });
  }

  /** Where it gives out its pieces, as it says now. */
  setPlace(hosts: readonly string[], port: number): void {
    if (this.#port === port && this.#hosts.join() === hosts.join()) return;
    this.#hosts = hosts;
    this.#port = port;
    this.#nonce = undefined;
    this.#failures = 0;
    this.#failsSince = undefined;
    this.#notBefore = 0;
  }

  get busy(): boolean {
    return this.#pieces.length > 0;
  }

  /** Whether it may be asked for something. */
  get ready(): boolean {
    const { ports, secret } = this.#o;
    // Of what was asked for all may have come while the answer is not over.
    if (this.busy || this.#stream.busy || this.#wrong >= MOST_WRONG || this.#hosts.length === 0) return false;
    return ports.clock.now() >= this.#notBefore && this.#backlog <= MAX_BACKLOG && secret() !== undefined;
  }

  /** Whether its pieces had better be fetched elsewhere. */
  get useless(): boolean {
    const { clock } = this.#o.ports;
    const fails = this.#failsSince !== undefined && clock.now() - this.#failsSince >= PATIENCE;
    return fails || this.#wrong >= MOST_WRONG;
  }

  /** Ascending. Only while it is ready. */
  ask(pieces: readonly PieceIndex[]): void {
    this.#pieces = [...pieces];
    this.#proved = false;
    this.#send();
  }

  /** What has not come is to be asked for elsewhere. */
  stop(): void {
    this.#stream.stop();
    this.#giveUp();
  }

  #send(): void {
    const { infoHash, geometry, secret, ports } = this.#o;
    const hosts = nearFirst(this.#hosts, ports.interfaces.list());
    const host = hosts[this.#failures % hosts.length] ?? '';
    const target = piecesPath(infoHash, this.#pieces);
    const to = this.#pieces.reduce((sum, piece) => sum + geometry.pieceSize(piece), 0);
    const known = secret();
    const range = `bytes=0-${to - 1}`;
    const nonce = this.#nonce;
    const proof =
      known !== undefined && nonce !== undefined
        ? authorization({ nonce, mac: proofOf(known, { method: 'GET', path: target, range, nonce }) })
        : undefined;
    this.#head = undefined;
    this.#filled = 0;
    this.#stream.get({
      place: { url: new URL(`http://${formatEndpoint({ host, port: this.#port })}`), target },
      from: 0,
      to,
      authorization: proof,
    });
  }

  #received(part: Uint8Array): void {
    const { geometry, ports, limit, events } = this.#o;
    if (this.#head?.status !== 206) return;
    limit.spend(part.length, ports.clock.now());
    events.came(part.length);
    for (let at = 0; at < part.length;) {
      const [piece] = this.#pieces;
      // More than was asked for is nothing to us.
      if (piece === undefined) return;
      const size = geometry.pieceSize(piece);
      this.#buffer ??= ports.hasher.allocate(geometry.pieceLength);
      const some = part.subarray(at, at + size - this.#filled);
      this.#buffer.set(some, this.#filled);
      this.#filled += some.length;
      at += some.length;
      if (this.#filled < size) return;
      const whole = this.#buffer.subarray(0, size);
      this.#buffer = undefined;
      this.#filled = 0;
      this.#pieces.shift();
      void this.#finish(piece, whole);
    }
  }

  /** Every piece is hashed before it is written, whoever it came from. */
  async #finish(piece: PieceIndex, data: Uint8Array): Promise<void> {
    const { info, geometry, ports, keep, events } = this.#o;
    this.#backlog += geometry.pieceLength;
    let kept = false;
    try {
      const hashed = await ports.hasher.hashMoving(data, hashingOf(info, geometry, piece));
      if (isPieceRight(info, piece, hashed.digest)) {
        await keep(piece, hashed.data);
        kept = true;
        this.#failures = 0;
        this.#failsSince = undefined;
      } else {
        expectAgreement(info, piece, hashed.digest);
        this.#wrong++;
        events.failed(`piece ${piece} is wrong${this.#wrong < MOST_WRONG ? '' : '; it is not asked any more'}`);
      }
    } catch (error) {
      events.broke(error);
    } finally {
      this.#backlog -= geometry.pieceLength;
      events.settled(piece, kept);
      this.#pace();
    }
  }

  /** Reads on as fast as the limit and the disk let it. */
  #pace(): void {
    const { ports, limit, events } = this.#o;
    const wait = waitForAll([limit], ports.clock.now());
    if (wait === 0 && this.#backlog <= MAX_BACKLOG) {
      this.#stream.resume();
      if (!this.busy) events.idle();
      return;
    }
    this.#stream.pause();
    if (wait === 0) return;
    this.#pause ??= ports.clock.after(wait, () => {
      this.#pause = undefined;
      this.#pace();
    });
  }

  #ended(): void {
    const status = this.#head?.status ?? 0;
    const nonce = readChallenge(this.#head?.headers.get('www-authenticate')?.[0]);
    if (status === 401 && nonce !== undefined && !this.#proved) {
      this.#nonce = nonce;
      this.#proved = true;
      return this.#send();
    }
    if (this.#pieces.length === 0) return this.#o.events.idle();
    if (status === 206) this.#failed('not all that was asked for came');
    else if (status === 401) this.#failed('it does not take us for one of the group');
    else this.#failed(`it answers with ${status}`);
  }

  #failed(why: string): void {
    const { ports, events } = this.#o;
    this.#failures++;
    this.#failsSince ??= ports.clock.now();
    // Another address of the same machine may be tried at once.
    const round = Math.floor(this.#failures / Math.max(1, this.#hosts.length));
    const wait = round === 0 ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(10, round - 1));
    this.#notBefore = ports.clock.now() + wait;
    this.#giveUp();
    if (round > 0) events.failed(why);
    events.idle();
  }

  #giveUp(): void {
    this.#pause?.cancel();
    this.#pause = undefined;
    this.#stream.resume();
    this.#buffer = undefined;
    this.#filled = 0;
    for (const piece of this.#pieces.splice(0)) this.#o.events.settled(piece, false);
  }
}
