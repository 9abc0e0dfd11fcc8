import { MAX_ACCEPTED } from '../base/bounds.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHash, PeerId } from '../base/ids.ts';
import { networkOf } from '../base/ip.ts';
import type { Clock } from '../ports/clock.ts';
import type { Connection, ConnectionHandler } from '../ports/net.ts';
import { encodeHandshake, type HandshakeExtensions } from '../wire/handshake.ts';
import { Opening } from './opening.ts';
import type { PeerSession } from './session.ts';
import { HANDSHAKE_TIMEOUT } from './time-outs.ts';

/**
 * Most accepted connections whose handshake is not complete. With more, the oldest one of the machine that has most is closed:
 * honest peers are quick.
 */
const MAX_HALF_OPEN = 64;
/** With this many connections open, a new peer has to take another's place: the rest is reserved for handshakes. */
const CROWDED = MAX_ACCEPTED - 2 * MAX_HALF_OPEN;

/** What the torrent that an incoming peer is for gives to the handshake. */
export interface Admission {
  /** Ours, for the answer. */
  readonly peerId: PeerId;
  /** What our handshake announces for this torrent. */
  readonly offers: HandshakeExtensions;
  accept(session: PeerSession): void;
}

/** Says which torrent an incoming peer is for; undefined: none of ours, or no room. `crowded`: only in the place of another incoming one. */
export type Dispatch = (infoHash: InfoHash, remote: Endpoint, crowded: boolean) => Admission | undefined;

/** The accepted connections until their handshakes are complete. */
export class HalfOpen {
  readonly #clock: Clock;
  readonly #dispatch: Dispatch;
  readonly #standing: () => number;
  readonly #connections = new Set<Connection>();

  /** `standing`: number of accepted connections that are not closed, with or without a handshake. */
  constructor(clock: Clock, dispatch: Dispatch, standing: () => number) {
    this.#clock = clock;
    this.#dispatch = dispatch;
    this.#standing = standing;
  }

  /** Takes in a new connection; returns the handler for it. */
  accept(connection: Connection): ConnectionHandler {
    if (this.#connections.size >= MAX_HALF_OPEN) {
      const oldest = oldestOfMost(this.#connections);
      this.#connections.delete(oldest);
      oldest.destroy();
    }
    this.#connections.add(connection);
    let admission: Admission | undefined;
    const opening = new Opening(this.#clock, HANDSHAKE_TIMEOUT, {
      named: (it, infoHash) => {
        admission = this.#dispatch(infoHash, it.remote, this.#standing() > CROWDED);
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

/**
 * The first one of the machine that has most of these connections, which are in the order in which they came. There must be at
 * least one.
 */
function oldestOfMost(connections: ReadonlySet<Connection>): Connection {
  const byNetwork = new Map<string, Connection[]>();
  for (const connection of connections) {
    const network = networkOf(connection.remote.host);
    const those = byNetwork.get(network);
    if (those === undefined) byNetwork.set(network, [connection]);
    else those.push(connection);
  }
  const [first, ...rest] = byNetwork.values();
  const most = rest.reduce((a, b) => (b.length > a.length ? b : a), first ?? []);
  const [oldest] = most;
  if (oldest === undefined) throw new Error('nobody is half open');
  return oldest;
}
