import { type IdentityIndex, identityIndex, millis, piece as pieceIndex, type PieceIndex } from '../base/ids.ts';
import type { Random } from '../ports/random.ts';
import { fixedRange } from '../strategy/claims/fixed-range.ts';
import { PieceShare, type ShareMap } from '../strategy/pieces/share-map.ts';
import type { ClaimBook } from './claim-book.ts';
import type { Claimed, ClaimStore } from './claim-store.ts';
import type { SiblingWatch } from './sibling-watch.ts';

/** When nothing else is left, a piece that a living sibling has held for this long is fetched here too. */
const TAIL_AFTER = millis(10_000);
/** How many such pieces are fetched at a time. */
const TAIL_PIECES = 2;
/** How many claims of dead identities are taken over at a time: the first are fetched while the next ones are looked at. */
const TAKE_AT_ONCE = 64;

interface TakeOverOptions {
  readonly random: Random;
  readonly store: Pick<ClaimStore, 'holder'>;
  readonly book: ClaimBook;
  readonly siblings: SiblingWatch;
  readonly share: ShareMap;
  readonly identity: IdentityIndex;
  /** K. */
  readonly count: number;
  claim(pieces: readonly PieceIndex[]): Promise<void>;
}

/** What an identity that ran out of work takes of its siblings', as far as it sees them in their common store. */
export class TakeOver {
  readonly #o: TakeOverOptions;

  constructor(options: TakeOverOptions) {
    this.#o = options;
  }

  /** Claims what dead siblings had claimed, or left without a claim (A15). */
  async fromDead(): Promise<void> {
    const { share, book } = this.#o;
    if (share.count(PieceShare.theirs) === 0) return;
    let abandoned: PieceIndex[] = [];
    for (let p = 0; p < share.pieceCount; p++) {
      const piece = pieceIndex(p);
      const claimed = book.last(piece);
      if (share.get(piece) !== PieceShare.theirs || claimed?.free === true) continue;
      if (await this.#isAbandoned(piece, claimed)) abandoned.push(piece);
      if (abandoned.length < TAKE_AT_ONCE) continue;
      await this.#o.claim(abandoned);
      abandoned = [];
    }
    await this.#o.claim(abandoned);
  }

  /** With fixed ranges: opens to this identity half of what the sibling with most left has not begun, its last pieces first. */
  fromSlow(): void {
    const { share, count, identity, book } = this.#o;
    let best: PieceIndex[] = [];
    for (let i = 0; i < count; i++) {
      if (i === identity) continue;
      const { first, end } = fixedRange(identityIndex(i), count, share.pieceCount);
      const unbegun: PieceIndex[] = [];
      for (let p = end - 1; p >= first; p--) {
        const piece = pieceIndex(p);
        if (share.get(piece) === PieceShare.theirs && book.last(piece)?.free !== false) unbegun.push(piece);
      }
      if (unbegun.length > best.length) best = unbegun;
    }
    for (const piece of best.slice(0, Math.ceil(best.length / 2))) share.set(piece, PieceShare.open);
  }

  /**
   * With nothing else to do, pieces that a slow sibling has held for long are fetched here too (A17). The first to have one says so
   * in its journal, and the other gives up; both would write the same verified bytes. Not what somebody holds who was not heard since it has
   * held that for so long: it may have it, and the store be away for it alone.
   */
  async helpAtTheEnd(): Promise<void> {
    const { share, random, book, store, siblings } = this.#o;
    if (share.left > 0) return;
    const slow = book.seenFor(TAIL_AFTER, (piece) => share.get(piece) === PieceShare.theirs);
    for (let taken = 0; taken < TAIL_PIECES && slow.length > 0;) {
      const [piece] = slow.splice(Math.floor(random.uniform() * slow.length), 1);
      const turn = piece === undefined ? undefined : book.last(piece)?.turn;
      if (piece === undefined) continue;
      const holder = turn === undefined ? undefined : await store.holder(piece, turn);
      const oldSince = millis((book.heldSince(piece) ?? 0) + TAIL_AFTER);
      if (holder !== undefined && !siblings.speaks(holder, oldSince)) continue;
      // It may have come meanwhile.
      if (share.get(piece) !== PieceShare.theirs) continue;
      share.set(piece, PieceShare.both);
      taken++;
    }
  }

  async #isAbandoned(piece: PieceIndex, claimed: Claimed | undefined): Promise<boolean> {
    const { store, identity, siblings, book } = this.#o;
    const holder = claimed && (await store.holder(piece, claimed.turn));
    if (holder === identity) return book.ownTurn(piece) === undefined;
    if (holder !== undefined && !siblings.isDead(holder)) return false;
    // A claim without a name, or a piece's file without a claim, may be in the making or left by a crash. And a holder that seems
    // dead may be back, which a network disk shows late: its new claims are seen before that.
    const seen = book.seenAt(piece);
    return seen !== undefined && siblings.hasExpired(seen);
  }
}
