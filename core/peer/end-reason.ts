import type { CloseReason } from '../ports/net.ts';

/** Why a session ended. */
export type SessionEnd =
  | CloseReason
  /** The peer broke the protocol, as `message` says. */
  | { readonly kind: 'protocol'; readonly message: string };

/** A dial that led to no session. */
export interface DialFailure {
  readonly reason: SessionEnd | { readonly kind: 'timeout'; readonly what: 'handshake' };
}
