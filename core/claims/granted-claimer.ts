import type { PieceIndex } from '../base/ids.ts';
import type { Claimer } from '../strategy/claimer.ts';

/** How questions to the coordinator leave the process. */
export interface ClaimMessages {
  claim(pieces: Uint32Array): void;
  release(pieces: Uint32Array): void;
  idle(): void;
}

/** Claims that the coordinator grants: the answers arrive as changes of the share map, which the host of the messages makes. */
export class GrantedClaimer implements Claimer {
  readonly #messages: ClaimMessages;

  constructor(messages: ClaimMessages) {
    this.#messages = messages;
  }

  claim(pieces: readonly PieceIndex[]): void {
    this.#messages.claim(Uint32Array.from(pieces));
  }

  /** Also an empty list leaves: it answers a request to give something back. */
  release(pieces: readonly PieceIndex[]): void {
    this.#messages.release(Uint32Array.from(pieces));
  }

  /** The report of verified pieces tells the coordinator. */
  verified(): void {}

  idle(): void {
    this.#messages.idle();
  }
}
