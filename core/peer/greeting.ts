import type { CloseReason, Connection, ConnectionHandler } from '../ports/net.ts';
import { GREETING } from '../wire/handshake.ts';

/** The first bytes of an accepted connection: a plain handshake begins with 20 that are known, an encrypted one with any others. */
export class Greeting implements ConnectionHandler {
  readonly #plain: ConnectionHandler;
  readonly #encrypted: (connection: Connection) => ConnectionHandler;
  /** How many bytes came; all were those of a plain greeting. */
  #same = 0;

  /** `encrypted` takes the connection over, and returns who hears of it from now on. */
  constructor(plain: ConnectionHandler, encrypted: (connection: Connection) => ConnectionHandler) {
    this.#plain = plain;
    this.#encrypted = encrypted;
  }

  data(connection: Connection, data: Uint8Array): void {
    const before = this.#same;
    let at = 0;
    while (at < data.length && before + at < GREETING.length && data[at] === GREETING[before + at]) at++;
    this.#same += at;
    const plain = this.#same === GREETING.length;
    if (!plain && at === data.length) return;
    let next = this.#plain;
    if (plain) connection.handOver(next);
    else next = this.#encrypted(connection);
    if (before > 0) next.data(connection, GREETING.slice(0, before));
    next.data(connection, data);
  }

  closed(connection: Connection, reason: CloseReason): void {
    this.#plain.closed(connection, reason);
  }
}
