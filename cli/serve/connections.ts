import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../core/ports/clock.ts';
import { addressOf } from './address.ts';
import { JUST_COME, leaving, type Place } from './places.ts';

interface Connection extends Place {
  readonly socket: Socket;
  address: string;
  session: boolean;
  busy: boolean;
  /** It has been sent its last answer. */
  ending: boolean;
}

/** All connections of the server; closes some where there are too many. */
export class Connections {
  readonly #clock: Pick<Clock, 'now' | 'soon' | 'after'>;
  readonly #all = new Map<Socket, Connection>();
  /** A look at who has to go is due soon (`#soon`), and another one later (`#later`). */
  #soon = false;
  #later: Timer | undefined;

  constructor(clock: Pick<Clock, 'now' | 'soon' | 'after'>) {
    this.#clock = clock;
  }

  /** A connection came. Another one may have to go for it, but only after what came has been read once, so that more is known of each. */
  add(socket: Socket): void {
    const connection = { socket, address: addressOf(socket), session: false, busy: false, ending: false };
    this.#all.set(socket, { ...connection, since: this.#clock.now() });
    socket.once('close', () => this.#all.delete(socket));
    this.#later ??= this.#clock.after(JUST_COME, () => {
      this.#later = undefined;
      this.#makeRoom();
    });
    if (this.#soon) return;
    this.#soon = true;
    this.#clock.soon(() =>
      this.#clock.soon(() => {
        this.#soon = false;
        this.#makeRoom();
      }),
    );
  }

  /** A request came over a connection. False: that has had its last answer, so that the request is ignored. */
  asked(socket: Socket, address: string, session: boolean): boolean {
    const connection = this.#all.get(socket);
    if (connection === undefined || connection.ending) return false;
    connection.address = address;
    connection.session = session;
    connection.busy = session;
    connection.ending = !session;
    return true;
  }

  /** Its last request came with a token that makes a session. */
  admitted(socket: Socket): void {
    const connection = this.#all.get(socket);
    if (connection === undefined) return;
    connection.session = true;
    connection.ending = false;
  }

  /** Its last request has been answered. */
  answered(socket: Socket): void {
    const connection = this.#all.get(socket);
    if (connection !== undefined) connection.busy = false;
  }

  close(): void {
    this.#later?.cancel();
    for (const socket of this.#all.keys()) socket.destroy();
  }

  #makeRoom(): void {
    for (const { socket } of leaving(this.#all.values(), this.#clock.now())) socket.destroy();
  }
}
