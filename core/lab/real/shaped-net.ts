import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Child, type ChildOptions } from './child.ts';
import type { Machine } from './machine.ts';
import { ownRun, sh } from './namespaces.ts';
import relay from './relay.py?raw';

/** An address with the Mbit/s of its link, each way; without limit where it is not given. */
export interface Link {
  readonly address: string;
  readonly up?: number;
  readonly down?: number;
  /** Of packets, in percent each way; half of `delay`, in ms, each way, too. */
  readonly loss?: number;
  readonly delay?: number;
}

/** Where trackers listen: the bridge itself. */
export const NET_HOST = '10.78.0.1';

/** Numbers are unique over all nets, as the devices of an earlier one outlive its hosts for a moment. */
let ports = 0;

/** Bytes that a host has sent and received, headers included. */
export interface Traffic {
  readonly up: number;
  readonly down: number;
}

/** A host of a net, where programs run. */
export class NetHost implements Machine {
  readonly name: string;
  readonly folder: string;
  /** Its ends of the bridge. */
  readonly #ports: readonly string[];

  constructor(name: string, folder: string, ports: readonly string[]) {
    this.name = name;
    this.folder = folder;
    this.#ports = ports;
  }

  /** The command that runs a program here. */
  on(argv: readonly string[]): string[] {
    return ['ip', 'netns', 'exec', this.name, ...argv];
  }

  start(name: string, command: readonly string[], options: Omit<ChildOptions, 'cwd'> = {}): Child {
    return new Child(name, this.on(command), { cwd: this.folder, ...options });
  }

  /** Nothing passes by one of its links any more, or everything again. */
  cut(link: number, cut: boolean): void {
    sh(`ip link set ${this.#ports[link]} ${cut ? 'down' : 'up'}`);
  }

  traffic(): Traffic {
    const rows = readFileSync('/proc/net/dev', 'latin1').split('\n');
    let [up, down] = [0, 0];
    for (const row of rows) {
      const [device, figures] = row.split(':');
      if (figures === undefined || !this.#ports.includes(device?.trim() ?? '')) continue;
      // What the bridge's end receives is what the host has sent.
      const columns = figures.trim().split(/ +/).map(Number);
      up += columns[0] ?? 0;
      down += columns[8] ?? 0;
    }
    return { up, down };
  }
}

/**
 * Hosts as network namespaces on one bridge, in this process' own namespaces. Each link is a veth pair whose rate is limited by `tc tbf`.
 */
export class ShapedNet {
  readonly #folder: string;
  readonly #names: string[] = [];
  readonly #relays: Child[] = [];

  constructor(folder = '/') {
    this.#folder = folder;
    ownRun();
    sh('ip link add br0 type bridge', `ip addr add ${NET_HOST}/16 dev br0`, 'ip link set br0 up');
  }

  /** A host that sends over the link of its source address. Several `addresses` share the first link. */
  host(name: string, links: readonly Link[], addresses: readonly string[] = []): NetHost {
    sh(`ip netns add ${name}`, `ip -n ${name} link set lo up`);
    this.#names.push(name);
    const all = '/proc/sys/net/ipv4/conf/all';
    const settings = [`1 > ${all}/arp_ignore`, `2 > ${all}/arp_announce`, `2 > ${all}/rp_filter`].map(
      (s) => `echo ${s}`,
    );
    this.#inside(name, ['echo reno > /proc/sys/net/ipv4/tcp_congestion_control', ...settings].join('; '));
    const own = links.map((link, i) => this.#link(name, link, i));
    for (const address of addresses) sh(`ip -n ${name} addr add ${address}/32 dev eth0`);
    return new NetHost(name, this.#folder, own);
  }

  close(): void {
    for (const relay of this.#relays) void relay.stop();
    for (const name of this.#names) sh(`ip netns del ${name}`);
    sh('ip link del br0');
  }

  #link(host: string, link: Link, index: number): string {
    const { address, up, down } = link;
    const port = `p${ports++}`;
    const device = `eth${index}`;
    const table = 100 + index;
    this.#pair(host, port, device, link);
    sh(
      `ip link set ${port} master br0 up`,
      `ip -n ${host} addr add ${address}/32 dev ${device}`,
      `ip -n ${host} link set ${device} up`,
      `ip -n ${host} route add 10.78.0.0/16 dev ${device} src ${address} table ${table}`,
      `ip -n ${host} rule add from ${address} table ${table}`,
      `ip -n ${host} route add 10.78.0.0/16 dev ${device} src ${address} metric ${10 + index}`,
    );
    if (up !== undefined) sh(`tc -n ${host} qdisc add dev ${device} root ${limit(up)}`);
    if (down !== undefined) sh(`tc qdisc add dev ${port} root ${limit(down)}`);
    return port;
  }

  /** A link's two ends: joined by the kernel, or by a program that delays and loses what passes. */
  #pair(host: string, port: string, device: string, { loss = 0, delay = 0 }: Link): void {
    if (loss === 0 && delay === 0) {
      sh(`ip link add ${port} type veth peer name ${device} netns ${host}`);
      return;
    }
    sh(
      `ip tuntap add ${port} mode tap`,
      `ip netns exec ${host} ip tuntap add ${device} mode tap`,
      // What is under way in a burst fits in.
      `ip link set ${port} txqueuelen 4000`,
      `ip -n ${host} link set ${device} txqueuelen 4000`,
    );
    const args = [loss / 100, delay / 2000].map(String).concat(host, port, device);
    this.#relays.push(new Child(port, ['/usr/bin/python3', '-c', relay, ...args], { cwd: this.#folder }));
  }

  #inside(host: string, script: string): void {
    execFileSync('ip', ['netns', 'exec', host, 'sh', '-c', script]);
  }
}

/** `tc` arguments: a burst of a few milliseconds, and a queue that is as long as a TCP window. */
function limit(rate: number): string {
  const burst = Math.max(16, Math.round(rate));
  return `tbf rate ${Math.round(rate * 1000)}kbit burst ${burst}kb latency ${Math.max(100, Math.round(400 / rate))}ms`;
}
