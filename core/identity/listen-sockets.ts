import type { ListenPorts } from './listen-socket.ts';
import { ListenSocket } from './listen-socket.ts';

/** The listen sockets of a process: one for each local address, shared by all downloads that are bound to it. */
export class ListenSockets {
  readonly #ports: ListenPorts;
  /** By address. They are kept when nothing needs them any more, to remember their ports. */
  readonly #byAddress = new Map<string | undefined, ListenSocket>();

  constructor(ports: ListenPorts) {
    this.#ports = ports;
  }

  /** The socket of an address; undefined: of all addresses together. */
  at(address: string | undefined): ListenSocket {
    let socket = this.#byAddress.get(address);
    if (socket === undefined) {
      socket = new ListenSocket(this.#ports, address);
      this.#byAddress.set(address, socket);
    }
    return socket;
  }

  /** Gives all mappings back: the process ends. */
  async unmap(): Promise<void> {
    await Promise.all([...this.#byAddress.values()].map((socket) => socket.unmap()));
  }

  /** The process slept: routers may have been restarted. */
  awoke(): void {
    for (const socket of this.#byAddress.values()) socket.awoke();
  }

  /** Checks which of their addresses the machine has. */
  check(): void {
    const used = [...this.#byAddress].filter(([, socket]) => socket.used);
    // Asked once for all, as it costs more than everything else that an idle download does in a second.
    const local = used.length > 0 ? this.#ports.interfaces.list() : [];
    for (const [, socket] of used) socket.check(local);
  }
}
