import type { Millis, PieceIndex } from '../base/ids.ts';
import type { BlockSource } from './block-source.ts';

/** Rates are added up again after this time. */
const PERIOD = 100;
/** Sources so many times slower than the fastest have no part, as the last block would come from them. */
const SLOWER = 8;

/** Which part of an urgent piece each source brings, by how fast it is. */
export class UrgentParts {
  readonly #sources: ReadonlySet<BlockSource>;
  readonly #now: () => Millis;
  /** The rates, bytes a second, of those that are fast enough: by piece, what they have together and what the fastest has. */
  readonly #rates = new Map<PieceIndex, { readonly sum: number; readonly least: number }>();
  #since = -Infinity as Millis;

  constructor(sources: ReadonlySet<BlockSource>, now: () => Millis) {
    this.#sources = sources;
    this.#now = now;
  }

  /** Sources came or went. */
  lookAgain(): void {
    this.#since = -Infinity as Millis;
  }

  readonly of = (source: BlockSource, piece: PieceIndex): number => {
    const now = this.#now();
    if (now - this.#since >= PERIOD) {
      this.#since = now;
      this.#rates.clear();
    }
    const { sum, least } = this.#rates.get(piece) ?? this.#add(piece);
    // As long as nobody knows who is fast it may be anybody.
    if (sum === 0) return 1;
    return source.rate < least && !source.several ? 0 : Math.min(1, source.rate / sum);
  };

  #add(piece: PieceIndex): { readonly sum: number; readonly least: number } {
    const able = [...this.#sources].filter((one) => one.pieces.has(piece) && !one.peerChoking && one.rate > 0);
    const least = Math.max(0, ...able.filter(({ several }) => !several).map(({ rate }) => rate)) / SLOWER;
    const sum = able.reduce((all, { rate, several }) => (rate < least && !several ? all : all + rate), 0);
    const found = { sum, least };
    this.#rates.set(piece, found);
    return found;
  }
}
