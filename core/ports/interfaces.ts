import type { LinkKind } from '../base/choices.ts';

/** An address of this machine. */
export interface LocalAddress {
  /** Such as `eth0`. */
  readonly interfaceName: string;
  readonly address: string;
  readonly family: 4 | 6;
  /** Loopback. */
  readonly internal: boolean;
  /** An IPv6 address that nothing new should use. False also where the system does not say. */
  readonly deprecated?: boolean;
  /** An IPv6 address that lasts for some hours or days only, for privacy; absent where the system does not tell. */
  readonly temporary?: boolean;
  /** How many leading bits all addresses of its link share; absent where the system does not tell. */
  readonly prefix?: number;
}

/** The device of an address: where one has several addresses, the names of the further ones may have a label at their end (`eth0:1`). */
export function deviceOf({ interfaceName }: Pick<LocalAddress, 'interfaceName'>): string {
  return interfaceName.replace(/:.*$/, '');
}

/** A way to a router, as the machine's routing tables have it. */
export interface Route {
  readonly interfaceName: string;
  readonly family: 4 | 6;
  /** The router; an IPv6 link-local address bears its zone (`fe80::1%eth0`). */
  readonly gateway: string;
  /** `everywhere`: the default route, or half of it, as VPNs write it; `peer`: it is the far end of a link between two. */
  readonly leads: 'everywhere' | 'somewhere' | 'peer';
  /** The lowest is taken. */
  readonly metric: number;
  /** Only packets from these addresses go there (`10.0.0.2/32`); absent: all. */
  readonly source?: string;
}

/** An interface as the system describes it. */
export interface InterfaceFacts {
  readonly kind: LinkKind;
  /** Whether something is plugged in. */
  readonly up: boolean;
  /** A link between two, on which packets need no router's address. */
  readonly pointToPoint: boolean;
}

/** The machine's network interfaces. */
export interface Interfaces {
  list(): readonly LocalAddress[];
  /** The routers that its routing tables of this family know, of all tables; none where the system does not tell. */
  routes(family: 4 | 6): Promise<readonly Route[]>;
  /** What its interfaces are, by their names; none where the system does not tell. Never rejects. */
  describe?(): Promise<ReadonlyMap<string, InterfaceFacts>>;
  /** Bytes of the longest packet that this interface takes in one piece (MTU); undefined where the system does not tell. */
  longestPacket?(interfaceName: string): number | undefined;
}
