import { EnsembleError } from '../base/errors.ts';
import type { Millis, PieceIndex } from '../base/ids.ts';
import { BLOCK_LENGTH } from '../metainfo/geometry.ts';
import { secondsAhead } from '../strategy/ahead.ts';
import type { BlockRef } from '../strategy/picker.ts';
import { requestWindow } from '../strategy/request-window.ts';
import { isSnubbed } from '../strategy/snubbing.ts';
import { PieceShare } from '../strategy/share-map.ts';
import type { SwarmPeer } from './peer.ts';
import { blockKey } from './peer.ts';
import type { SwarmState } from './state.ts';

const LOOK_PERIOD = 100;

/** Blocks beyond those ever asked for that a peer may send: some clients answer a request twice. */
const MOST_UNASKED = 64;

/** What the download side asks of its neighbours. */
export interface DownloadNeeds {
  /** Every block of a piece is there. */
  pieceArrived(piece: PieceIndex): void;
  /** A peer could send more than there is to ask it for. */
  starving(peer: SwarmPeer): void;
}

/** The download side of every peer (B14): requests out, blocks in, end-game, snubbing. */
export class DownloadSide {
  readonly #state: SwarmState;
  readonly #needs: DownloadNeeds;
  readonly #refs: BlockRef[] = [];
  #lookedAt = -Infinity as Millis;
  /** Blocks that were asked of several peers in the end-game, by `blockKey`. */
  readonly #askedTwice = new Set<number>();

  constructor(state: SwarmState, needs: DownloadNeeds) {
    this.#state = state;
    this.#needs = needs;
  }

  /** Asks a peer for as many blocks as its window has room for. */
  refill(peer: SwarmPeer): void {
    const { picker } = this.#state;
    if (!peer.amInterested || (peer.peerChoking && peer.allowedFast.size === 0)) return;
    const room = peer.window - peer.requests.size;
    // A quarter of the window at a time: one write for many requests.
    if (room < 1 || (room < peer.window >> 2 && peer.requests.size > 0)) return;
    const refs = this.#refs;
    refs.length = 0;
    if (peer.peerChoking) this.#pickAllowedFast(peer, room, refs);
    else {
      picker.pick(peer, room, refs);
      if (refs.length < room) this.#needs.starving(peer);
      if (refs.length === 0 && peer.requests.size === 0) this.#endGame(peer, room, refs);
    }
    this.#request(peer, refs);
  }

  /** Where the payload of a block goes; undefined for one that was not asked for. */
  target(peer: SwarmPeer, piece: PieceIndex, begin: number, length: number): Uint8Array | undefined {
    const block = begin / BLOCK_LENGTH;
    if (!peer.requests.has(blockKey(piece, block)) || length !== this.#state.geometry.blockSize(piece, block)) {
      return undefined;
    }
    // A block that several peers were asked for may be arriving from another: it is put in place when complete.
    const scratch = this.#askedTwice.has(blockKey(piece, block)) ? new Uint8Array(length) : undefined;
    peer.receiving = { piece, block, scratch };
    return scratch ?? this.#state.intake.target(piece, begin, length);
  }

  /** A block's payload has come. */
  arrived(peer: SwarmPeer, piece: PieceIndex, begin: number, length: number, kept: boolean): void {
    const { totals, picker, intake } = this.#state;
    const receiving = peer.receiving;
    peer.receiving = undefined;
    totals.downloaded += length;
    peer.pendingDown += length;
    if (++peer.brought > peer.asked + MOST_UNASKED) {
      throw new EnsembleError('protocol', `The peer sent ${peer.brought} blocks, and was asked for ${peer.asked}.`);
    }
    const block = begin / BLOCK_LENGTH;
    const key = blockKey(piece, block);
    const outstanding = peer.requests.get(key);
    if (!kept || outstanding === undefined || receiving === undefined) {
      totals.wasted += length;
      return;
    }
    peer.requests.delete(key);
    // What was not asked for makes no peer a fast one, nor one that answers.
    peer.pendingUseful += length;
    this.#measure(peer, outstanding.sentAt);
    const { fresh, complete, others } = picker.received(piece, block, peer);
    if (!fresh) {
      totals.wasted += length;
      return;
    }
    for (const other of others) this.#cancel(other, piece, block, length);
    this.#askedTwice.delete(key);
    if (receiving.scratch !== undefined) intake.target(piece, begin, length).set(receiving.scratch);
    intake.arrived(piece, begin, length);
    if (complete) this.#needs.pieceArrived(piece);
  }

  /** A peer refused a request (BEP 6), or it was lost. */
  rejected(peer: SwarmPeer, piece: PieceIndex, begin: number): void {
    const block = begin / BLOCK_LENGTH;
    // Numbers out of range may bear the key of another block.
    if (block >= this.#state.geometry.blockCount(piece)) return;
    if (peer.requests.delete(blockKey(piece, block))) this.#state.picker.abandon(piece, block, peer);
    // Else it would be asked for the same again at once.
    peer.allowedFast.delete(piece);
  }

  /** All that was asked of a peer is given up: it choked us, left, or sends nothing. */
  abandon(peer: SwarmPeer): void {
    this.#dropTarget(peer);
    peer.requests.clear();
    this.#state.picker.abandonAll(peer);
  }

  /** What was asked of anyone for a piece is taken back: a sibling has it, or it is to be fetched anew. */
  cancelPiece(piece: PieceIndex): void {
    for (const peer of this.#state.peers) {
      if (peer.receiving?.piece === piece) this.#dropTarget(peer);
      if (peer.requests.size === 0) continue;
      for (const [key, { piece: p, block }] of peer.requests) {
        if (p !== piece) continue;
        peer.requests.delete(key);
        peer.session.batch.cancel(piece, block * BLOCK_LENGTH, this.#state.geometry.blockSize(piece, block));
        this.#state.picker.abandon(piece, block, peer);
      }
      peer.session.flush();
    }
  }

  /** Once a second: windows follow the rates, peers that send nothing lose what they were asked for. */
  tick(now: Millis): void {
    this.#state.picker.unbar(this.#state.peers, (peer) => !peer.peerChoking && !peer.snubbed);
    for (const peer of this.#state.peers) {
      if (isSnubbed({ now, lastBlockAt: peer.lastBlockAt, outstanding: peer.requests.size })) {
        // Once a minute, as it is asked for one block again each time.
        peer.snubbed = true;
        peer.window = 1;
        this.#cancelAll(peer);
        this.abandon(peer);
      }
      this.refill(peer);
    }
  }

  /** The chunk of input is done: rates, window, new requests. */
  chunkDone(peer: SwarmPeer): void {
    if (peer.pendingDown === 0) return;
    const useful = peer.pendingUseful;
    peer.pendingDown = 0;
    peer.pendingUseful = 0;
    if (useful === 0) return;
    const now = this.#state.ports.clock.now();
    peer.down.add(useful, now);
    peer.lastBlockAt = now;
    peer.tradedAt = now;
    peer.snubbed = false;
    this.#resize(peer, now);
    this.refill(peer);
  }

  #resize(peer: SwarmPeer, now: Millis): void {
    const rate = peer.down.rate(now);
    peer.slowStart = rate > peer.rate;
    peer.rate = rate;
    this.#lookAhead(now);
    peer.window = requestWindow({
      rate,
      latency: peer.latency ?? (0 as Millis),
      reqq: peer.requestQueue,
      blockLength: BLOCK_LENGTH,
      window: peer.window,
      slowStart: peer.slowStart,
      ahead: this.#state.ahead,
    });
  }

  /** Now and then: how much is left for this identity, against what it receives. */
  #lookAhead(now: Millis): void {
    if (now - this.#lookedAt < LOOK_PERIOD) return;
    this.#lookedAt = now;
    const { share, picker, peers, geometry, self } = this.#state;
    const own = share.count(PieceShare.mine) + share.count(PieceShare.both) - picker.begun.size;
    const pieces = Math.max(0, own) + share.count(PieceShare.open) / self.count;
    let rate = 0;
    for (const peer of peers) rate += peer.rate;
    this.#state.ahead = secondsAhead({ unrequested: pieces * geometry.pieceLength, rate });
  }

  #request(peer: SwarmPeer, refs: readonly BlockRef[]): void {
    if (refs.length === 0) return;
    const now = this.#state.ports.clock.now();
    const { batch } = peer.session;
    const { begun } = this.#state.picker;
    if (peer.requests.size === 0) peer.lastBlockAt = now;
    let last = -1;
    for (const { piece, block, begin, length } of refs) {
      if (piece !== last) {
        last = piece;
        const entry = begun.get(piece);
        if (entry !== undefined) entry.startedAt ??= now;
      }
      peer.requests.set(blockKey(piece, block), { piece, block, sentAt: now });
      peer.asked++;
      batch.request(piece, begin, length);
    }
    peer.session.flush();
  }

  /** Blocks that are out at others are asked of this peer too, once nothing else is left that it could bring (B14). */
  #endGame(peer: SwarmPeer, room: number, refs: BlockRef[]): void {
    const { picker } = this.#state;
    if (picker.candidates(peer.pieces, 1).length > 0) return;
    const slow = picker.slowSolo(peer);
    if (slow !== undefined) {
      this.#startAgain(slow);
      picker.pickPiece(peer, slow, room, refs);
      return;
    }
    picker.pickEndGame(peer, room, refs);
    for (const { piece, block } of refs) this.#askedTwice.add(blockKey(piece, block));
  }

  /** What one peer alone brought of a piece is dropped: another will. */
  #startAgain(piece: PieceIndex): void {
    const { picker, intake, totals, geometry } = this.#state;
    const received = picker.begun.get(piece)?.received ?? 0;
    totals.wasted += Math.min(received * BLOCK_LENGTH, geometry.pieceSize(piece));
    this.cancelPiece(piece);
    intake.drop(piece);
    picker.solo(piece);
  }

  #pickAllowedFast(peer: SwarmPeer, room: number, refs: BlockRef[]): void {
    for (const piece of peer.allowedFast) {
      if (refs.length >= room) return;
      if (peer.pieces.has(piece)) this.#state.picker.pickPiece(peer, piece, room - refs.length, refs);
    }
  }

  #cancelAll(peer: SwarmPeer): void {
    for (const { piece, block } of peer.requests.values()) {
      peer.session.batch.cancel(piece, block * BLOCK_LENGTH, this.#state.geometry.blockSize(piece, block));
    }
    peer.session.flush();
  }

  #cancel(peer: SwarmPeer, piece: PieceIndex, block: number, length: number): void {
    if (!peer.requests.delete(blockKey(piece, block))) return;
    if (peer.receiving?.piece === piece && peer.receiving.block === block) this.#dropTarget(peer);
    peer.session.batch.cancel(piece, block * BLOCK_LENGTH, length);
    peer.session.flush();
    this.refill(peer);
  }

  /** The rest of the block that is arriving is skipped: its memory is no longer ours to write. */
  #dropTarget(peer: SwarmPeer): void {
    if (peer.receiving === undefined) return;
    peer.receiving = undefined;
    peer.session.dropTarget();
  }

  #measure(peer: SwarmPeer, sentAt: Millis): void {
    if (peer.requests.size > 0 && peer.latency !== undefined) return;
    const sample = this.#state.ports.clock.now() - sentAt;
    peer.latency = (peer.latency === undefined ? sample : 0.75 * peer.latency + 0.25 * sample) as Millis;
  }
}
