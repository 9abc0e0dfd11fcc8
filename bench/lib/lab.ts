import { execFileSync } from 'node:child_process';
import { sh } from './namespace.ts';

/** An address with the Mbit/s of its link: up, and down if that is limited too. */
export interface Link {
  readonly address: string;
  readonly up: number;
  readonly down?: number;
}

/** Where trackers listen: the bridge itself. */
export const LAB_HOST = '10.78.0.1';

let mounted = false;
/** Numbers are unique over all labs, as the devices of an earlier lab outlive its hosts for a moment. */
let ports = 0;

/** Hosts as network namespaces on one bridge. Each link is a veth pair whose rate is limited by `tc tbf`. */
export class BenchLab {
  readonly #names: string[] = [];

  constructor() {
    // `ip netns` keeps its names here: mounted in our mount namespace, so that nobody else sees them.
    if (!mounted) sh('mount -t tmpfs none /run');
    mounted = true;
    sh('ip link add br0 type bridge', `ip addr add ${LAB_HOST}/16 dev br0`, 'ip link set br0 up');
  }

  /** A host that sends over the link of its source address. Several `addresses` of one link share it. */
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

  /** The command that runs a program on a host. */
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

/** `tc` arguments: a burst of a few milliseconds, and a queue that is as long as a TCP window. */
function shape(rate: number): string {
  return `tbf rate ${rate}mbit burst ${Math.max(16, rate)}kb latency ${Math.max(100, Math.round(400 / rate))}ms`;
}
