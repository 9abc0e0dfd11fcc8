import type { AddressInfo, LookupFunction, TcpNetConnectOpts } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Socket, connect, createServer } from 'node:net';
import { MAX_ACCEPTED } from '../base/bounds.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import type { EnsembleError } from '../base/errors.ts';
import type { DatagramHandler, DatagramOptions, DatagramSocket } from '../ports/datagram.ts';
import type {
  Connection,
  ConnectionHandler,
  DialOptions,
  Listener,
  ListenOptions,
  Net,
  ResolvedAddress,
} from '../ports/net.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import { hasAddress } from './interfaces.ts';
import { readInto } from './accepted-socket.ts';
import { literalFamily } from './ip-literal.ts';
import { NodeNames } from './names.ts';
import { NodeConnection, plainAddress } from './net-connection.ts';
import { openDatagram } from './net-datagram.ts';
import { leadsOut } from './leads-out.ts';
import { listening } from './listening.ts';
import { TalkedSocket } from './talked-socket.ts';
import { tls } from './tls.ts';

/**
 * All sockets read into this buffer: filling it and calling the handler are one step, so that no two sockets have bytes in
 * it at the same time, and none needs a buffer of its own.
 */
let shared: Uint8Array | undefined;
const READ_BUFFER = 256 * 1024;
const sharedBuffer = (): Uint8Array => (shared ??= new Uint8Array(READ_BUFFER));

/** TCP and UDP of this machine. */
export class NodeNet implements Net {
  readonly #names: NodeNames;

  constructor(names: NodeNames = new NodeNames()) {
    this.#names = names;
  }

  dial(options: DialOptions, handler: ConnectionHandler): Connection {
    const { remote, localAddress, via } = options;
    const local = { host: localAddress ?? '', port: 0 };
    const to = via?.proxy ?? remote;
    const buffer = sharedBuffer();
    const bad = refusal(options);
    if (bad === undefined && options.tls !== undefined) {
      return dialTls(options, options.tls, this.#names.lookupFrom(localAddress), handler);
    }
    const socket =
      bad === undefined
        ? connect({
            host: to.host,
            port: to.port,
            ...(localAddress === undefined ? {} : { localAddress, family: literalFamily(localAddress) }),
            noDelay: true,
            autoSelectFamily: false,
            ...(literalFamily(to.host) === 0 && { lookup: this.#names.lookupFrom(localAddress) }),
            onread: {
              buffer,
              callback: (count) => connection.received(buffer.subarray(0, count)),
            },
          })
        : new Socket();
    const connection: NodeConnection = new NodeConnection(socket, { remote, local, outgoing: true }, options);
    if (via !== undefined) connection.talkFirst(via.talk);
    connection.attach(handler, 'onread');
    if (bad !== undefined) connection.fail({ kind: 'error', code: bad });
    return connection;
  }

  async listen(
    options: ListenOptions,
    accept: (connection: Connection) => ConnectionHandler | undefined,
  ): Promise<Listener> {
    const { address, port } = options;
    const wanted = { host: address ?? '*', port };
    const refused = (error: unknown): EnsembleError => networkError(`listen on ${formatEndpoint(wanted)}`, error);
    if (address !== undefined && literalFamily(address) === 0) throw refused(systemError('EADDRNOTAVAIL'));
    if (!isPort(port)) throw refused(new Error(`${port} is no port`));
    let standing = 0;
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (accepted) => {
      if (standing >= MAX_ACCEPTED) return void accepted.destroy();
      standing++;
      admit(accepted, options, accept).once('close', () => standing--);
    });
    server.maxConnections = MAX_ACCEPTED;
    const at = { port, exclusive: true, ...(address === undefined ? {} : within(address)) };
    await listening(server, at).catch((error: unknown) => {
      throw refused(error);
    });
    const bound = addressOf(() => server.address() as AddressInfo | null, { address: address ?? '::', port });
    return {
      local: { host: bound.address, port: bound.port },
      get standing() {
        return standing;
      },
      close: () =>
        new Promise((closed) => {
          // The port is free in the next turn; accepted connections go on, and are not waited for.
          server.close();
          setImmediate(closed);
        }),
    };
  }

  datagram(options: DatagramOptions, handler: DatagramHandler): Promise<DatagramSocket> {
    return openDatagram(options, handler);
  }

  resolve(host: string, from?: string): Promise<readonly ResolvedAddress[]> {
    return this.#names.resolve(host, from);
  }

  ownNameServers(from: string): Promise<boolean> {
    return this.#names.ownNameServers(from);
  }

  leadsOut(family: 4 | 6, from?: string): Promise<boolean | undefined> {
    return leadsOut(family, from);
  }
}

/** TLS over TCP. What comes is decrypted into memory of its own first, so that there is no buffer to share. */
function dialTls(options: DialOptions, name: string, lookup: LookupFunction, handler: ConnectionHandler): Connection {
  const { remote, localAddress, via } = options;
  const { host, port } = via?.proxy ?? remote;
  const to: TcpNetConnectOpts = {
    host,
    port,
    ...(localAddress === undefined ? {} : { localAddress, family: literalFamily(localAddress) }),
    autoSelectFamily: false,
    ...(literalFamily(host) === 0 && { lookup }),
  };
  const how: ConnectionOptions = {
    ALPNProtocols: ['http/1.1'],
    ...(literalFamily(name) === 0 && { servername: name }),
    checkServerIdentity: (_, certificate) => tls().checkServerIdentity(name, certificate),
  };
  const bare = via && new TalkedSocket(connect(to), via.talk);
  const socket = tls().connect({ ...(bare === undefined ? to : { socket: bare }), ...how });
  socket.setNoDelay(true);
  const ends = { remote, local: { host: localAddress ?? '', port: 0 }, outgoing: true };
  const connection = new NodeConnection(socket, ends, options);
  connection.attach(handler, 'events', 'secureConnect');
  return connection;
}

/** Returns what stands for the connection from now on. */
function admit(
  accepted: Socket,
  options: ListenOptions,
  accept: (connection: Connection) => ConnectionHandler | undefined,
): Socket {
  const remote = plainAddress(accepted.remoteAddress);
  const local = plainAddress(accepted.localAddress);
  // Gone before it was accepted: no addresses any more.
  if (remote === undefined || local === undefined) return accepted.on('error', () => {}).destroy();
  const { remotePort, localPort } = accepted;
  const buffer = sharedBuffer();
  const own = readInto(accepted, { buffer, callback: (count) => connection.received(buffer.subarray(0, count)) });
  const socket = own ?? accepted;
  const ends = {
    remote: { host: remote, port: remotePort ?? 0 },
    local: { host: local, port: localPort ?? 0 },
    outgoing: false,
  };
  const connection: NodeConnection = new NodeConnection(socket, ends, {
    silenceTimeout: options.silenceTimeout,
    stuckTimeout: options.stuckTimeout,
  });
  const handler = accept(connection);
  if (handler === undefined) connection.destroy();
  else {
    connection.attach(handler, own === undefined ? 'events' : 'onread');
    if (own === undefined) accepted.resume();
  }
  return socket;
}

/** The error code where these options cannot be dialled; undefined where they can. */
function refusal({ remote, via, localAddress }: DialOptions): string | undefined {
  if (!isPort(remote.port) || remote.port === 0) return 'EINVAL';
  if (localAddress === undefined) return undefined;
  const own = literalFamily(localAddress);
  if (own === 0) return 'EADDRNOTAVAIL';
  const other = literalFamily((via?.proxy ?? remote).host);
  // A name would be looked up before the system notices that there is no address to leave from.
  if (other === 0) return hasAddress(localAddress) ? undefined : 'EADDRNOTAVAIL';
  return other === own ? undefined : 'EAFNOSUPPORT';
}

function within(address: string): { host: string; ipv6Only: boolean } {
  return { host: address, ipv6Only: literalFamily(address) === 6 };
}

type Bound = Pick<AddressInfo, 'address' | 'port'>;

/** The address of a socket as the system tells, or as it was asked for if it cannot tell. */
function addressOf(ask: () => Bound | null, asked: Bound): Bound {
  try {
    return ask() ?? asked;
  } catch {
    return asked;
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65_535;
}
