import { toHex } from '../base/bytes.ts';
import type { Clock } from '../ports/clock.ts';
import type { CloseReason, Connection, ConnectionHandler } from '../ports/net.ts';

/** An end of a connection for which a test speaks, byte by byte. */
export class RawPeer implements ConnectionHandler {
  /** Set once it is established. */
  connection: Connection | undefined;
  /** All bytes that came, as hex digits. */
  received = '';
  /** When each chunk came. */
  times: number[] = [];
  reason: CloseReason | undefined;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  connected(connection: Connection): void {
    this.connection = connection;
  }

  data(_: Connection, data: Uint8Array): void {
    this.received += toHex(data);
    this.times.push(this.#clock.now());
  }

  closed(_: Connection, reason: CloseReason): void {
    this.reason = reason;
  }
}
