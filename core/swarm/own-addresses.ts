import type { Endpoint } from '../base/endpoint.ts';
import { canonicalIp, familyOf, isWildcard, networkOf } from '../base/ip.ts';
import { scopeOf } from '../base/ip-scope.ts';
import { canonicalPriority } from '../strategy/peers/canonical-priority.ts';
import type { Self } from './self.ts';

type Known = Pick<Self, 'address' | 'endpoint' | 'announced' | 'external'>;

/** Where this client can be found, as far as it is known: where it listens, how it is announced, and where others see it. */
export class OwnAddresses {
  readonly #self: Known;
  /** What it was when priorities were worked out last. */
  #used = '';

  constructor(self: Known) {
    this.#self = self;
  }

  /** A peer at `voter` sees us at `address` (BEP 10, `yourip`). True where priorities have to be worked out anew. */
  heard(voter: string, address: string): boolean {
    const { external } = this.#self;
    external.vote(networkOf(voter), address);
    const now = `${external.agreed(4)} ${external.agreed(6)}`;
    if (now === this.#used) return false;
    this.#used = now;
    return true;
  }

  /** Whether this is us, or a sibling that listens on one of `ports` behind the same address. */
  isOurs({ host, port }: Endpoint, ports: ReadonlySet<number>): boolean {
    const own = [this.#self.endpoint(), this.#self.announced()];
    if (own.some((one) => one?.port === port && one.host === host)) return true;
    if (!ports.has(port) && !own.some((one) => one?.port === port)) return false;
    return this.#self.external.agreed(familySeen(host)) === canonicalIp(host);
  }

  /** The canonical priority of a connection with a peer (BEP 40); undefined while it is not known how that peer sees us. */
  priorityOf(remote: Endpoint): number | undefined {
    const port = this.#self.announced()?.port;
    const host = this.#seenFrom(remote.host);
    return host === undefined || port === undefined ? undefined : canonicalPriority({ host, port }, remote);
  }

  #seenFrom(remote: string): string | undefined {
    const scope = scopeOf(remote);
    const family = familySeen(remote);
    const outer = scope === 'global' ? this.#self.external.agreed(family) : undefined;
    if (outer !== undefined) return outer;
    const local = this.#self.endpoint();
    const bound = this.#self.address ?? (local === undefined || isWildcard(local.host) ? undefined : local.host);
    return bound !== undefined && familySeen(bound) === family && scopeOf(bound) === scope ? bound : undefined;
  }
}

/** An IPv4 address in IPv6 form is one of IPv4. */
function familySeen(host: string): 4 | 6 {
  return familyOf(canonicalIp(host) ?? host);
}
