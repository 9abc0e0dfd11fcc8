import type { Clock } from '../ports/clock.ts';
import type { DatagramHandler, DatagramSocket } from '../ports/datagram.ts';
import { diskCode } from '../ports/disk.ts';
import type { Net } from '../ports/net.ts';
import { type DatagramKind, datagramKind } from '../wire/datagram-kind.ts';

type Family = 4 | 6;

/**
 * The UDP port of one local address, which all protocols share: each gets the datagrams of its kind, and the rest are dropped. On
 * all addresses there is a socket for each family, since one for both would answer from any address that the system chooses.
 */
export class SharedUdp implements DatagramHandler {
  readonly #ports: { readonly net: Net; readonly clock: Clock };
  readonly #address: string | undefined;
  readonly #handlers = new Map<DatagramKind, DatagramHandler>();
  #sockets: ReadonlyMap<Family, DatagramSocket> = new Map();
  /** Why nothing can be sent while there is no socket. */
  #missing = 'EADDRNOTAVAIL';

  constructor(ports: { readonly net: Net; readonly clock: Clock }, address: string | undefined) {
    this.#ports = ports;
    this.#address = address;
  }

  /** Its port; undefined while it has no socket. */
  get port(): number | undefined {
    return this.#sockets.values().next().value?.local.port;
  }

  /** Sets the handler of the datagrams of a kind, which also hears of failures to send. */
  handle(kind: DatagramKind, handler: DatagramHandler): void {
    this.#handlers.set(kind, handler);
  }

  /** Opens it on this port (0: any free one). Rejects with EnsembleError('network'), whose code `diskCode` gives. */
  async open(port: number): Promise<void> {
    const address = this.#address;
    const sockets = new Map<Family, DatagramSocket>();
    let refused: unknown;
    for (const family of familiesOf(address)) {
      const bound = address === undefined ? {} : { localAddress: address };
      const first = sockets.values().next().value?.local.port;
      try {
        sockets.set(family, await this.#ports.net.datagram({ family, port: first ?? port, ...bound }, this));
      } catch (error) {
        refused = error;
        // The machine may have only one family. But a port that is free for one and taken for the other is no use.
        if (diskCode(error) === 'EADDRINUSE') break;
      }
    }
    if (sockets.size === 0 || diskCode(refused) === 'EADDRINUSE') {
      for (const socket of sockets.values()) socket.close();
      this.#missing = diskCode(refused) ?? 'EIO';
      throw refused;
    }
    this.#sockets = sockets;
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets = new Map();
    this.#missing = 'EADDRNOTAVAIL';
  }

  /** Sends as a socket would; failures are reported later to `failed` of all handlers. */
  send(data: Uint8Array, host: string, port: number): void {
    const socket = this.#sockets.get(host.includes(':') ? 6 : 4);
    if (socket !== undefined) return socket.send(data, host, port);
    const code = this.#sockets.size === 0 ? this.#missing : 'EAFNOSUPPORT';
    this.#ports.clock.soon(() => this.failed(code, host, port));
  }

  received(data: Uint8Array, host: string, port: number): void {
    const kind = datagramKind(data);
    if (kind !== undefined) this.#handlers.get(kind)?.received(data, host, port);
  }

  failed(code: string, host: string, port: number): void {
    for (const handler of this.#handlers.values()) handler.failed?.(code, host, port);
  }
}

function familiesOf(address: string | undefined): readonly Family[] {
  if (address === undefined) return [4, 6];
  return address.includes(':') ? [6] : [4];
}
