import { createSocket } from 'node:dgram';
import type { BindOptions, Socket } from 'node:dgram';
import type { Endpoint } from '../base/endpoint.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import type { DatagramHandler, DatagramOptions, DatagramSocket } from '../ports/datagram.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import { zoneOf } from './interfaces.ts';
import { literalFamily } from './ip-literal.ts';

/** Opens a UDP socket of this machine, with one more for each group: a socket that is bound to a group has no address to send from. */
export async function openDatagram(options: DatagramOptions, handler: DatagramHandler): Promise<DatagramSocket> {
  const { family, localAddress, multicast } = options;
  const port = options.port ?? 0;
  const any = family === 6 ? '::' : '0.0.0.0';
  const sockets: Socket[] = [];
  try {
    if (localAddress !== undefined && literalFamily(localAddress) !== family) throw systemError('EAFNOSUPPORT');
    const main = make(family, false, handler);
    sockets.push(main);
    await bind(main, { port, address: localAddress ?? any, exclusive: true });
    widen(main);
    if (multicast !== undefined) {
      // Without an interface the system would choose one, and with it perhaps another address.
      if (localAddress === undefined) throw systemError('EINVAL');
      const zone = family === 6 ? `::%${zoneOf(localAddress)}` : localAddress;
      main.setMulticastInterface(zone);
      main.setMulticastTTL(multicast.ttl);
      for (const group of multicast.groups) {
        const member = make(family, true, handler);
        sockets.push(member);
        // Windows binds to no group; what comes to a group reaches whoever joined it on this address.
        const address = process.platform === 'win32' ? localAddress : group.host;
        await bind(member, { port: group.port, address });
        member.addMembership(group.host, zone);
      }
    }
    return new NodeDatagramSocket(main, sockets, handler);
  } catch (error) {
    for (const socket of sockets) socket.close();
    throw networkError(`open a UDP socket on ${formatEndpoint({ host: localAddress ?? any, port })}`, error);
  }
}

/** Bytes of datagrams that may wait while the process is busy. The system's own 208 KiB are gone in a moment of a large swarm. */
const RECEIVE_BUFFER = 1024 * 1024;

class NodeDatagramSocket implements DatagramSocket {
  readonly local: Endpoint;
  readonly #socket: Socket;
  readonly #all: readonly Socket[];
  readonly #handler: DatagramHandler;
  /** One callback for all datagrams, or none: without one Node reports nothing, not even success. */
  readonly #sent: ((error: Error | null) => void) | undefined;
  #open = true;
  /** When it was last looked, there were datagrams that the system had not taken. */
  #waiting = false;

  constructor(socket: Socket, all: readonly Socket[], handler: DatagramHandler) {
    const bound = socket.address();
    this.local = { host: bound.address, port: bound.port };
    this.#socket = socket;
    this.#all = all;
    this.#handler = handler;
    this.#sent = handler.failed === undefined ? undefined : (error) => this.#failed(error);
  }

  send(data: Uint8Array, host: string, port: number, quietly?: boolean): boolean {
    if (!this.#open) return true;
    // Node would throw.
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      process.nextTick(() => this.#handler.failed?.('EINVAL', host, port));
      return true;
    }
    this.#waiting &&= this.#socket.getSendQueueCount() > 0;
    const behind = this.#waiting;
    this.#socket.send(data, port, host, quietly === true ? undefined : this.#sent);
    // Where others wait, it waits too; else Node has tried at once.
    this.#waiting = this.#socket.getSendQueueCount() > 0;
    return !behind && !this.#waiting;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const socket of this.#all) socket.close();
  }

  #failed(error: Error | null): void {
    if (error === null || !this.#open) return;
    const { code = 'EIO', address = '', port = 0 } = error as { code?: string; address?: string; port?: number };
    this.#handler.failed?.(code, address, port);
  }
}

function make(family: 4 | 6, shared: boolean, handler: DatagramHandler): Socket {
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    reuseAddr: shared,
    // Only literals are sent to, so there is nothing to look up or to wait for.
    lookup: (host, _, found) => found(null, host, family),
  });
  // Datagrams that cannot be received count as lost.
  socket.on('error', () => {});
  socket.on('message', (data, from) => handler.received(data, from.address, from.port));
  return socket;
}

/** Systems allow as much as they are set to, some by refusing more. */
function widen(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER);
  } catch {
    // It stays as it is.
  }
}

function bind(socket: Socket, options: BindOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(options, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}
