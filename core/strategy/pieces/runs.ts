import { type PieceIndex, type Rng, piece as pieceIndex } from '../../base/ids.ts';
import type { Availability } from './availability.ts';
import type { PickerPeer } from './begun-piece.ts';
import type { PiecePool } from './piece-pool.ts';
import { chooseRun } from './run-choice.ts';
import { PieceShare, type ShareMap } from './share-map.ts';

interface RunsNeeds {
  readonly share: ShareMap;
  readonly availability: Availability;
  readonly pool: PiecePool;
  readonly rng: Rng;
  readonly isBegun: (piece: PieceIndex) => boolean;
}

/** Where each server is, that it may be asked for pieces that follow one another (BEP 19), and which come next. */
export class Runs<P extends PickerPeer> {
  readonly #needs: RunsNeeds;
  /** The piece that it was asked for last, and the one that was last claimed for it. */
  readonly #asked = new WeakMap<P, PieceIndex>();
  readonly #claimed = new WeakMap<P, PieceIndex>();

  constructor(needs: RunsNeeds) {
    this.#needs = needs;
  }

  /** The piece that it was asked for last. */
  last(peer: P): PieceIndex | undefined {
    return this.#asked.get(peer);
  }

  /** A piece of ours that is not begun: the next one, or the first of another run of `most`. */
  next(peer: P, most: number): PieceIndex | undefined {
    const next = this.#follow(this.#asked.get(peer), peer, PieceShare.mine, most);
    if (next !== undefined) this.#asked.set(peer, next);
    return next;
  }

  /** Up to `count` pieces that may be claimed, without those in `except`. */
  toClaim(peer: P, count: number, except: ReadonlySet<PieceIndex>): PieceIndex[] {
    const out: PieceIndex[] = [];
    const taken = new Set(except);
    let last = this.#claimed.get(peer) ?? this.#asked.get(peer);
    while (out.length < count) {
      const next = this.#follow(last, peer, PieceShare.open, count - out.length, taken);
      if (next === undefined) break;
      out.push(next);
      taken.add(next);
      this.#claimed.set(peer, next);
      last = next;
    }
    return out;
  }

  #follow(
    last: PieceIndex | undefined,
    peer: P,
    state: PieceShare,
    most: number,
    except?: ReadonlySet<PieceIndex>,
  ): PieceIndex | undefined {
    const { share, availability, pool, rng, isBegun } = this.#needs;
    const order = state === PieceShare.mine ? pool.mine : pool.open;
    if (order.size === 0) return undefined;
    if (pool.sequential) {
      const found: PieceIndex[] = [];
      order.find(peer.pieces, 1, found, except);
      return found[0];
    }
    // Pieces that nobody else has come from it or from nowhere.
    const rarest = availability.seeds <= 1;
    const worth = (piece: PieceIndex): number => {
      if (share.get(piece) !== state || !peer.pieces.has(piece) || isBegun(piece) || except?.has(piece) === true)
        return 0;
      const priority = pool.priority(piece);
      return priority === 0 ? 0 : 2 * priority + (rarest && availability.rarity(piece) === 0 ? 1 : 0);
    };
    if (last !== undefined) {
      const next = pieceIndex(last + 1);
      if (next < share.pieceCount && worth(next) >= Math.max(1, 2 * pool.priority(last))) return next;
    }
    const from = last ?? pieceIndex(Math.floor(rng() * share.pieceCount));
    return chooseRun({ pieceCount: share.pieceCount, worth, most, order: peer.runs ?? 'longest', from, rng });
  }
}
