import { EnsembleError } from '../base/errors.ts';
import type { InfoHash, Millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { CloseReason, Connection, ConnectionHandler } from '../ports/net.ts';
import { HandshakeReader } from '../wire/handshake.ts';
import type { DialFailure } from './end-reason.ts';
import { PeerSession } from './session.ts';

/** The steps in which dialled and accepted connections differ until the handshake is complete. */
export interface OpeningSteps {
  /** A dialled connection stands: send the handshake. */
  connected?(connection: Connection): void;
  /** The peer has named its torrent. Throws EnsembleError('protocol') where it is none of ours. */
  named(connection: Connection, infoHash: InfoHash): void;
  /** Both handshakes are through. */
  established(session: PeerSession): void;
  /** There will be no session. Exactly one of this and `established` is called. */
  failed(failure: DialFailure): void;
}

/** A connection until its handshake is through (BEP 3, "peer protocol"); then it passes everything on to the session. */
export class Opening implements ConnectionHandler {
  readonly #clock: Clock;
  readonly #timeout: Millis;
  readonly #steps: OpeningSteps;
  readonly #reader = new HandshakeReader();
  #named = false;
  #timer: Timer | undefined;
  #failure: DialFailure['reason'] | undefined;
  #session: PeerSession | undefined;

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
    if (this.#session !== undefined) this.#session.received(data);
    else if (this.#failure === undefined) this.#read(connection, data);
  }

  drained(): void {
    this.#session?.drained();
  }

  closed(_connection: Connection, reason: CloseReason): void {
    this.#timer?.cancel();
    if (this.#session !== undefined) this.#session.ended(reason);
    else this.#steps.failed({ reason: this.#failure ?? reason });
  }

  #read(connection: Connection, data: Uint8Array): void {
    const reader = this.#reader;
    let taken: number;
    try {
      taken = reader.push(data);
      if (!this.#named && reader.infoHash !== undefined) {
        this.#named = true;
        this.#steps.named(connection, reader.infoHash);
      }
    } catch (error) {
      if (!(error instanceof EnsembleError && error.code === 'protocol')) throw error;
      return this.#fail(connection, { kind: 'protocol', message: error.message });
    }
    if (reader.peerId === undefined) return;
    this.#timer?.cancel();
    const { fast, extended } = reader.extensions;
    this.#session = new PeerSession(this.#clock, connection, { peerId: reader.peerId, fast, extended });
    this.#steps.established(this.#session);
    if (taken < data.length) this.#session.received(data.subarray(taken));
  }

  #fail(connection: Connection, failure: DialFailure['reason']): void {
    this.#failure ??= failure;
    connection.destroy();
  }
}
