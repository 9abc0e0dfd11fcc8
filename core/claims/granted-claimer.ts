import type { PieceIndex } from '../base/ids.ts';
import type { Claimer } from '../strategy/claims/claimer.ts';

/** Sends questions to the coordinator. */
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

  /** An empty list is sent too: it answers a request to give something back. */
  release(pieces: readonly PieceIndex[]): void {
    this.#messages.release(Uint32Array.from(pieces));
  }

  /** Nothing to do: the coordinator hears of verified pieces by the identity's reports. */
  verified(): void {}

  idle(): void {
    this.#messages.idle();
  }
}
