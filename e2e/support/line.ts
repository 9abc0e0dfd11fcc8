import { Child, type ChildOptions } from '../../core/lab/real/child.ts';
import type { Machine } from '../../core/lab/real/machine.ts';
import type { Lab } from './lab.ts';

const SCRIPT = new URL('./line.py', import.meta.url).pathname;

/** How a line fares: milliseconds one way; shares of packets; bytes a second, and bytes that may wait for that. */
export interface LineOptions {
  readonly mtu?: number;
  readonly delay?: number;
  readonly loss?: number;
  readonly duplicates?: number;
  /** What comes up to 30 ms later, behind others. */
  readonly late?: number;
  readonly rate?: number;
  readonly queue?: number;
}

/** One end of a line: a network namespace beside the lab. It shares the lab's disk. */
class End implements Machine {
  readonly folder: string;
  readonly address: string;
  readonly holder: Child;
  readonly #children: Child[] = [];

  constructor(lab: Lab, address: string) {
    this.folder = lab.folder;
    this.address = address;
    this.holder = new Child(address, ['unshare', '--net', 'sh', '-c', 'ip link set lo up; echo ready; exec cat'], {
      cwd: lab.folder,
    });
  }

  start(name: string, command: readonly string[], options: Omit<ChildOptions, 'cwd'> = {}): Child {
    const inside = ['nsenter', `--net=/proc/${this.holder.pid}/ns/net`, '--', ...command];
    const child = new Child(name, inside, { cwd: this.folder, ...options });
    this.#children.push(child);
    return child;
  }

  /** Runs a command to its end. */
  async run(command: string): Promise<void> {
    const child = this.start('set up', ['sh', '-ec', command]);
    const { code } = await child.exit;
    if (code !== 0) throw new Error(`${command}: exit ${code}\n${child.output}`);
  }

  async close(): Promise<void> {
    for (const child of this.#children.splice(0).reverse()) await child.stop();
    await this.holder.stop();
  }
}

/** Two machines with a line between them, which loses, doubles and delays what passes. */
export class Line {
  readonly near: End;
  readonly far: End;
  #relay: Child | undefined;

  private constructor(lab: Lab) {
    this.near = new End(lab, '10.79.0.1');
    this.far = new End(lab, '10.79.0.2');
  }

  static async open(lab: Lab, options: LineOptions): Promise<Line> {
    const line = new Line(lab);
    const ends = [line.near.holder, line.far.holder];
    for (const holder of ends) await holder.until(() => holder.output.includes('ready'), 'its namespace', 20);
    const args = [...ends.map(({ pid }) => `/proc/${pid}/ns/net`), JSON.stringify(options)];
    const relay = new Child('line', ['/usr/bin/python3', SCRIPT, ...args], { cwd: lab.folder });
    line.#relay = relay;
    await relay.until(() => relay.output.includes('ready'), 'the line', 20);
    return line;
  }

  /** The line is cut: nothing passes any more, and nobody is told. */
  async cut(): Promise<void> {
    await this.near.run(
      'nft add table inet cut; nft "add chain inet cut in { type filter hook input priority 0; policy drop; }"',
    );
  }

  async mend(): Promise<void> {
    await this.near.run('nft delete table inet cut');
  }

  async close(): Promise<void> {
    await this.near.close();
    await this.far.close();
    await this.#relay?.stop();
  }
}
