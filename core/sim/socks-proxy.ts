import type { Endpoint } from '../base/endpoint.ts';
import { familyOf } from '../base/ip.ts';
import { decodePlace, placeLength } from '../proxy/address.ts';
import { unwrapDatagram, wrapDatagram } from '../proxy/datagram.ts';
import { millis } from '../base/ids.ts';
import type { DatagramSocket } from '../ports/datagram.ts';
import type { Connection, ConnectionHandler, Listener } from '../ports/net.ts';
import type { SimHost } from './net-host.ts';

const LIMITS = { silenceTimeout: millis(600_000), stuckTimeout: millis(60_000) };
const SUCCESS = [5, 0, 0, 1, 0, 0, 0, 0];

/** A SOCKS5 proxy of the simulation, which lets everybody in. It names no address of its own, as many do. */
export class SocksProxy {
  readonly host: SimHost;
  readonly #port: number;
  readonly #sockets = new Set<DatagramSocket>();
  #listener: Listener | undefined;
  readonly #clients = new Set<Connection>();
  /** Places that it was asked to connect with or to send to, names as names. */
  readonly asked = new Set<string>();
  udp = true;

  constructor(host: SimHost, port = 1080) {
    this.host = host;
    this.#port = port;
  }

  get clients(): ReadonlySet<Connection> {
    return this.#clients;
  }

  async start(): Promise<void> {
    this.#listener = await this.host.listen({ port: this.#port, ...LIMITS }, (client) => {
      this.#clients.add(client);
      return this.#serve();
    });
  }

  /** It dies, and with it all that goes by it. */
  async stop(): Promise<void> {
    await this.#listener?.close();
    this.host.breakConnections();
    for (const socket of this.#sockets) socket.close();
    this.#sockets.clear();
    this.#clients.clear();
  }

  #serve(): ConnectionHandler {
    let greeted = false;
    return {
      data: (client, data) => {
        if (!greeted) {
          greeted = true;
          client.write(Uint8Array.of(5, 0));
          return;
        }
        if ((placeLength(data, 3) ?? 0) === 0) return client.destroy();
        if (data[1] === 3) void this.#associate(client);
        else void this.#connect(client, decodePlace(data, 3));
      },
      closed: (client) => this.#clients.delete(client),
    };
  }

  async #find({ host, port }: Endpoint): Promise<Endpoint | undefined> {
    this.asked.add(`${host}:${port}`);
    const [found] = await this.host.resolve(host).catch(() => []);
    return found && { host: found.address, port };
  }

  async #connect(client: Connection, place: Endpoint): Promise<void> {
    const remote = await this.#find(place);
    const refuse = (): void => {
      client.write(Uint8Array.of(5, 4, 0, 1, 0, 0, 0, 0, 0, 0));
      client.end();
    };
    if (remote === undefined) return refuse();
    let stands = false;
    const far = this.host.dial(
      { remote, connectTimeout: millis(10_000), ...LIMITS },
      {
        connected: () => {
          stands = true;
          client.write(Uint8Array.of(...SUCCESS, 0, 0));
        },
        data: (_, data) => client.write(data.slice()),
        closed: () => (stands ? client.end() : refuse()),
      },
    );
    client.handOver({ data: (_, data) => far.write(data.slice()), closed: () => far.end() });
  }

  async #associate(client: Connection): Promise<void> {
    if (!this.udp) {
      client.write(Uint8Array.of(5, 7, 0, 1, 0, 0, 0, 0, 0, 0));
      return client.end();
    }
    let user: Endpoint | undefined;
    const out = (family: 4 | 6): Promise<DatagramSocket> =>
      this.host.datagram(
        { family },
        {
          received: (data, host, port) => {
            if (user !== undefined) inner.send(wrapDatagram({ host, port }, data), user.host, user.port);
          },
        },
      );
    const [outer, outer6] = [await out(4), await out(6)];
    const inner = await this.host.datagram(
      { family: 4 },
      {
        received: (packet, host, port) => {
          user ??= { host, port };
          const unwrapped = unwrapDatagram(packet);
          if (unwrapped === undefined || user.port !== port) return;
          void this.#find(unwrapped.from).then(
            (to) => to && (familyOf(to.host) === 4 ? outer : outer6).send(unwrapped.data, to.host, to.port),
          );
        },
      },
    );
    this.#sockets.add(outer).add(outer6).add(inner);
    const close = (): void => {
      this.#clients.delete(client);
      outer.close();
      outer6.close();
      inner.close();
    };
    client.handOver({ data: () => {}, closed: close });
    client.write(Uint8Array.of(...SUCCESS, inner.local.port >> 8, inner.local.port & 255));
  }
}
