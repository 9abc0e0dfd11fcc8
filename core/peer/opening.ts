import { EnsembleError } from '../base/errors.ts';
import type { InfoHash, Millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { CloseReason, Connection, ConnectionHandler } from '../ports/net.ts';
import type { HandshakeExtensions } from '../wire/handshake.ts';
import { HandshakeReader } from '../wire/handshake.ts';
import type { DialFailure } from './end-reason.ts';
import { PeerSession } from './session.ts';

/** What we say to a peer that has named its torrent. */
export interface Agreed {
  /** What we announce. */
  readonly offers: HandshakeExtensions;
  /** The connection is one of version 2 (BEP 52): its hash of that version is what was agreed on. */
  readonly v2: boolean;
}

/** The steps in which dialled and accepted connections differ until the handshake is complete. */
export interface OpeningSteps {
  /** A dialled connection stands: send the handshake. */
  connected?(connection: Connection): void;
  /**
   * The peer has named its torrent; `upgrade`: it knows that by its hash of version 2 as well. Throws EnsembleError('protocol')
   * where it is none of ours.
   */
  named(connection: Connection, infoHash: InfoHash, upgrade: boolean): Agreed;
  /** Both handshakes are through. */
  established(session: PeerSession): void;
  /** There will be no session. Exactly one of this and `established` is called. */
  failed(failure: DialFailure): void;
}

/** A connection until its handshake is through (BEP 3, "peer protocol"); then the connection is handed over to the session. */
export class Opening implements ConnectionHandler {
  readonly #clock: Clock;
  readonly #timeout: Millis;
  readonly #steps: OpeningSteps;
  readonly #reader = new HandshakeReader();
  /** Undefined until the peer has named its torrent. */
  #agreed: Agreed | undefined;
  #timer: Timer | undefined;
  #failure: DialFailure['reason'] | undefined;

  constructor(clock: Clock, timeout: Millis, steps: OpeningSteps) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.#steps = steps;
  }

  connected(connection: Connection): void {
    this.watch(connection);
    this.#steps.connected?.(connection);
  }

  /** Waits for the peer's handshake from now on, for a limited time. */
  watch(connection: Connection): void {
    this.#timer = this.#clock.after(this.#timeout, () =>
      this.#fail(connection, { kind: 'timeout', what: 'handshake' }),
    );
  }

  data(connection: Connection, data: Uint8Array): void {
    if (this.#failure === undefined) this.#read(connection, data);
  }

  closed(_connection: Connection, reason: CloseReason): void {
    this.#timer?.cancel();
    this.#steps.failed({ reason: this.#failure ?? reason });
  }

  #read(connection: Connection, data: Uint8Array): void {
    const reader = this.#reader;
    let taken: number;
    try {
      taken = reader.push(data);
      if (this.#agreed === undefined && reader.infoHash !== undefined) {
        this.#agreed = this.#steps.named(connection, reader.infoHash, reader.extensions.upgrade);
      }
    } catch (error) {
      if (!(error instanceof EnsembleError && error.code === 'protocol')) throw error;
      return this.#fail(connection, { kind: 'protocol', message: error.message });
    }
    if (reader.peerId === undefined) return;
    this.#timer?.cancel();
    const theirs = reader.extensions;
    const ours = this.#agreed?.offers;
    const session = new PeerSession(this.#clock, connection, {
      peerId: reader.peerId,
      fast: theirs.fast && ours?.fast === true,
      extended: theirs.extended && ours?.extended === true,
      dht: theirs.dht && ours?.dht === true,
      v2: this.#agreed?.v2 === true,
    });
    connection.handOver(session);
    this.#steps.established(session);
    if (taken < data.length) session.data(connection, data.subarray(taken));
  }

  #fail(connection: Connection, failure: DialFailure['reason']): void {
    this.#failure ??= failure;
    connection.destroy();
  }
}
