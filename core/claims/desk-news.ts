import { type IdentityIndex, identityIndex, millis, type PieceIndex, UNKNOWN_OWNER } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';

/** For how long news for the siblings is collected before it is sent. */
const TELL_AFTER = millis(200);

export interface DeskNewsOptions {
  readonly clock: Clock;
  /** K. */
  readonly count: number;
  /** For each piece the identity that fetched it. */
  readonly owners: Uint8Array;
  /** What a piece is to an identity now. */
  state(identity: IdentityIndex, index: PieceIndex): PieceShare;
  /** Tells an identity the state of these pieces. */
  shares(to: IdentityIndex, state: PieceShare, pieces: Uint32Array): void;
  /** Tells an identity that these pieces are there; `owners` has the identity of each. */
  present(to: IdentityIndex, pieces: Uint32Array, owners: Uint8Array): void;
}

/** Of which pieces each identity has yet to hear what they are to it now. Nothing is collected for one without the download. */
export class DeskNews {
  readonly #o: DeskNewsOptions;
  readonly #untold: (Set<PieceIndex> | undefined)[];
  #timer: Timer | undefined;

  constructor(options: DeskNewsOptions) {
    this.#o = options;
    this.#untold = Array.from({ length: options.count }, () => undefined);
  }

  /** An identity is given the download, and told all that is known now. */
  begin(identity: IdentityIndex): void {
    this.#untold[identity] = new Set();
  }

  /** An identity no longer has the download. */
  forget(identity: IdentityIndex): void {
    this.#untold[identity] = undefined;
  }

  /** A piece changed, or was asked about, for one identity. It is told by the next `tellOne` or `tell`. */
  note(identity: IdentityIndex, index: PieceIndex): void {
    this.#untold[identity]?.add(index);
  }

  /** A piece changed for one identity, which is told soon. */
  changedFor(identity: IdentityIndex, index: PieceIndex): void {
    this.note(identity, index);
    this.#schedule();
  }

  /** A piece changed for all, who are told soon. */
  changed(index: PieceIndex): void {
    for (const news of this.#untold) news?.add(index);
    this.#schedule();
  }

  /** Tells all now. */
  tell(): void {
    this.#cancel();
    for (let i = 0; i < this.#untold.length; i++) this.tellOne(identityIndex(i));
  }

  tellOne(identity: IdentityIndex): void {
    const news = this.#untold[identity];
    if (news === undefined || news.size === 0) return;
    this.#untold[identity] = new Set();
    const byState = new Map<PieceShare, PieceIndex[]>();
    for (const index of news) {
      const state = this.#o.state(identity, index);
      const group = byState.get(state);
      if (group === undefined) byState.set(state, [index]);
      else group.push(index);
    }
    for (const [state, group] of byState) {
      const pieces = Uint32Array.from(group);
      if (state === PieceShare.present) {
        const owners = Uint8Array.from(group, (index) => this.#o.owners[index] ?? UNKNOWN_OWNER);
        this.#o.present(identity, pieces, owners);
      } else this.#o.shares(identity, state, pieces);
    }
  }

  close(): void {
    this.#cancel();
    this.#untold.fill(undefined);
  }

  #schedule(): void {
    this.#timer ??= this.#o.clock.after(TELL_AFTER, () => this.tell());
  }

  #cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
