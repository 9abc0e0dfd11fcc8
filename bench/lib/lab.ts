import { execFileSync } from 'node:child_process';
import { sh } from './namespace.ts';

/** An address with the Mbit/s of its link: up, and down where that is shaped too. */
export interface Link {
  readonly address: string;
  readonly up: number;
  readonly down?: number;
}

/** Where trackers listen: the bridge itself. */
export const LAB_HOST = '10.78.0.1';

let mounted = false;
/** Over all labs: the devices of an earlier one go a moment after its hosts. */
let ports = 0;

/** Hosts as network namespaces on one bridge, each link a veth whose sending is shaped (tc tbf). */
export class BenchLab {
  readonly #names: string[] = [];

  constructor() {
    // Where `ip netns` keeps names: ours alone, in our mount namespace.
    if (!mounted) sh('mount -t tmpfs none /run');
    mounted = true;
    sh('ip link add br0 type bridge', `ip addr add ${LAB_HOST}/16 dev br0`, 'ip link set br0 up');
  }

  /** A host that leaves by the link of the address it sends from. Several `addresses` of one link share it. */
  host(name: string, links: readonly Link[], addresses: readonly string[] = []): void {
    sh(`ip netns add ${name}`, `ip -n ${name} link set lo up`);
    this.#names.push(name);
    const all = '/proc/sys/net/ipv4/conf/all';
    const settings = [`1 > ${all}/arp_ignore`, `2 > ${all}/arp_announce`, `2 > ${all}/rp_filter`].map(
      (s) => `echo ${s}`,
    );
    this.#inside(name, ['echo reno > /proc/sys/net/ipv4/tcp_congestion_control', ...settings].join('; '));
    links.forEach((link, i) => this.#link(name, link, i));
    for (const address of addresses) sh(`ip -n ${name} addr add ${address}/32 dev eth0`);
  }

  /** What runs a program on a host. */
  on(name: string, argv: readonly string[]): string[] {
    return ['ip', 'netns', 'exec', name, ...argv];
  }

  close(): void {
    for (const name of this.#names) sh(`ip netns del ${name}`);
    sh('ip link del br0');
  }

  #link(host: string, { address, up, down }: Link, index: number): void {
    const port = `p${ports++}`;
    const device = `eth${index}`;
    const table = 100 + index;
    sh(
      `ip link add ${port} type veth peer name ${device} netns ${host}`,
      `ip link set ${port} master br0 up`,
      `ip -n ${host} addr add ${address}/32 dev ${device}`,
      `ip -n ${host} link set ${device} up`,
      `ip -n ${host} route add 10.78.0.0/16 dev ${device} src ${address} table ${table}`,
      `ip -n ${host} rule add from ${address} table ${table}`,
      `ip -n ${host} route add 10.78.0.0/16 dev ${device} src ${address} metric ${10 + index}`,
      `tc -n ${host} qdisc add dev ${device} root ${shape(up)}`,
    );
    if (down !== undefined) sh(`tc qdisc add dev ${port} root ${shape(down)}`);
  }

  #inside(host: string, script: string): void {
    execFileSync('ip', ['netns', 'exec', host, 'sh', '-c', script]);
  }
}

/** A burst of a few milliseconds, and a queue that a window of TCP fits into. */
function shape(rate: number): string {
  return `tbf rate ${rate}mbit burst ${Math.max(16, rate)}kb latency ${Math.max(100, Math.round(400 / rate))}ms`;
}
