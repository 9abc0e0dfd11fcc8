import { Place } from './home.ts';
import type { Lab } from './lab.ts';

/** Addresses that look public, of the one in between and of the two routers; and those of the machines behind these. */
const RELAY = '93.184.216.1';
const OUTER = ['93.184.216.10', '93.184.216.20'] as const;
const INNER = ['192.168.10.2', '192.168.20.2'] as const;

/** The same over IPv6, where the machines have the addresses by which others know them. */
const RELAY6 = '2001:db9:1::1';
const INNER6 = ['2001:db9:10::2', '2001:db9:20::2'] as const;

/**
 * What routers do: they keep ports for all targets, or choose one for each, as nftables calls that; or they have no ports of their own
 * and let nobody in who was not spoken to.
 */
export type Masquerade = 'masquerade' | 'masquerade random,fully-random' | 'ipv6';

/** As home routers do by default: what nobody inside has asked for is dropped. */
const rules = (masquerade: Masquerade): string => `
table ip nat {
  chain post {
    type nat hook postrouting priority 100;
    oifname "wan" ${masquerade}
  }
}
table ip filter {
  chain input {
    type filter hook input priority 0;
    iifname "wan" drop
  }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "lan" accept
  }
}`;

const RULES6 = `
table ip6 filter {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    meta l4proto ipv6-icmp accept
    iifname "lan" accept
  }
}`;

/** Two machines, each behind a router of its own, that a lab as the internet lies between. */
export class Nats {
  readonly inside: readonly [Place, Place];
  /** Addresses of the one in between, of the two machines, and by which others know these. */
  readonly relay: string;
  readonly inner: readonly [string, string];
  readonly outer: readonly [string, string];
  readonly #routers: readonly Place[];

  private constructor(inside: readonly [Place, Place], routers: readonly Place[], overIpv6: boolean) {
    this.inside = inside;
    this.relay = overIpv6 ? RELAY6 : RELAY;
    this.inner = overIpv6 ? INNER6 : INNER;
    this.outer = overIpv6 ? INNER6 : OUTER;
    this.#routers = routers;
  }

  static async open(lab: Lab, masquerade: Masquerade): Promise<Nats> {
    await lab.run(
      ['sh', '-ec', `ip link add hub type bridge; ip addr add ${RELAY}/24 dev hub; ip link set hub up`],
      10,
    );
    const overIpv6 = masquerade === 'ipv6';
    if (overIpv6) await lab.run(['ip', 'addr', 'add', `${RELAY6}/64`, 'dev', 'hub', 'nodad'], 10);
    const inside: Place[] = [];
    const routers: Place[] = [];
    for (const [i, outer] of OUTER.entries()) {
      const router = await Place.open(lab, `router ${i}`);
      const place = await Place.open(lab, `inside ${i}`);
      routers.push(router);
      inside.push(place);
      const gateway = INNER[i]?.replace(/2$/, '1') ?? '';
      const link = `ip link add wan${i} type veth peer name wan netns ${router.pid}; ip link set wan${i} master hub up`;
      await lab.run(['sh', '-ec', link], 10);
      await router.run(
        `ip link add lan type veth peer name eth0 netns ${place.pid}; ip addr add ${gateway}/24 dev lan; ip link set lan up;` +
          `ip addr add ${outer}/24 dev wan; ip link set wan up; echo 1 > /proc/sys/net/ipv4/ip_forward;` +
          `nft -f - <<'END'\n${overIpv6 ? RULES6 : rules(masquerade)}\nEND`,
      );
      await place.run(`ip addr add ${INNER[i]}/24 dev eth0; ip link set eth0 up; ip route add default via ${gateway}`);
      if (!overIpv6) continue;
      const [own = '', wan] = [INNER6[i], `2001:db9:1::${i + 2}`];
      const gateway6 = own.replace(/2$/, '1');
      await router.run(
        `ip addr add ${gateway6}/64 dev lan nodad; ip addr add ${wan}/64 dev wan nodad;` +
          `echo 1 > /proc/sys/net/ipv6/conf/all/forwarding`,
      );
      await place.run(`ip addr add ${own}/64 dev eth0 nodad; ip -6 route add default via ${gateway6}`);
      await lab.run(['ip', '-6', 'route', 'add', own.replace(/2$/, '/64'), 'via', wan], 10);
      // The way between the two is by the one in between.
      for (const other of INNER6) {
        if (other !== own) await router.run(`ip -6 route add ${other.replace(/2$/, '/64')} via ${RELAY6}`);
      }
    }
    if (overIpv6) await lab.run(['sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'], 10);
    const [first, second] = inside;
    if (first === undefined || second === undefined) throw new Error('two machines are needed');
    return new Nats([first, second], routers, overIpv6);
  }

  async close(): Promise<void> {
    for (const place of [...this.inside, ...this.#routers]) await place.close();
  }
}
