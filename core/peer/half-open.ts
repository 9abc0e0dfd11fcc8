import { MAX_ACCEPTED } from '../base/bounds.ts';
import type { EncryptionKind, TransportName } from '../base/choices.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHash, InfoHashV2, PeerId } from '../base/ids.ts';
import { networkOf } from '../base/ip.ts';
import { EncryptedConnection } from '../mse/connection.ts';
import { ExchangeLimit } from '../mse/exchange-limit.ts';
import type { SecretBook } from '../mse/secrets.ts';
import type { Clock } from '../ports/clock.ts';
import type { Connection, ConnectionHandler } from '../ports/net.ts';
import type { Random } from '../ports/random.ts';
import { encodeHandshake, type HandshakeExtensions, handshakeHash } from '../wire/handshake.ts';
import { Greeting } from './greeting.ts';
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
  /** Its hash of version 2, where it has one. */
  readonly v2?: InfoHashV2 | undefined;
  accept(session: PeerSession): void;
}

/** An incoming peer that has named its torrent. */
export interface Newcomer {
  readonly remote: Endpoint;
  readonly transport: TransportName;
  readonly encryption: EncryptionKind;
  /** It gets a place only if another incoming one leaves. */
  readonly crowded: boolean;
}

/** Says which torrent an incoming peer is for; undefined: none of ours, or no room. */
export type Dispatch = (infoHash: InfoHash, newcomer: Newcomer) => Admission | undefined;

/** For encrypted handshakes: the torrents that may be asked for. */
export interface Encrypted {
  readonly random: Random;
  readonly secrets: SecretBook;
}

/** The accepted connections until their handshakes are complete. */
export class HalfOpen {
  readonly #clock: Clock;
  readonly #dispatch: Dispatch;
  readonly #standing: () => number;
  readonly #encrypted: Encrypted | undefined;
  readonly #exchanges = new ExchangeLimit();
  readonly #connections = new Set<Connection>();

  /**
   * `standing`: number of accepted connections that are not closed, with or without a handshake. `encrypted` undefined: only plain
   * handshakes are understood.
   */
  constructor(clock: Clock, dispatch: Dispatch, standing: () => number, encrypted?: Encrypted) {
    this.#clock = clock;
    this.#encrypted = encrypted;
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
    let secret: EncryptedConnection | undefined;
    const opening = new Opening(this.#clock, HANDSHAKE_TIMEOUT, {
      named: (it, infoHash, upgrade) => {
        if (secret !== undefined && secret.infoHash !== infoHash) {
          throw new EnsembleError(
            'protocol',
            `The peer asked for torrent ${secret.infoHash}, and then for ${infoHash}.`,
          );
        }
        const { remote, transport = 'tcp', encryption = 'plain' } = it;
        const crowded = this.#standing() > CROWDED;
        admission = this.#dispatch(infoHash, { remote, transport, encryption, crowded });
        if (admission === undefined) throw new EnsembleError('protocol', `The peer wants torrent ${infoHash}.`);
        const { peerId } = admission;
        const other = admission.v2 === undefined ? undefined : handshakeHash(admission.v2);
        const name = upgrade && other !== undefined ? other : infoHash;
        const v2 = name === other;
        const offers = { ...admission.offers, upgrade: other !== undefined && !v2 };
        it.write(encodeHandshake({ infoHash: name, peerId, extensions: offers }));
        return { offers, v2 };
      },
      established: (session) => {
        this.#connections.delete(connection);
        admission?.accept(session);
      },
      failed: () => this.#connections.delete(connection),
    });
    opening.watch(connection);
    const encrypted = this.#encrypted;
    if (encrypted === undefined) return opening;
    return new Greeting(opening, (it) => {
      const may = encrypted.secrets.open && this.#exchanges.take(it.remote.host, this.#clock.now());
      // Whoever has no encryption to offer finds no handshake in what came, and closes.
      if (!may) it.handOver(opening);
      else secret = EncryptedConnection.accept(it, opening, encrypted);
      return secret ?? opening;
    });
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
