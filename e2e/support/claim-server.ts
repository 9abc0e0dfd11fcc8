import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Child } from '../../core/lab/real/child.ts';
import type { Lab } from './lab.ts';
import { listensIn, untilListens } from './lab.ts';

const PORT = 4222;
const USER = 'film';
const PASSWORD = 'p%40ss';
const LEADER_SCRIPT = new URL('./store_leader.mjs', import.meta.url).pathname;
const RULES_SCRIPT = new URL('./store_rules.mjs', import.meta.url).pathname;

/** Where those meet who use this name for a torrent. */
export const bucketOf = (name: string, infoHash: string): string => `ensemble-${name}-${infoHash.slice(0, 16)}`;

interface ServerOptions {
  /** It speaks nothing but TLS, with a certificate of its own. */
  readonly tls?: boolean;
  /** So many of one cluster. */
  readonly servers?: number;
}

/** A real nats-server in a lab, or a cluster of them, where machines meet. It wants a password. */
export class ClaimServer {
  readonly #lab: Lab;
  readonly #address: string;
  readonly #tls: boolean;
  readonly #servers: number;
  readonly #children: Child[] = [];
  #stores = 0;
  /** Bytes that it may keep; undefined: as many as there are. */
  room: number | undefined;

  constructor(lab: Lab, address: string, { tls = false, servers = 1 }: ServerOptions = {}) {
    this.#lab = lab;
    this.#address = address;
    this.#tls = tls;
    this.#servers = servers;
  }

  /** What whoever uses it has in the environment. */
  get environment(): Readonly<Record<string, string>> {
    return this.#tls ? { NATS_CA: this.#lab.path('nats-cert') } : {};
  }

  get child(): Child {
    const [child] = this.#children;
    if (child === undefined) throw new Error('the server does not run');
    return child;
  }

  url(name: string): string {
    const all = Array.from({ length: this.#servers }, (_, i) => `${this.#address}:${PORT + i}`);
    return `${this.#tls ? 'tls' : 'nats'}://${USER}:${PASSWORD}@${all.join(',')}/${name}`;
  }

  /** Starts it, with what it kept, or `empty`. */
  async start(empty = false): Promise<void> {
    if (empty) this.#stores++;
    const login = ['--user', USER, '--pass', decodeURIComponent(PASSWORD)];
    const secure = await this.#secure();
    await Promise.all(
      Array.from({ length: this.#servers }, async (_, i) => {
        const port = PORT + i;
        const store = await this.#lab.makeFolder(`nats-${this.#stores}-${i}`);
        const where = ['-a', this.#address, '-p', String(port), '-sd', store, '-n', `n${i}`];
        const child = this.#lab.start(`nats-server ${i}`, [
          'nats-server',
          '-js',
          ...where,
          ...login,
          ...secure,
          ...this.#cluster(i),
          ...(await this.#bounds(i)),
        ]);
        this.#children[i] = child;
        await untilListens(child, () => listensIn(child.pid, this.#address, port).catch(() => false));
      }),
    );
  }

  /** Kills the server of a cluster that leads the stream of claims; resolves to its number. */
  async killLeader(name: string, infoHash: string): Promise<number> {
    const said = await this.#lab.run([process.execPath, LEADER_SCRIPT, this.url(name), bucketOf(name, infoHash)], 20);
    const index = Number(/^n(\d)$/m.exec(said)?.[1]);
    const child = this.#children[index];
    if (child === undefined) throw new Error(`nobody leads\n${said}`);
    child.signal('SIGKILL');
    await child.exit;
    return index;
  }

  /** What no option says. */
  async #bounds(i: number): Promise<readonly string[]> {
    if (this.room === undefined) return [];
    const file = this.#lab.path(`nats-${i}.conf`);
    await writeFile(file, `jetstream { max_file_store: ${this.room} }\n`);
    return ['-c', file];
  }

  #cluster(i: number): readonly string[] {
    if (this.#servers === 1) return [];
    const at = (k: number): string => `nats://${this.#address}:${PORT + 2000 + k}`;
    const routes = Array.from({ length: this.#servers }, (_, k) => at(k)).join(',');
    return ['--cluster_name', 'c', '--cluster', at(i), '--routes', routes];
  }

  async #secure(): Promise<readonly string[]> {
    if (!this.#tls) return [];
    const [file, key] = [this.#lab.path('nats-cert'), this.#lab.path('nats-key')];
    const about = ['-days', '2', '-subj', '/CN=nats', '-addext', `subjectAltName=IP:${this.#address}`];
    const make = ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...about, '-keyout', key, '-out', file];
    if (!existsSync(file)) await this.#lab.run(make, 60);
    return ['--tls', '--tlscert', file, '--tlskey', key];
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
    const command = [process.execPath, RULES_SCRIPT, this.url(name), bucketOf(name, infoHash), rules];
    await this.#lab.run(command, 40);
  }
}
