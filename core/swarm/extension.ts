import type { Millis } from '../base/ids.ts';
import type { PeerSession } from '../peer/session.ts';
import type { ExtensionHandshake } from '../wire/extension-handshake.ts';
import type { PeerLink } from './peer-link.ts';

/** An extension of the protocol (BEP 10), one object for each swarm that offers it. */
export interface Extension {
  /** Its name in `m` of both sides' handshakes. */
  readonly name: string;
  /** Whether a private torrent may offer it (BEP 27): not if it finds peers, tells of peers, or hints at that. */
  readonly onPrivate: boolean;
  /** Whether it is offered now; undefined: always. After a change the swarm has to greet its peers again. */
  offered?(): boolean;
  /** Fields of our handshake that it needs besides its name. */
  announces?(): Partial<ExtensionHandshake>;
  /** A peer that speaks BEP 10 has joined: makes the state for it and the handler of its messages. */
  join(peer: ExtensionPeer): ExtensionEars;
  /** Once a second, on the timer that the swarm has for all of them. */
  tick?(now: Millis): void;
}

/** What an extension keeps about one peer, and the handler of its messages. */
export interface ExtensionEars {
  /** The peer's handshake came, the first or a later one: now it is known what the peer accepts. */
  greeted?(handshake: ExtensionHandshake): void;
  /** A message of this extension; valid during the call alone. Throws EnsembleError('protocol') to end the connection. */
  message(payload: Uint8Array): void;
  /** The connection is over. */
  left?(): void;
}

/** A peer as an extension sees it. */
export interface ExtensionPeer {
  readonly link: PeerLink;
  readonly session: PeerSession;
  /** Sends a message under the number that the peer gave this extension. False where it gave none, or switched it off. */
  send(payload: Uint8Array): boolean;
  /** The peer has nothing for us: ends the connection, and while places are scarce its machine gets none for a while. */
  useless(): void;
  /** The peer lied: its host is not dialled or accepted again. */
  ban(): void;
  /** Ends the connection. */
  close(): void;
}
