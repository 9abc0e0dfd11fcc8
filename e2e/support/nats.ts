import { Place } from './home.ts';
import type { Lab } from './lab.ts';

/** Addresses that look public, of the one in between and of the two routers; and those of the machines behind these. */
export const RELAY = '93.184.216.1';
export const OUTER = ['93.184.216.10', '93.184.216.20'] as const;
export const INNER = ['192.168.10.2', '192.168.20.2'] as const;

/** What routers do with ports: they keep them for all targets, or choose one for each. */
export type Masquerade = 'masquerade' | 'masquerade random,fully-random';

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

/** Two machines, each behind a router of its own, that a lab as the internet lies between. */
export class Nats {
  readonly inside: readonly [Place, Place];
  readonly #routers: readonly Place[];

  private constructor(inside: readonly [Place, Place], routers: readonly Place[]) {
    this.inside = inside;
    this.#routers = routers;
  }

  static async open(lab: Lab, masquerade: Masquerade): Promise<Nats> {
    await lab.run(
      ['sh', '-ec', `ip link add hub type bridge; ip addr add ${RELAY}/24 dev hub; ip link set hub up`],
      10,
    );
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
          `nft -f - <<'END'\n${rules(masquerade)}\nEND`,
      );
      await place.run(`ip addr add ${INNER[i]}/24 dev eth0; ip link set eth0 up; ip route add default via ${gateway}`);
    }
    const [first, second] = inside;
    if (first === undefined || second === undefined) throw new Error('two machines are needed');
    return new Nats([first, second], routers);
  }

  async close(): Promise<void> {
    for (const place of [...this.inside, ...this.#routers]) await place.close();
  }
}
