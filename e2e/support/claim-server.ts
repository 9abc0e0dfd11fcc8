import type { Child } from './child.ts';
import type { Lab } from './lab.ts';
import { listensIn } from './lab.ts';

const PORT = 4222;
const USER = 'film';
const PASSWORD = 'p%40ss';
const RULES_SCRIPT = new URL('./store_rules.mjs', import.meta.url).pathname;

/** A real nats-server in a lab, where machines meet. It wants a password. */
export class ClaimServer {
  readonly #lab: Lab;
  readonly #address: string;
  #child: Child | undefined;
  #stores = 0;

  constructor(lab: Lab, address: string) {
    this.#lab = lab;
    this.#address = address;
  }

  get child(): Child {
    if (this.#child === undefined) throw new Error('the server does not run');
    return this.#child;
  }

  url(name: string): string {
    return `nats://${USER}:${PASSWORD}@${this.#address}:${PORT}/${name}`;
  }

  /** Starts it, with what it kept, or `empty`. */
  async start(empty = false): Promise<void> {
    if (empty) this.#stores++;
    const store = await this.#lab.makeFolder(`nats-${this.#stores}`);
    const login = ['--user', USER, '--pass', decodeURIComponent(PASSWORD)];
    const command = ['nats-server', '-js', '-a', this.#address, '-p', String(PORT), '-sd', store, ...login];
    const child = this.#lab.start('nats-server', command);
    for (let tries = 0; !(await listensIn(child.pid, this.#address, PORT).catch(() => false)); tries++) {
      if (tries > 400 || child.ended) throw new Error(`nats-server does not listen\n${child.output}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    this.#child = child;
  }

  async kill(): Promise<void> {
    this.child.signal('SIGKILL');
    await this.child.exit;
  }

  /** What all identities agree on, with a short lease. */
  async agree(
    name: string,
    infoHash: string,
    count: number,
    leaseSeconds: number,
    selection = 'rarest',
  ): Promise<void> {
    const rules = JSON.stringify({ version: 1, infoHash, count, selection, leaseSeconds });
    const bucket = `ensemble-${name}-${infoHash.slice(0, 16)}`;
    const command = [process.execPath, RULES_SCRIPT, this.url(name), bucket, rules];
    await this.#lab.run(command, 20);
  }
}
