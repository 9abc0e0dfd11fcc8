import type { TransportName } from '../base/choices.ts';
import type { Millis, PieceIndex } from '../base/ids.ts';
import { type TokenBucket, waitForAll } from '../base/token-bucket.ts';
import type { Timer } from '../ports/clock.ts';
import { sendAhead } from '../strategy/upload/send-ahead.ts';
import { CHUNK_LENGTH, type HeldBytes } from '../store/read-cache.ts';
import { BLOCK_LENGTH } from '../metainfo/geometry.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import type { UploadQueue } from '../peer/upload-queue.ts';
import { writePieceHeader } from '../wire/encode.ts';
import type { SwarmPeer } from './peer.ts';
import type { ShownPieces } from './shown-pieces.ts';
import type { SwarmState } from './state.ts';
import type { LineUser } from './upload-line.ts';

/** Consecutive requests in a chunk of a piece. */
interface BlockRun {
  readonly piece: PieceIndex;
  readonly begin: number;
  length: number;
  readonly blocks: number[];
}

/** The upload side of every peer (B15): requests in, blocks out, within the limits (B16). */
export class UploadSide implements LineUser {
  readonly #state: SwarmState;
  readonly #shown: Pick<ShownPieces, 'shows'>;
  readonly #busy = new Set<SwarmPeer>();
  readonly #waiting = new Set<SwarmPeer>();
  #timer: Timer | undefined;
  readonly #failed: (error: unknown) => void;
  readonly #buckets: UploadBuckets;
  /** Bytes of blocks that were given to TCP. */
  #overTcp = 0;
  /** Of these, bytes that had left at the last call of `load`. */
  #sentBefore = 0;
  /** Bytes that were waiting for peers when these left. */
  #neverSent = 0;

  constructor(state: SwarmState, shown: Pick<ShownPieces, 'shows'>, failed: (error: unknown) => void) {
    this.#state = state;
    this.#shown = shown;
    this.#failed = failed;
    this.#buckets = uploadBuckets(state);
  }

  /** Whether a piece is uploaded: verified, and ours, or a sibling's with sharing on (A5). */
  serves(piece: PieceIndex): boolean {
    const { share, tuning, store, self, seeding } = this.#state;
    if (share.get(piece) !== PieceShare.present) return false;
    return tuning.share || seeding || store.ownerOf(piece) === self.identity;
  }

  requested(peer: SwarmPeer, piece: PieceIndex, begin: number, length: number): void {
    const granted = peer.amChoking && peer.grantedFast.has(piece) && length <= peer.fastBudget;
    const allowed = !peer.amChoking || granted;
    const known = this.serves(piece) && this.#shown.shows(peer, piece);
    if (!known || !allowed || !peer.uploads.add(piece, begin, length)) {
      if (peer.session.fast) peer.session.batch.reject(piece, begin, length);
      return;
    }
    if (granted) peer.fastBudget -= length;
    void this.#serve(peer);
  }

  cancelled(peer: SwarmPeer, piece: PieceIndex, begin: number, length: number): void {
    // BEP 6: every request is answered, by its block or by a reject.
    if (peer.uploads.cancel(piece, begin, length) && peer.session.fast) {
      peer.session.batch.reject(piece, begin, length);
    }
  }

  /** A piece is not served any more: who asked for it hears so, where it understands that (BEP 6). */
  lost(piece: PieceIndex): void {
    for (const peer of this.#state.peers) {
      if (peer.uploads.size === 0) continue;
      for (const asked of peer.uploads.clear()) {
        if (asked.piece !== piece) peer.uploads.add(asked.piece, asked.begin, asked.length);
        else if (peer.session.fast) peer.session.batch.reject(piece, asked.begin, asked.length);
      }
    }
  }

  /** Drops a peer's requests when we choke it, with rejects where the peer understands them (BEP 6). */
  clear(peer: SwarmPeer): void {
    for (const { piece, begin, length } of peer.uploads.clear()) {
      if (peer.session.fast) peer.session.batch.reject(piece, begin, length);
    }
  }

  forget(peer: SwarmPeer): void {
    // Its connection is closed, so that nothing of it is sent any more.
    for (const { release } of peer.sending.splice(0)) release();
    if (overTcp(peer)) this.#neverSent += peer.session.unsent;
    peer.uploads.clear();
    this.#waiting.delete(peer);
    this.#busy.delete(peer);
  }

  /** The peer's socket has room again. */
  drained(peer: SwarmPeer): void {
    letGo(peer);
    if (peer.uploads.size > 0) void this.#serve(peer);
  }

  get leeching(): boolean {
    return !this.#state.seeding;
  }

  load(now: Millis): { readonly sent: number; readonly waiting: number; readonly down: number } {
    let waiting = 0;
    let down = 0;
    for (const peer of this.#state.peers) if (overTcp(peer)) waiting += peer.session.unsent;
    for (const source of this.#state.sources) down += source.down.rate(now);
    const gone = this.#overTcp - this.#neverSent - waiting;
    const sent = Math.max(0, gone - this.#sentBefore);
    this.#sentBefore = gone;
    return { sent, waiting, down };
  }

  start(): void {
    this.#state.line.join(this);
  }

  stop(): void {
    this.#state.line.leave(this);
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting.clear();
  }

  async #serve(peer: SwarmPeer): Promise<void> {
    if (this.#busy.has(peer)) return;
    this.#busy.add(peer);
    try {
      while (peer.uploads.size > 0 && this.#isThere(peer)) {
        const ahead = sendAhead(peer.up.rate(this.#state.ports.clock.now()));
        if (peer.session.queued >= ahead) break;
        if (!this.#hasTokens(peer)) break;
        const run = takeRun(peer.uploads, ahead);
        if (run === undefined) break;
        const shared = isPlainTcp(peer) && this.#isWhole(run);
        const { data, release } = await this.#read(run, shared);
        if (this.#isThere(peer)) {
          if (shared) sendShared(peer, run, data);
          else sendOwn(peer, run, data);
          this.#sent(peer, run.length);
          peer.sending.push({ until: peer.session.written, release });
          letGo(peer);
        } else {
          release();
          break;
        }
      }
    } catch (error) {
      // If the peer has left meanwhile its blocks do not matter, and the files may be closed.
      if (this.#isThere(peer)) this.#failed(error);
    } finally {
      this.#busy.delete(peer);
    }
  }

  /** Whether it consists of whole blocks as they lie in the cache. */
  #isWhole({ piece, begin, length, blocks }: BlockRun): boolean {
    const size = this.#state.geometry.pieceSize(piece);
    if (begin % BLOCK_LENGTH !== 0 || begin + length > size || chunkOf(begin) !== chunkOf(begin + length - 1))
      return false;
    return blocks.every((one, i) => one === Math.min(BLOCK_LENGTH, size - begin - i * BLOCK_LENGTH));
  }

  /** The bytes of a run: shared with others where nobody changes them and it is known when they have left. */
  async #read({ piece, begin, length }: BlockRun, shared: boolean): Promise<HeldBytes> {
    const { store, geometry } = this.#state;
    if (shared) return store.holdBlocks(piece, begin, length);
    const real = geometry.pieceSize(piece) - begin;
    const data = new Uint8Array(length);
    if (real > 0) await store.read(piece, begin, data.subarray(0, real));
    return { data, release: () => {} };
  }

  #isThere(peer: SwarmPeer): boolean {
    return this.#state.peers.has(peer) && !peer.session.over;
  }

  #sent(peer: SwarmPeer, bytes: number): void {
    const now = this.#state.ports.clock.now();
    peer.up.add(bytes, now);
    if (peer.amChoking) peer.gifts += bytes;
    else {
      peer.tradedAt = now;
      peer.declines = false;
    }
    this.#state.totals.uploaded += bytes;
    if (overTcp(peer)) this.#overTcp += bytes;
    for (const bucket of this.#buckets[peer.session.transport]) bucket.spend(bytes, now);
  }

  /** Whether every bucket is out of debt; otherwise the peer waits until then. */
  #hasTokens(peer: SwarmPeer): boolean {
    const { clock } = this.#state.ports;
    const wait = waitForAll(this.#buckets[peer.session.transport], clock.now());
    if (wait <= 0) return true;
    this.#waiting.add(peer);
    this.#timer ??= clock.after(wait, () => {
      this.#timer = undefined;
      const peers = [...this.#waiting];
      this.#waiting.clear();
      for (const waiting of peers) void this.#serve(waiting);
    });
    return false;
  }
}

type UploadBuckets = Readonly<Record<TransportName, readonly TokenBucket[]>>;

/** The buckets of what is uploaded: those of the limits, and over TCP that of the line too, as uTP yields by itself. */
export function uploadBuckets({ buckets, line }: Pick<SwarmState, 'buckets' | 'line'>): UploadBuckets {
  return { tcp: [...buckets.up, line.bucket], utp: buckets.up };
}

/** Its blocks leave as they are, and the system has them once they are no longer `unsent`. */
const isPlainTcp = ({ session }: SwarmPeer): boolean => session.encryption === 'plain' && session.transport === 'tcp';

function sendOwn({ session }: SwarmPeer, { piece, begin, blocks }: BlockRun, data: Uint8Array): void {
  let at = 0;
  for (const length of blocks) {
    session.sendBlock(piece, begin + at, data.subarray(at, at + length));
    at += length;
  }
  session.flush();
}

/** Others may be getting the same memory: the heads that are written into it are the same for all. */
function sendShared({ session }: SwarmPeer, { piece, begin, length, blocks }: BlockRun, data: Uint8Array): void {
  let at = 0;
  let offset = begin;
  for (const block of blocks) {
    at = writePieceHeader(data, at, piece, offset, block) + block;
    offset += block;
  }
  session.sendBlocks(data, length);
  session.flush();
}

/** Lets go of what has left. To a peer that asks on and on something is always `unsent`. */
function letGo({ session, sending }: SwarmPeer): void {
  const left = session.written - session.unsent;
  for (let [first] = sending; first !== undefined && first.until <= left; [first] = sending) {
    sending.shift();
    first.release();
  }
}

const overTcp = ({ session }: SwarmPeer): boolean => session.transport === 'tcp';

const chunkOf = (begin: number): number => Math.floor(begin / CHUNK_LENGTH);

/** Takes the oldest request and those that continue where it ends in the same chunk, up to `longest` bytes. */
function takeRun(queue: UploadQueue, longest: number): BlockRun | undefined {
  const first = queue.shift();
  if (first === undefined) return undefined;
  const run: BlockRun = { ...first, blocks: [first.length] };
  for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
    if (next.piece !== run.piece || next.begin !== run.begin + run.length || run.length + next.length > longest) break;
    if (chunkOf(next.begin + next.length - 1) !== chunkOf(run.begin)) break;
    queue.shift();
    run.blocks.push(next.length);
    run.length += next.length;
  }
  return run;
}
