import type { Endpoint } from '../base/endpoint.ts';
import type { DatagramHandler, DatagramSocket } from '../ports/datagram.ts';
import type { Net } from '../ports/net.ts';
import { type DatagramKind, datagramKind } from '../wire/datagram-kind.ts';

type Handlers = ReadonlyMap<DatagramKind, DatagramHandler>;

/** One UDP socket: each protocol gets the datagrams of its kind that came to this address, and the rest are dropped. */
export class LocalUdp implements DatagramHandler {
  readonly #shared: Handlers;
  readonly #own = new Map<DatagramKind, DatagramHandler>();
  #socket: DatagramSocket | undefined;

  /** `shared`: handlers of all sockets of an identity, where this one has none of its own. Rejects with EnsembleError('network'). */
  static async open(
    net: Net,
    options: { readonly family: 4 | 6; readonly address?: string | undefined; readonly port: number },
    shared: Handlers,
  ): Promise<LocalUdp> {
    const { family, address, port } = options;
    const udp = new LocalUdp(shared);
    udp.#socket = await net.datagram(
      { family, port, ...(address === undefined ? {} : { localAddress: address }) },
      udp,
    );
    return udp;
  }

  private constructor(shared: Handlers) {
    this.#shared = shared;
  }

  get local(): Endpoint {
    return this.#socket?.local ?? { host: '', port: 0 };
  }

  /** As a socket's. */
  get overhead(): number {
    return this.#socket?.overhead ?? 0;
  }

  /** Sets the handler of the datagrams of a kind that come here; undefined: there is none of its own any more. */
  handle(kind: DatagramKind, handler: DatagramHandler | undefined): void {
    if (handler === undefined) this.#own.delete(kind);
    else this.#own.set(kind, handler);
  }

  /** As a socket's. */
  send(data: Uint8Array, host: string, port: number, quietly?: boolean): boolean {
    return this.#socket?.send(data, host, port, quietly) ?? true;
  }

  close(): void {
    this.#socket?.close();
  }

  received(data: Uint8Array, host: string, port: number): void {
    const kind = datagramKind(data);
    if (kind !== undefined) (this.#own.get(kind) ?? this.#shared.get(kind))?.received(data, host, port);
  }

  failed(code: string, host: string, port: number): void {
    for (const handler of this.#own.values()) handler.failed?.(code, host, port);
    for (const handler of this.#shared.values()) handler.failed?.(code, host, port);
  }
}
