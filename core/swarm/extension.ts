import type { Millis } from '../base/ids.ts';
import type { PeerSession } from '../peer/session.ts';
import type { ExtensionHandshake } from '../wire/extension-handshake.ts';

/** An extension of the protocol (BEP 10), one object for each swarm that offers it. */
export interface Extension {
  /** What both sides call it in `m` of their handshakes. */
  readonly name: string;
  /** Whether a private torrent may offer it (BEP 27): nothing may that finds peers, tells of them, or hints at that. */
  readonly onPrivate: boolean;
  /** What our handshake says for its sake beside its name. */
  announces?(): Partial<ExtensionHandshake>;
  /** A peer that speaks BEP 10 has joined: makes what is kept of it, and hears its messages. */
  join(peer: ExtensionPeer): ExtensionEars;
  /** Once a second, on the timer that the swarm has for all of them. */
  tick?(now: Millis): void;
}

/** What an extension keeps of one peer, and hears from it. */
export interface ExtensionEars {
  /** The peer's handshake came, the first or a later one: what it takes is known now. */
  greeted?(handshake: ExtensionHandshake): void;
  /** A message of this extension; valid during the call alone. Throws EnsembleError('protocol') to end the connection. */
  message(payload: Uint8Array): void;
  /** The connection is over. */
  left?(): void;
}

/** A peer as an extension sees it. */
export interface ExtensionPeer {
  readonly session: PeerSession;
  /** Sends a message under the number that the peer gave this extension. False where it gave none, or switched it off. */
  send(payload: Uint8Array): boolean;
  /** Nothing is to be had from it: the connection ends, and while places are scarce its machine gets none for a while. */
  useless(): void;
  /** It lied: its host is not dialled or taken in again. */
  ban(): void;
  /** Ends the connection. */
  close(): void;
}
