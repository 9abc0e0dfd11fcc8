import type { PieceIndex } from '../../base/ids.ts';
import { Bitfield } from '../../base/bitfield.ts';
import type { PickerPeer } from './begun-piece.ts';
import { mayTake, type ShareMap } from './share-map.ts';

/** How many pieces of each peer this identity may still take: it is interested in those with more than none (A10). Follows the share map by itself. */
export class Interest<P extends Pick<PickerPeer, 'pieces'> = PickerPeer> {
  readonly #takeable: Bitfield;
  readonly #counts = new Map<P, number>();
  readonly #listeners: ((peer: P, interesting: boolean) => void)[] = [];

  constructor(share: ShareMap) {
    this.#takeable = new Bitfield(share.pieceCount);
    for (let i = 0; i < share.pieceCount; i++) if (share.mayTake(i as PieceIndex)) this.#takeable.add(i);
    share.onChange((piece, now) => {
      const changed = mayTake(now) ? this.#takeable.add(piece) : this.#takeable.delete(piece);
      if (changed) this.#changed(piece, mayTake(now) ? 1 : -1);
    });
  }

  /** Counts for a peer from now on. What it has already is not reported: ask `count`. */
  addPeer(peer: P): void {
    this.#counts.set(peer, this.#recount(peer));
  }

  removePeer(peer: P): void {
    this.#counts.delete(peer);
  }

  /** A peer's bitfield was filled in as a whole. */
  refresh(peer: P): void {
    if (this.#counts.has(peer)) this.#set(peer, this.#recount(peer));
  }

  /** A peer got a piece that it did not have; its bitfield says so already. */
  have(peer: P, piece: PieceIndex): void {
    const count = this.#counts.get(peer);
    if (count !== undefined && this.#takeable.has(piece)) this.#set(peer, count + 1);
  }

  /** A peer lost a piece that it had; its bitfield says so already. */
  lost(peer: P, piece: PieceIndex): void {
    const count = this.#counts.get(peer);
    if (count !== undefined && this.#takeable.has(piece)) this.#set(peer, count - 1);
  }

  /** Pieces of a peer that may be taken; 0 for one that was not added. */
  count(peer: P): number {
    return this.#counts.get(peer) ?? 0;
  }

  /** Hears of each peer that becomes interesting or ceases to be. */
  onChange(listener: (peer: P, interesting: boolean) => void): void {
    this.#listeners.push(listener);
  }

  #changed(piece: PieceIndex, by: 1 | -1): void {
    for (const [peer, count] of this.#counts) if (peer.pieces.has(piece)) this.#set(peer, count + by);
  }

  #set(peer: P, count: number): void {
    const was = this.#counts.get(peer) ?? 0;
    this.#counts.set(peer, count);
    if (was > 0 === count > 0) return;
    for (const listener of this.#listeners) listener(peer, count > 0);
  }

  #recount(peer: P): number {
    if (peer.pieces.isFull) return this.#takeable.count;
    const a = peer.pieces.bytes;
    const b = this.#takeable.bytes;
    let count = 0;
    for (let i = 0; i < a.length; i++) {
      for (let both = (a[i] ?? 0) & (b[i] ?? 0); both !== 0; both &= both - 1) count++;
    }
    return count;
  }
}
