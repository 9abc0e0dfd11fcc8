import type { ListenPorts } from './listen-socket.ts';
import { ListenSocket } from './listen-socket.ts';

/** The listen sockets of a process: one for each local address, shared by all downloads that are bound to it. */
export class ListenSockets {
  readonly #ports: ListenPorts;
  /** By address, and kept when nothing needs it any more: it remembers its port. */
  readonly #byAddress = new Map<string | undefined, ListenSocket>();

  constructor(ports: ListenPorts) {
    this.#ports = ports;
  }

  /** The one of an address; undefined: of all addresses together. */
  at(address: string | undefined): ListenSocket {
    let socket = this.#byAddress.get(address);
    if (socket === undefined) {
      socket = new ListenSocket(this.#ports, address);
      this.#byAddress.set(address, socket);
    }
    return socket;
  }

  /** Looks which of their addresses the machine has. */
  check(): void {
    const used = [...this.#byAddress].filter(([, socket]) => socket.used);
    // Asked once for all: it costs the system more than the rest of an idle download's second.
    const local = used.some(([address]) => address !== undefined) ? this.#ports.interfaces.list() : [];
    for (const [, socket] of used) socket.check(local);
  }
}
