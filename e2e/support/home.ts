import { writeFile } from 'node:fs/promises';
import { Child, type ChildOptions } from '../../core/lab/real/child.ts';
import { type Lab, listensIn } from './lab.ts';

/** The machine's addresses at home, the router's at both sides, and hosts of the internet (which looks public, but has no way out). */
export const HOME = {
  ours: ['192.168.50.11', '192.168.50.12', '192.168.50.13'],
  other: '192.168.50.14',
  ours6: '2001:db9:50::11',
  router: '192.168.50.1',
  outer: '93.184.216.1',
  outside: ['93.184.216.2', '93.184.216.3', '93.184.216.4'],
} as const;

/** What the router forwards to nobody, and to whom its port mappings go. */
const RULES = `table inet filter {
  chain miniupnpd {
  }
  chain prerouting_miniupnpd {
  }
  chain postrouting_miniupnpd {
  }
  chain input {
    type filter hook input priority 0; policy accept;
  }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    meta l4proto ipv6-icmp accept
    iifname "lan" accept
    jump miniupnpd
  }
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    jump prerouting_miniupnpd
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    jump postrouting_miniupnpd
    oifname "wan" masquerade
  }
}
`;

/** A machine beside a lab, in a namespace of its own. */
export class Place {
  readonly #lab: Lab;
  readonly #holder: Child;
  readonly #children: Child[] = [];

  private constructor(lab: Lab, holder: Child) {
    this.#lab = lab;
    this.#holder = holder;
  }

  static async open(lab: Lab, name: string): Promise<Place> {
    const holder = new Child(name, ['unshare', '--net', 'sh', '-c', 'ip link set lo up; echo ready; exec cat'], {
      cwd: lab.folder,
    });
    await holder.until(() => holder.output.includes('ready'), 'its namespace', 20);
    return new Place(lab, holder);
  }

  get pid(): number {
    return this.#holder.pid;
  }

  get folder(): string {
    return this.#lab.folder;
  }

  start(name: string, command: readonly string[], options: Omit<ChildOptions, 'cwd'> = {}): Child {
    const inside = ['nsenter', `--net=/proc/${this.#holder.pid}/ns/net`, '--', ...command];
    const child = new Child(name, inside, { cwd: this.#lab.folder, ...options });
    this.#children.push(child);
    return child;
  }

  path(...parts: string[]): string {
    return this.#lab.path(...parts);
  }

  listens(host: string, port: number): Promise<boolean> {
    return listensIn(this.pid, host, port);
  }

  /** Runs a shell script to its end; what it wrote. */
  async run(script: string): Promise<string> {
    const child = this.start('sh', ['sh', '-ec', script]);
    const { code } = await child.exit;
    if (code !== 0) throw new Error(`${script}: exit ${code}\n${child.output}`);
    return child.output;
  }

  async close(): Promise<void> {
    for (const child of this.#children.splice(0).reverse()) await child.stop();
    await this.#holder.stop();
  }
}

/** What miniupnpd speaks. */
export interface RouterOptions {
  readonly pcp: boolean;
  readonly natPmp: boolean;
  readonly upnp: boolean;
}

/** The IPv6 networks at home and outside. */
const NETWORK6 = '2001:db9:50::';
const OUTSIDE6 = '2001:db9:1::';

/** A lab as a machine at home, behind a router (miniupnpd, nftables NAT) that has a public-looking address. */
export class Home {
  readonly lab: Lab;
  readonly router: Place;
  readonly outside: Place;
  #daemon: Child | undefined;

  private constructor(lab: Lab, router: Place, outside: Place) {
    this.lab = lab;
    this.router = router;
    this.outside = outside;
  }

  static async open(lab: Lab): Promise<Home> {
    const [router, outside] = [await Place.open(lab, 'router'), await Place.open(lab, 'outside')];
    const add = (addresses: readonly string[], device: string): string =>
      addresses.map((one) => `ip addr add ${one}/24 dev ${device};`).join(' ');
    const inside =
      `ip link add eth0 type veth peer name lan netns ${router.pid};` +
      `${add([...HOME.ours, HOME.other], 'eth0')} ip link set eth0 up; ip route add default via ${HOME.router}`;
    await lab.run(['sh', '-ec', inside], 10);
    await writeFile(lab.path('rules.nft'), RULES);
    await router.run(
      `ip link add wan type veth peer name eth0 netns ${outside.pid};` +
        `${add([HOME.router], 'lan')} ip link set lan up; ${add([HOME.outer], 'wan')} ip link set wan up;` +
        'echo 1 > /proc/sys/net/ipv4/ip_forward; nft -f rules.nft',
    );
    await outside.run(
      `${add(HOME.outside, 'eth0')} ip link set eth0 up;` +
        `ip addr add ${OUTSIDE6}2/64 dev eth0 nodad; ip route add default via ${OUTSIDE6}1`,
    );
    await router.run(
      `ip addr add ${NETWORK6}1/64 dev lan nodad; ip addr add ${OUTSIDE6}1/64 dev wan nodad;` +
        'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding',
    );
    // As a router advertises itself: by its link-local address. Before that answers, requests wait in a queue and then come all at
    // once, and miniupnpd 2.3.1 gives an IPv6 opening that was asked for twice back to nobody (PCP result 2) before its lease ends.
    await router.run('while ip -6 addr show dev lan tentative | grep -q fe80; do sleep 0.1; done');
    const own = /fe80:\S+(?=\/64)/.exec(await router.run('ip -6 addr show lan scope link'))?.[0] ?? '';
    const six = `ip addr add ${HOME.ours6}/64 dev eth0 nodad; ip route add default via ${own} dev eth0`;
    await lab.run(['sh', '-ec', six], 10);
    return new Home(lab, router, outside);
  }

  /** Starts the router's daemon, which has forgotten all mappings. */
  async startRouter({ pcp, natPmp, upnp }: RouterOptions): Promise<void> {
    const yes = (on: boolean): string => (on ? 'yes' : 'no');
    const lines = [
      'ext_ifname=wan',
      'listening_ip=lan',
      'http_port=5000',
      `enable_natpmp=${yes(pcp || natPmp)}`,
      `enable_upnp=${yes(upnp)}`,
      'secure_mode=yes',
      'system_uptime=no',
      'uuid=396d3009-41c2-4089-bcd2-562f9c61aba9',
      'upnp_table_name=filter',
      'upnp_nat_table_name=filter',
      'upnp_forward_chain=miniupnpd',
      'upnp_nat_chain=prerouting_miniupnpd',
      'upnp_nat_postrouting_chain=postrouting_miniupnpd',
      'allow 1024-65535 192.168.50.0/24 1024-65535',
      'deny 0-65535 0.0.0.0/0 0-65535',
    ];
    await writeFile(this.lab.path('miniupnpd.conf'), `${lines.join('\n')}\n`);
    const chains = ['miniupnpd', 'prerouting_miniupnpd', 'postrouting_miniupnpd', 'input'];
    // It speaks both protocols of this port, or none: the other one's version is dropped before it.
    const drop = (version: number): string =>
      `nft add rule inet filter input udp dport 5351 @th,64,8 == ${version} drop;`;
    await this.router.run(
      chains.map((chain) => `nft flush chain inet filter ${chain};`).join('') +
        (pcp ? '' : drop(2)) +
        (natPmp ? '' : drop(0)),
    );
    const command = ['miniupnpd', '-d', '-f', this.lab.path('miniupnpd.conf'), '-P', this.lab.path('miniupnpd.pid')];
    const daemon = this.router.start('miniupnpd', command);
    this.#daemon = daemon;
    await daemon.until(() => /listening (?:on|for) /i.test(daemon.output), 'its ports', 10);
  }

  async stopRouter(): Promise<void> {
    await this.#daemon?.stop();
  }

  /** The router's mappings, such as `tcp 7000 > 192.168.50.11:7000`, in order. */
  async mappings(): Promise<string[]> {
    const rules = await this.router.run('nft list chain inet filter prerouting_miniupnpd');
    const all = rules.matchAll(/(0x6|0x11|tcp|udp)\b.*dport (\d+) dnat ip to (\S+)/g);
    return [...all]
      .map(([, kind = '', port, to]) => `${kind === '0x6' || kind === 'tcp' ? 'tcp' : 'udp'} ${port} > ${to}`)
      .sort();
  }

  /** The openings in the router's IPv6 firewall, by port and protocol, in order. */
  async openings(): Promise<string[]> {
    const rules = await this.router.run('nft list chain inet filter miniupnpd');
    const all = rules.matchAll(/dport (\d+) @nh,192,128 \S+ @nh,48,8 (\S+) accept/g);
    return [...all].map(([, port, kind]) => `${kind === '0x6' ? 'tcp' : 'udp'} ${port}`).sort();
  }

  /** Resolves when the router has exactly these; rejects after so many seconds on a quiet machine. */
  async untilMapped(wanted: readonly string[], seconds: number): Promise<void> {
    const end = Date.now() + 3000 * seconds;
    for (;;) {
      const now = await this.mappings();
      if (now.join() === [...wanted].sort().join()) return;
      if (Date.now() > end) throw new Error(`wanted ${wanted.join(', ')}\nthe router has ${now.join(', ')}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async close(): Promise<void> {
    await this.outside.close();
    await this.router.close();
  }
}

/** Sets up a home, lets `play` run in it, and clears up whatever became of it. */
export async function withHome(lab: Lab, play: (home: Home) => Promise<void>): Promise<void> {
  const home = await Home.open(lab);
  try {
    await play(home);
  } finally {
    await home.close();
  }
}
