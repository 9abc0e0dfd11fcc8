import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseIp } from '../../core/base/ip.ts';
import { Child } from '../../core/lab/real/child.ts';
import type { ChildOptions } from '../../core/lab/real/child.ts';

/** Addresses on the loopback device of a lab: 10.77.0.1 to 10.77.0.40, and after `addIpv6` fd77::1 to fd77::40. */
export const address = (last: number): string => `10.77.0.${last}`;
export const address6 = (last: number): string => `fd77::${last}`;
const MOST_ADDRESSES = 40;

/** Whether a process in the network namespace of this one listens on this TCP port. */
export async function listensIn(pid: number, host: string, port: number): Promise<boolean> {
  // The kernel writes addresses in words of four bytes, the last one first.
  const ip = Buffer.from(parseIp(host) ?? []).swap32();
  const local = `${ip.toString('hex')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
  const table = await readFile(`/proc/${pid}/net/${ip.length === 4 ? 'tcp' : 'tcp6'}`, 'utf8');
  return table.split('\n').some((row) => row.includes(` ${local} `) && / 0A /.test(row));
}

/** Resolves once what a process offers is there; rejects if it has ended before, or a long time is over. */
export async function untilListens(child: Child, listens: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await listens()); tries++) {
    if (tries > 2000 || child.ended) throw new Error(`${child.name} does not listen\n${child.output}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/**
 * A network namespace without a way out, a folder, and the processes that a test starts in both. A process whose standard
 * input we hold keeps the namespace alive, so that the namespace goes when the process of the tests dies.
 */
export class Lab {
  readonly folder: string;
  readonly #holder: Child;
  readonly #children: Child[] = [];

  private constructor(folder: string, holder: Child) {
    this.folder = folder;
    this.#holder = holder;
  }

  static async open(): Promise<Lab> {
    const folder = await mkdtemp(join(tmpdir(), 'ensemble-e2e-'));
    await chmod(folder, 0o755); // opentracker reads as nobody
    const setUp = [
      'set -e',
      'ip link set lo up',
      `for i in $(seq 1 ${MOST_ADDRESSES}); do ip addr add 10.77.0.$i/32 dev lo; done`,
      'echo ready',
      'exec cat',
    ].join('\n');
    let ready = false;
    const holder = new Child('namespace', ['unshare', '--net', 'sh', '-c', setUp], {
      cwd: folder,
      onLine: (line) => (ready ||= line === 'ready'),
    });
    await holder.until(() => ready, 'its addresses', 20);
    return new Lab(folder, holder);
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  async makeFolder(...parts: string[]): Promise<string> {
    const path = this.path(...parts);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** Starts a command in the namespace. */
  start(name: string, command: readonly string[], options: Omit<ChildOptions, 'cwd'> = {}): Child {
    const inside = ['nsenter', `--net=/proc/${this.#holder.pid}/ns/net`, '--', ...command];
    const child = new Child(name, inside, { cwd: this.folder, ...options });
    this.#children.push(child);
    return child;
  }

  /** Runs a command in the namespace to its end; resolves to its output. `seconds`: how long it may take on a quiet machine. */
  async run(command: readonly string[], seconds: number): Promise<string> {
    const child = this.start(command[0] ?? '', command);
    const { code } = await child.ends(seconds);
    if (code !== 0) throw new Error(`${command.join(' ')}: exit ${code}\n${child.output}`);
    return child.output;
  }

  async addIpv6(): Promise<void> {
    const add = `for i in $(seq 1 ${MOST_ADDRESSES}); do ip addr add fd77::$i/128 dev lo nodad; done`;
    await this.run(['sh', '-ec', add], 20);
  }

  /** Whether a process in the namespace listens on this TCP port. */
  listens(host: string, port: number): Promise<boolean> {
    return listensIn(this.#holder.pid, host, port);
  }

  /** Ends all processes that a test has started, the last one first; the namespace stays. */
  async clear(): Promise<void> {
    for (const child of this.#children.splice(0).reverse()) await child.stop();
  }

  async close(): Promise<void> {
    await this.clear();
    await this.#holder.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
