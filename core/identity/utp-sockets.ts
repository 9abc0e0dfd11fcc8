import type { Endpoint } from '../base/endpoint.ts';
import { familyOf, isLoopback, networkOf } from '../base/ip.ts';
import { isWithin, scopeOf } from '../base/ip-scope.ts';
import type { Transport } from '../peer/connector.ts';
import { SILENCE_TIMEOUT, STUCK_TIMEOUT } from '../peer/time-outs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Interfaces, LocalAddress } from '../ports/interfaces.ts';
import type { Connection, ConnectionHandler, DialOptions } from '../ports/net.ts';
import type { Random } from '../ports/random.ts';
import { defaultAddresses, isOnLink } from '../portmap/gateways.ts';
import { deadConnection } from '../utp/dead-connection.ts';
import { longestDatagram } from '../utp/path-sizes.ts';
import { USUAL } from '../utp/sizes.ts';
import { UtpSocket } from '../utp/socket.ts';
import type { LocalUdp } from './local-udp.ts';
import type { SharedUdp } from './shared-udp.ts';

export interface UtpNeeds {
  readonly ports: { readonly clock: Clock; readonly random: Random; readonly interfaces: Interfaces };
  /** Whether any torrent takes connections over uTP. */
  accepting(): boolean;
  /** A connection came; who hears of it from now on. Undefined: it is not wanted. */
  accept(connection: Connection): ConnectionHandler | undefined;
}

/** Interfaces of tunnels, whose packets are shorter than those of the line beneath. */
const TUNNEL = /^(?:tun|tap|wg|ppp|utun|ipsec|gre|sit|tailscale|zt|nordlynx|proton)/i;

/** uTP at an identity's UDP port: a transport by which peers are dialled, and that peers come by. */
export class UtpSockets implements Transport {
  readonly #udp: SharedUdp;
  readonly #needs: UtpNeeds;
  readonly #byLocal = new Map<LocalUdp, UtpSocket>();
  /** The addresses that the system would choose for most of the world. */
  #usual: readonly string[] = [];

  constructor(udp: SharedUdp, needs: UtpNeeds) {
    this.#udp = udp;
    this.#needs = needs;
    udp.onChange(() => this.#follow());
  }

  /** How many connections came and are open. */
  get standing(): number {
    let count = 0;
    for (const socket of this.#byLocal.values()) count += socket.standing;
    return count;
  }

  /** Dials from the port that others are told of, by which a router's opening for it is used too. */
  dial(options: DialOptions, handler: ConnectionHandler): Connection {
    const socket = this.#from(options);
    if (socket !== undefined) return socket.dial(options, handler);
    return deadConnection(options, handler, this.#needs.ports.clock);
  }

  /** Ends all connections, before the UDP sockets close. */
  close(): void {
    for (const socket of this.#byLocal.values()) socket.close();
  }

  /** One uTP socket for each UDP socket that there is. */
  #follow(): void {
    const locals = new Set(this.#udp.locals.values());
    for (const [local, socket] of this.#byLocal) {
      if (locals.has(local)) continue;
      this.#byLocal.delete(local);
      socket.close();
    }
    const { ports, accept, accepting } = this.#needs;
    for (const local of locals) {
      if (this.#byLocal.has(local)) continue;
      const socket = new UtpSocket(local, {
        clock: ports.clock,
        random: ports.random,
        times: { connect: 0, silence: SILENCE_TIMEOUT, stuck: STUCK_TIMEOUT },
        accepting,
        accept,
        longest: this.#longest(local.local.host),
      });
      this.#byLocal.set(local, socket);
      local.handle('utp', socket);
    }
    if (locals.size > 1) void this.#findUsual();
  }

  /**
   * Whether routers lie between, of which nobody knows whether they let others in: this peer lies further outside than the address
   * that it would be dialled from, or in another network of IPv6.
   */
  isOutside(remote: Endpoint, localAddress?: string): boolean {
    const local = this.#from({ remote, localAddress })?.local.host;
    const [here, there] = [local === undefined ? undefined : scopeOf(local), scopeOf(remote.host)];
    if (local === undefined || here === undefined || there === undefined) return false;
    if (!isWithin(here, there)) return true;
    return familyOf(local) === 6 && there === 'global' && networkOf(local) !== networkOf(remote.host);
  }

  /** The socket to dial from: the one that is asked for, or as the system would choose it by the way there. */
  #from({
    remote,
    localAddress,
  }: Pick<DialOptions, 'remote'> & { readonly localAddress?: string | undefined }): UtpSocket | undefined {
    const family = familyOf(remote.host);
    const locals = [...this.#byLocal.keys()].filter(({ local }) => familyOf(local.host) === family);
    const chosen =
      localAddress === undefined ? this.#best(locals, remote) : locals.find(({ local }) => local.host === localAddress);
    return chosen === undefined ? undefined : this.#byLocal.get(chosen);
  }

  #best(locals: readonly LocalUdp[], { host }: Endpoint): LocalUdp | undefined {
    if (locals.length < 2) return locals[0];
    const near = locals.find(({ local }) => {
      const own = this.#own(local.host);
      return isLoopback(host) ? isLoopback(local.host) : own !== undefined && isOnLink(own, host);
    });
    return near ?? locals.find(({ local }) => this.#usual.includes(local.host)) ?? locals[0];
  }

  async #findUsual(): Promise<void> {
    const { interfaces } = this.#needs.ports;
    const routes = await Promise.all(([4, 6] as const).map((family) => interfaces.routes(family)));
    this.#usual = defaultAddresses(interfaces.list(), routes.flat()).map(({ address }) => address);
  }

  /** The longest datagram that leaves in one piece, and not into a tunnel behind which it would have to be shorter. */
  #longest(address: string): number | undefined {
    const { interfaceName = '' } = this.#own(address) ?? {};
    const longest = longestDatagram(this.#needs.ports.interfaces.longestPacket?.(interfaceName));
    return TUNNEL.test(interfaceName) ? Math.min(USUAL, longest ?? USUAL) : longest;
  }

  #own(address: string): LocalAddress | undefined {
    return this.#needs.ports.interfaces.list().find((one) => one.address === address);
  }
}
