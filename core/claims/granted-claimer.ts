import type { PieceIndex } from '../base/ids.ts';
import type { Claimer } from '../strategy/claimer.ts';
import { PieceShare, type ShareMap } from '../strategy/share-map.ts';

/** Sends questions to the coordinator. */
export interface ClaimMessages {
  claim(pieces: Uint32Array): void;
  release(pieces: Uint32Array): void;
  idle(): void;
}

/**
 * Claims that the coordinator grants: it asks, and the answers arrive as changes of the share map, which the
 * host of the messages makes. A piece that was asked for is not asked for again before its answer.
 */
export class GrantedClaimer implements Claimer {
  readonly #messages: ClaimMessages;
  readonly #share: ShareMap;
  readonly #asked = new Set<PieceIndex>();

  constructor(share: ShareMap, messages: ClaimMessages) {
    this.#messages = messages;
    this.#share = share;
    share.onChange((piece) => this.#asked.delete(piece));
  }

  claim(pieces: readonly PieceIndex[]): void {
    const fresh = pieces.filter((piece) => this.#share.get(piece) === PieceShare.open && !this.#asked.has(piece));
    if (fresh.length === 0) return;
    for (const piece of fresh) this.#asked.add(piece);
    this.#messages.claim(Uint32Array.from(fresh));
  }

  /** An empty list is sent too: it answers a request to give something back. */
  release(pieces: readonly PieceIndex[]): void {
    this.#messages.release(Uint32Array.from(pieces));
  }

  /** Nothing to do: the coordinator hears of verified pieces by the identity's reports. */
  verified(): void {}

  idle(): void {
    if (this.#asked.size === 0) this.#messages.idle();
  }
}
