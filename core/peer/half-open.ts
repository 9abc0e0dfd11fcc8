import type { Endpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHash, PeerId } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Connection, ConnectionHandler } from '../ports/net.ts';
import { encodeHandshake, type HandshakeExtensions } from '../wire/handshake.ts';
import { Opening } from './opening.ts';
import type { PeerSession } from './session.ts';
import { HANDSHAKE_TIMEOUT } from './time-outs.ts';

/** Accepted connections whose handshake is not through. Beyond these the oldest goes: honest peers are quick. */
const MAX_HALF_OPEN = 64;

/** A torrent that takes an incoming peer. */
export interface Admission {
  /** Ours, for the answer. */
  readonly peerId: PeerId;
  /** What our handshake announces for this torrent. */
  readonly offers: HandshakeExtensions;
  accept(session: PeerSession): void;
}

/** Says which torrent an incoming peer is for; undefined: none of ours, or no room. */
export type Dispatch = (infoHash: InfoHash, remote: Endpoint) => Admission | undefined;

/** The accepted connections until their handshakes are through. */
export class HalfOpen {
  readonly #clock: Clock;
  readonly #dispatch: Dispatch;
  readonly #connections = new Set<Connection>();

  constructor(clock: Clock, dispatch: Dispatch) {
    this.#clock = clock;
    this.#dispatch = dispatch;
  }

  /** Takes a new connection in, and gives what hears of it. */
  accept(connection: Connection): ConnectionHandler {
    const [oldest] = this.#connections;
    if (oldest !== undefined && this.#connections.size >= MAX_HALF_OPEN) {
      this.#connections.delete(oldest);
      oldest.destroy();
    }
    this.#connections.add(connection);
    let admission: Admission | undefined;
    const opening = new Opening(this.#clock, HANDSHAKE_TIMEOUT, {
      named: (it, infoHash) => {
        admission = this.#dispatch(infoHash, it.remote);
        if (admission === undefined) throw new EnsembleError('protocol', `The peer wants torrent ${infoHash}.`);
        const { peerId, offers } = admission;
        it.write(encodeHandshake({ infoHash, peerId, extensions: offers }));
        return offers;
      },
      established: (session) => {
        this.#connections.delete(connection);
        admission?.accept(session);
      },
      failed: () => this.#connections.delete(connection),
    });
    opening.watch(connection);
    return opening;
  }

  /** Closes them all. */
  close(): void {
    for (const connection of this.#connections) connection.destroy();
    this.#connections.clear();
  }
}
