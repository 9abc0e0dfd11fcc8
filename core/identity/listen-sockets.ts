import type { ListenPorts } from './listen-socket.ts';
import { ListenSocket } from './listen-socket.ts';

/** The listen sockets of a process: one for each local address, shared by all downloads that are bound to it. */
export class ListenSockets {
  readonly #ports: ListenPorts;
  readonly #wayCame: (socket: ListenSocket) => void;
  /** By address. They are kept when nothing needs them any more, to remember their ports. */
  readonly #byAddress = new Map<string | undefined, { readonly socket: ListenSocket; readonly ports: ListenPorts }>();

  /** `wayCame`: see `ListenSocket`. */
  constructor(ports: ListenPorts, wayCame: (socket: ListenSocket) => void = () => {}) {
    this.#ports = ports;
    this.#wayCame = wayCame;
  }

  /** The socket of an address; undefined: of all addresses together. `ports`: of the link that has it, where that is a proxy. */
  at(address: string | undefined, ports: ListenPorts = this.#ports): ListenSocket {
    let known = this.#byAddress.get(address);
    // With another password it is another link, though its address is the same.
    if (known === undefined || (known.ports !== ports && !known.socket.used)) {
      known = { socket: new ListenSocket(ports, address, this.#wayCame), ports };
      this.#byAddress.set(address, known);
    }
    return known.socket;
  }

  /** How others reach each of them: another text where that has changed. */
  get reached(): string {
    const each = ({ socket }: { readonly socket: ListenSocket }): string =>
      `${socket.mapping.kind} ${socket.announced?.port}`;
    return [...this.#byAddress.values()].map(each).join();
  }

  /** Gives all mappings back: the process ends. */
  async unmap(): Promise<void> {
    await Promise.all([...this.#byAddress.values()].map(({ socket }) => socket.unmap()));
  }

  /** The process slept: routers may have been restarted. */
  awoke(): void {
    for (const { socket } of this.#byAddress.values()) socket.awoke();
  }

  /** Checks which of their addresses the machine has, and, unless they `rest`, whether a way leads from there. */
  check(rest = false): void {
    const used = [...this.#byAddress.values()].filter(({ socket }) => socket.used);
    // Asked once for all, as it costs more than everything else that an idle download does in a second.
    const local = used.length > 0 ? this.#ports.interfaces.list() : [];
    for (const { socket, ports } of used) socket.check(ports === this.#ports ? local : ports.interfaces.list(), rest);
  }
}
