import { Child } from '../../core/lab/real/child.ts';
import type { ChildOptions } from '../../core/lab/real/child.ts';
import type { Lab } from './lab.ts';

/** Address of the lab on the machines' bridge. */
export const HUB = '10.78.0.254';

/**
 * A machine beside a lab: a network namespace of its own with one address, on a bridge with the others and with the
 * lab's addresses. It shares the lab's disk.
 */
export class Wing {
  readonly address: string;
  readonly #lab: Lab;
  readonly #holder: Child;
  readonly #outside: string;
  readonly #children: Child[] = [];

  private constructor(lab: Lab, address: string, holder: Child, outside: string) {
    this.#outside = outside;
    this.#lab = lab;
    this.address = address;
    this.#holder = holder;
  }

  get folder(): string {
    return this.#lab.folder;
  }

  /** Machines 10.78.0.1 and on. */
  static async openAll(lab: Lab, count: number): Promise<Wing[]> {
    await lab.run(['sh', '-ec', `ip link add hub type bridge; ip addr add ${HUB}/24 dev hub; ip link set hub up`], 10);
    const wings: Wing[] = [];
    for (let i = 0; i < count; i++) {
      const address = `10.78.0.${i + 1}`;
      const holder = new Child(`namespace ${address}`, ['unshare', '--net', 'sh', '-c', 'echo ready; exec cat'], {
        cwd: lab.folder,
      });
      await holder.until(() => holder.output.includes('ready'), 'its namespace', 20);
      const outside = `wing${i}`;
      const line = `ip link add ${outside} type veth peer name eth0 netns ${holder.pid}; ip link set ${outside} master hub up`;
      await lab.run(['sh', '-ec', line], 10);
      const wing = new Wing(lab, address, holder, outside);
      const setUp = `ip link set lo up; ip addr add ${address}/24 dev eth0; ip link set eth0 up; ip route add default via ${HUB}`;
      await wing.start('set up', ['sh', '-ec', setUp]).exit;
      wings.push(wing);
    }
    return wings;
  }

  /** Starts a command on that machine. */
  start(name: string, command: readonly string[], options: Omit<ChildOptions, 'cwd'> = {}): Child {
    const inside = ['nsenter', `--net=/proc/${this.#holder.pid}/ns/net`, '--', ...command];
    const child = new Child(name, inside, { cwd: this.#lab.folder, ...options });
    this.#children.push(child);
    return child;
  }

  /** Nothing passes to or from that machine any more, or everything again. */
  async cut(cut: boolean): Promise<void> {
    await this.#lab.run(['ip', 'link', 'set', this.#outside, cut ? 'down' : 'up'], 10);
  }

  async close(): Promise<void> {
    for (const child of this.#children.splice(0).reverse()) await child.stop();
    await this.#holder.stop();
  }
}
