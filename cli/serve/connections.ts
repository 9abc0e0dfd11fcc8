import type { Socket } from 'node:net';
import type { Clock } from '../../core/ports/clock.ts';
import { addressOf } from './address.ts';
import { leaving } from './places.ts';

interface Connection {
  readonly socket: Socket;
  address: string;
  session: boolean;
  busy: boolean;
  /** It has got its last answer. */
  ending: boolean;
}

/** Every connection of the server, and who has to go where there are too many. */
export class Connections {
  readonly #clock: Pick<Clock, 'soon'>;
  readonly #all = new Map<Socket, Connection>();
  #looking = false;

  constructor(clock: Pick<Clock, 'soon'>) {
    this.#clock = clock;
  }

  /** A connection came: somebody may have to go for it, after all that came has been read once, and is known better. */
  add(socket: Socket): void {
    this.#all.set(socket, { socket, address: addressOf(socket), session: false, busy: false, ending: false });
    socket.once('close', () => this.#all.delete(socket));
    if (this.#looking) return;
    this.#looking = true;
    this.#clock.soon(() =>
      this.#clock.soon(() => {
        this.#looking = false;
        for (const connection of leaving(this.#all.values())) connection.socket.destroy();
      }),
    );
  }

  /** A request came over it. False: what came before was refused, so that this counts no more. */
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
    for (const socket of this.#all.keys()) socket.destroy();
  }
}
