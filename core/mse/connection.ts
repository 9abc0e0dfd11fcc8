import { concatBytes } from '../base/bytes.ts';
import type { TransportName } from '../base/choices.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { InfoHash } from '../base/ids.ts';
import type { CloseReason, Connection, ConnectionHandler, DialOptions, Net } from '../ports/net.ts';
import type { Random } from '../ports/random.ts';
import { DialledSide } from './dialled-side.ts';
import { DiallingSide } from './dialling-side.ts';
import { type Agreement, type Negotiation, NoAgreement } from './negotiation.ts';
import type { Rc4 } from './rc4.ts';
import type { SecretBook } from './secrets.ts';

/** How often it is dialled again for another secret. */
const MOST_REPEATS = 2;
/** Most bytes that go with our offer. */
const MAX_FIRST = 65_535;

/** How one side negotiates. `first`: takes what was written so far. */
type Begin = (send: (data: Uint8Array) => void, first: () => Uint8Array, repeats: number) => Negotiation;

/**
 * An encrypted connection over another one. To whoever holds it it stands as soon as that one does: what is written before the
 * sides agree waits, and goes along with our offer where we dial. If they do not agree, it closes with EPROTO.
 */
export class EncryptedConnection implements Connection, ConnectionHandler {
  readonly outgoing: boolean;
  #beneath: Connection;
  #handler: ConnectionHandler;
  readonly #begin: Begin;
  /** Makes another connection for another secret. */
  readonly #redial: (() => Connection) | undefined;
  #repeats = 0;
  #stood = false;
  #negotiation: Negotiation | undefined;
  #agreement: Agreement | undefined;
  #out: Rc4 | undefined;
  /** How many bytes that come are still encrypted. */
  #encrypted = 0;
  /** Written before the sides agreed. */
  #waiting: Uint8Array[] = [];
  #reason: CloseReason | undefined;

  private constructor(
    handler: ConnectionHandler,
    begin: Begin,
    beneath: (self: EncryptedConnection) => Connection,
    outgoing: boolean,
  ) {
    this.#handler = handler;
    this.#begin = begin;
    this.outgoing = outgoing;
    this.#beneath = beneath(this);
    this.#redial = outgoing ? () => beneath(this) : undefined;
  }

  /** Dials a peer of the torrent with this secret (SKEY). `offer`: what may follow the handshake. */
  static dial(
    net: Pick<Net, 'dial'>,
    options: DialOptions,
    handler: ConnectionHandler,
    terms: { readonly random: Random; readonly secret: Uint8Array; readonly offer: number },
  ): Connection {
    const begin: Begin = (send, first, repeats) => {
      const side = new DiallingSide({ ...terms, mayRepeat: repeats < MOST_REPEATS, send, first });
      side.start();
      return side;
    };
    return new EncryptedConnection(handler, begin, (self) => net.dial(options, self), true);
  }

  /** Takes over an accepted connection of which nothing has been read. */
  static accept(
    connection: Connection,
    handler: ConnectionHandler,
    terms: { readonly random: Random; readonly secrets: SecretBook },
  ): EncryptedConnection {
    const begin: Begin = (send) => new DialledSide({ ...terms, send });
    const accepted = new EncryptedConnection(handler, begin, () => connection, false);
    connection.handOver(accepted);
    accepted.#negotiate();
    return accepted;
  }

  get remote(): Endpoint {
    return this.#beneath.remote;
  }

  get local(): Endpoint {
    return this.#beneath.local;
  }

  get transport(): TransportName {
    return this.#beneath.transport ?? 'tcp';
  }

  get encryption(): Agreement['encryption'] | undefined {
    return this.#agreement?.encryption;
  }

  /** The torrent that the dialling side asked for, once that is known; undefined where we dial. */
  get infoHash(): InfoHash | undefined {
    return this.#agreement?.infoHash;
  }

  get queued(): number {
    let waiting = 0;
    for (const data of this.#waiting) waiting += data.length;
    return this.#beneath.queued + waiting;
  }

  write(data: Uint8Array): boolean {
    if (this.#agreement === undefined) {
      this.#waiting.push(data);
      return true;
    }
    this.#out?.apply(data);
    return this.#beneath.write(data);
  }

  cork(): void {
    this.#beneath.cork();
  }

  uncork(): void {
    this.#beneath.uncork();
  }

  pause(): void {
    this.#beneath.pause();
  }

  resume(): void {
    this.#beneath.resume();
  }

  end(): void {
    this.#beneath.end();
  }

  destroy(): void {
    this.#beneath.destroy();
  }

  handOver(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  connected(): void {
    const first = !this.#stood;
    this.#stood = true;
    if (first) this.#handler.connected?.(this);
    if (this.#reason === undefined) this.#negotiate();
  }

  data(connection: Connection, data: Uint8Array): void {
    if (connection !== this.#beneath || this.#reason !== undefined) return;
    if (this.#agreement === undefined) this.#hear(data);
    else this.#receive(this.#agreement, data);
  }

  drained(connection: Connection): void {
    if (connection === this.#beneath) this.#handler.drained?.(this);
  }

  closed(connection: Connection, reason: CloseReason): void {
    if (connection !== this.#beneath) return;
    this.#waiting = [];
    this.#handler.closed(this, this.#reason ?? reason);
  }

  #negotiate(): void {
    const send = (data: Uint8Array): void => void this.#beneath.write(data);
    this.#negotiation = this.#begin(send, () => this.#first(), this.#repeats);
  }

  #hear(data: Uint8Array): void {
    let result: ReturnType<Negotiation['push']>;
    try {
      result = this.#negotiation?.push(data);
    } catch (error) {
      if (!(error instanceof NoAgreement)) throw error;
      this.#reason = { kind: 'error', code: 'EPROTO' };
      return this.#beneath.destroy();
    }
    if (result === undefined) return;
    if (result === 'again') return this.#repeat();
    this.#agreement = result;
    this.#negotiation = undefined;
    this.#out = result.out;
    this.#encrypted = result.encrypted;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const bytes of waiting) this.write(bytes);
    if (result.rest.length > 0) this.#receive(result, result.rest);
  }

  /** Other keys have to be agreed on, for which the other side has to be dialled anew. */
  #repeat(): void {
    if (this.#redial === undefined) return;
    this.#repeats++;
    this.#beneath.destroy();
    this.#beneath = this.#redial();
  }

  /** Decrypts in the memory of whoever received it, which is valid during the call alone. */
  #receive({ in: cipher }: Agreement, data: Uint8Array): void {
    if (this.#encrypted > 0) {
      cipher.apply(data.length <= this.#encrypted ? data : data.subarray(0, this.#encrypted));
      this.#encrypted -= Math.min(this.#encrypted, data.length);
    }
    this.#handler.data(this, data);
  }

  #first(): Uint8Array {
    let size = 0;
    const fits = this.#waiting.findIndex((data) => (size += data.length) > MAX_FIRST);
    return concatBytes(...this.#waiting.splice(0, fits === -1 ? this.#waiting.length : fits));
  }
}
