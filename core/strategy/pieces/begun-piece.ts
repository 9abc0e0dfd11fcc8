import type { Bitfield } from '../../base/bitfield.ts';
import type { Millis, PieceIndex } from '../../base/ids.ts';

/** A peer as the picker sees it. */
export interface PickerPeer {
  /** What it has. */
  readonly pieces: Bitfield;
  /** Its address; undefined: not known. */
  readonly host?: string | undefined;
  /** Bytes a second that it sends; keeps slow peers off pieces that fast ones began. Undefined: not known. */
  readonly rate?: number | undefined;
  /** It has blocks from peers of its own: its rate is not that of one peer, and it brings no piece alone. */
  readonly several?: boolean | undefined;
  /** It is a server, best asked for pieces that follow one another: from the first on, or wherever most do. Undefined: it is none. */
  readonly runs?: 'first' | 'longest' | undefined;
}

/** A block to request. */
export interface BlockRef {
  readonly piece: PieceIndex;
  readonly block: number;
  /** Bytes. */
  readonly begin: number;
  readonly length: number;
}

/** How many hosts that gave up a piece are remembered; once there are more, all may try again. */
const MOST_BARRED = 64;

const MISSING = 0;
const REQUESTED = 1;
const RECEIVED = 2;

/**
 * A piece of which a block was requested or is there (B3). Each block is missing, requested from one peer
 * (from several in the end-game) or received.
 */
export class BegunPiece<P extends PickerPeer = PickerPeer> {
  readonly piece: PieceIndex;
  /** How many blocks it has. */
  readonly blocks: number;
  /** When its first block was requested. Set by the caller, who has a clock. */
  startedAt: Millis | undefined = undefined;
  /** To be fetched from one peer alone, after a hash failure with several contributors. */
  readonly solo: boolean;
  /** The peer that brings it, where it is `solo`. */
  soloist: P | undefined = undefined;
  /** Peers that had it to themselves and gave it up, by host where that is known: others go first. */
  readonly barred = new Set<string | P>();
  /** Rate of the fastest peer that it was requested from. */
  lead = 0;
  /** Place in the picker's list of pieces with missing blocks; -1 where it is not in the list. */
  place = -1;
  readonly #state: Uint8Array;
  /** Whom a block was requested from or, once it is there, who brought it. */
  readonly #from: (P | undefined)[];
  /** Further peers that a block was requested from. */
  #more: Map<number, P[]> | undefined;
  readonly #contributors = new Set<P>();
  #received = 0;
  #missing: number;
  /** No block before `#low` is missing, and none after `#high`. */
  #low = 0;
  #high: number;

  constructor(piece: PieceIndex, blocks: number, solo = false) {
    this.piece = piece;
    this.blocks = blocks;
    this.solo = solo;
    this.#state = new Uint8Array(blocks);
    this.#from = Array.from({ length: blocks }, () => undefined);
    this.#missing = blocks;
    this.#high = blocks - 1;
  }

  /** How many blocks are there. */
  get received(): number {
    return this.#received;
  }

  isThere(block: number): boolean {
    return this.#state[block] === RECEIVED;
  }

  /** How many blocks are neither there nor requested. */
  get missing(): number {
    return this.#missing;
  }

  /** How many blocks are requested. */
  get outstanding(): number {
    return this.blocks - this.#missing - this.#received;
  }

  /** The peers that its blocks came from. */
  get contributors(): ReadonlySet<P> {
    return this.#contributors;
  }

  /** Who brought each block; undefined where it is missing, or was there from an earlier run. */
  senders(): readonly (P | undefined)[] {
    return this.#from.map((peer, block) => (this.#state[block] === RECEIVED ? peer : undefined));
  }

  /** Whether a peer may bring blocks of this piece: a `solo` one belongs to the peer that took it first. */
  mayServe(peer: P): boolean {
    if (!this.solo) return true;
    return this.soloist === peer || (this.soloist === undefined && peer.several !== true && !this.isBarred(peer));
  }

  isBarred(peer: P): boolean {
    return this.barred.has(peer.host ?? peer);
  }

  /** A peer that had the piece to itself gives it up. What it brought stays. */
  resign(peer: P): void {
    if (this.soloist !== peer) return;
    this.soloist = undefined;
    if (this.barred.size >= MOST_BARRED) this.barred.clear();
    this.barred.add(peer.host ?? peer);
  }

  /** Which blocks are there, in wire order: the high bit of byte 0 is block 0. */
  bits(): Uint8Array {
    const out = new Uint8Array((this.blocks + 7) >>> 3);
    for (let block = 0; block < this.blocks; block++) {
      if (this.#state[block] === RECEIVED) out[block >>> 3] = (out[block >>> 3] ?? 0) | (0x80 >>> (block & 7));
    }
    return out;
  }

  /** Marks a missing block, the first or the last, as requested from a peer; -1 where none is missing. */
  take(peer: P, end: 'first' | 'last'): number {
    if (this.#missing === 0) return -1;
    let block: number;
    if (end === 'first') {
      while (this.#state[this.#low] !== MISSING) this.#low++;
      block = this.#low++;
    } else {
      while (this.#state[this.#high] !== MISSING) this.#high--;
      block = this.#high--;
    }
    this.#state[block] = REQUESTED;
    this.#from[block] = peer;
    this.#missing--;
    if (peer.rate !== undefined && peer.several !== true && peer.rate > this.lead) this.lead = peer.rate;
    return block;
  }

  /** How many peers a block is requested from. */
  requesters(block: number): number {
    return this.#state[block] === REQUESTED ? 1 + (this.#more?.get(block)?.length ?? 0) : 0;
  }

  /** Whom a block was requested from first. */
  asked(block: number): P | undefined {
    return this.#from[block];
  }

  requestedFrom(block: number, peer: P): boolean {
    if (this.#state[block] !== REQUESTED) return false;
    return this.#from[block] === peer || this.#more?.get(block)?.includes(peer) === true;
  }

  /** Marks a requested block as requested from one more peer (end-game). */
  double(block: number, peer: P): void {
    this.#more ??= new Map();
    const more = this.#more.get(block);
    if (more === undefined) this.#more.set(block, [peer]);
    else more.push(peer);
  }

  /** Marks a block as there. Returns who else it was requested from; undefined where it was there already or there is no such block. */
  receive(block: number, peer: P): readonly P[] | undefined {
    const state = this.#state[block];
    if (state === undefined || state === RECEIVED) return undefined;
    if (state === MISSING) this.#missing--;
    const others = this.#othersThan(block, peer);
    this.#settle(block, peer);
    this.#contributors.add(peer);
    return others;
  }

  /** Marks a block as there from an earlier run: nobody knows who brought it. */
  keep(block: number): void {
    if (this.#state[block] !== MISSING) return;
    this.#missing--;
    this.#settle(block, undefined);
  }

  /** A block will not come from a peer; true where nobody else was asked for it, so that it is missing now. */
  abandon(block: number, peer: P): boolean {
    if (this.#state[block] !== REQUESTED) return false;
    const more = this.#more?.get(block);
    if (this.#from[block] === peer) this.#from[block] = more?.shift();
    else {
      const at = more?.indexOf(peer) ?? -1;
      if (at < 0) return false;
      more?.splice(at, 1);
    }
    if (more?.length === 0) this.#more?.delete(block);
    if (this.#from[block] !== undefined) return false;
    this.#state[block] = MISSING;
    this.#missing++;
    this.#low = Math.min(this.#low, block);
    this.#high = Math.max(this.#high, block);
    if (this.outstanding === 0) this.lead = 0;
    return true;
  }

  #settle(block: number, from: P | undefined): void {
    this.#state[block] = RECEIVED;
    this.#from[block] = from;
    this.#received++;
    if (this.outstanding === 0) this.lead = 0;
  }

  #othersThan(block: number, peer: P): readonly P[] {
    const first = this.#from[block];
    const more = this.#more?.get(block);
    if (more === undefined) return first === undefined || first === peer ? NOBODY : [first];
    this.#more?.delete(block);
    return first === undefined ? more : [first, ...more].filter((other) => other !== peer);
  }
}

const NOBODY: readonly never[] = Object.freeze([]);
