import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type NetHost, NET_HOST, ShapedNet } from '../../core/lab/real/shaped-net.ts';
import { startLocalTracker } from '../../core/node/local-tracker.ts';
import type { Bench, Case, Subject } from '../lib/bench.ts';
import { measure, type Started, start } from '../lib/child.ts';
import { nginxConfig } from '../lib/nginx.ts';
import { makePayload, makeTorrent } from '../lib/payload.ts';
import type { Sample } from '../lib/result.ts';
import { labAddress, peerArgv } from './lab-swarm.ts';

/** Mbit/s of a machine's own line, and of the network that joins the machines. */
const LINE = 20;
const NETWORK = 1000;
const PIECE_KIB = 256;
const COUNT = 3;
const SEEDS = 4;
/** Of one that is there so that another stays: it has hardly anything before all is over. */
const HARDLY = 0.2;
const PATIENCE = 120_000;
/** What a machine says that has all and is needed by others. */
const STAYS = 'Done here; staying';

/** Machines that meet at a server: how much faster they fetch a torrent together, and how fast one collects what another has. */
export const machines: Case = {
  name: 'machines',
  title: `machines without a common disk that meet at a nats-server: a line of ${LINE} Mbit/s each (tc tbf), and a network of ${NETWORK} Mbit/s between them; start and end included`,
  metrics: [
    { name: 'wall', unit: 's', digits: 1, ratio: true },
    // Mostly blocks that one machine asked two peers for at its end; pieces that two machines fetched are counted beside.
    { name: 'fetched twice', unit: '%', digits: 2 },
    { name: 'pieces twice', unit: '', digits: 0 },
    { name: 'CPU', unit: 's', digits: 1 },
  ],
  async run(bench) {
    const scene = new Scene(bench);
    try {
      const tracker = await startLocalTracker({ address: NET_HOST });
      scene.begin(tracker.url);
      await bench.interleave(
        bench.options.builds.flatMap(({ name, dist }) => [
          ...[1, COUNT].map((count): Subject => ({
            group: `${scene.mib} MiB from ${SEEDS} seeds to each machine`,
            name: `${name} ${count} of them`,
            run: () => scene.fetch(dist, count),
          })),
          {
            group: `${scene.mib} MiB from one machine to another`,
            name: `${name} assemble --common`,
            run: () => scene.collect(dist),
          },
        ]),
      );
      await bench.interleave([
        { group: `${scene.mib} MiB from one machine to another`, name: 'curl', run: () => scene.curl() },
      ]);
      await tracker.close();
    } finally {
      scene.close();
    }
  },
};

/** All hosts, and what lies and runs there. */
class Scene {
  readonly mib: number;
  readonly #bench: Bench;
  readonly #net = new ShapedNet();
  readonly #folder: string;
  readonly #home: NetHost[] = [];
  #slow: NetHost | undefined;
  #torrent = '';
  #rounds = 0;

  constructor(bench: Bench) {
    this.#bench = bench;
    this.mib = bench.options.mib ?? 256;
    this.#folder = bench.folder();
  }

  begin(tracker: string): void {
    const payload = makePayload(`${this.#folder}/seed`, this.mib);
    this.#torrent = makeTorrent(payload, PIECE_KIB, [tracker], `${this.#folder}/payload.torrent`);
    for (let i = 0; i < SEEDS; i++) {
      const address = labAddress(1, i);
      const host = this.#net.host(`seed${i}`, [{ address }]);
      const argv = peerArgv({ role: 'seed', torrent: this.#torrent, folder: payload.folder, address, slots: 8 });
      this.#bench.service(start(host.on(argv)));
    }
    // What is bound to nothing leaves by the first link.
    for (let i = 0; i < COUNT; i++) {
      const network = { address: labAddress(2, i), up: NETWORK, down: NETWORK };
      this.#home.push(this.#net.host(`machine${i}`, [network, { address: labAddress(3, i), up: LINE, down: LINE }]));
    }
    this.#slow = this.#net.host('slow', [{ address: labAddress(2, COUNT), up: HARDLY, down: HARDLY }]);
    const web = nginxConfig(`${this.#folder}`, { address: labAddress(2, 0), root: payload.folder });
    this.#bench.service(start(this.#at(0).on(['nginx', '-c', web])));
  }

  /** All of it on each of so many machines. */
  async fetch(dist: string, count: number): Promise<Sample> {
    const { folder, server, url } = await this.#meeting();
    const runs = Array.from({ length: count }, (_, i) => {
      const common = count === 1 ? [] : ['--common', url];
      const argv = this.#get(dist, `${folder}/${i}`, [...common, '--bind', labAddress(3, i)]);
      return measure(this.#at(i).on(argv), { endsItself: true, limit: 600, memory: false });
    });
    const done = await Promise.all(runs);
    for (let i = 0; i < count; i++) this.#expectWhole(`${folder}/${i}`);
    await this.#over(folder, server);
    const sumOf = (field: string): number => done.reduce((sum, { output }) => sum + doneIn(output, field), 0);
    return {
      wall: Math.max(...done.map(({ wall }) => wall)),
      'fetched twice': 100 * (sumOf('downloaded') / (this.mib * 2 ** 20) - 1),
      'pieces twice': sumOf('duplicatePieces'),
      CPU: Math.max(...done.map(({ cpu }) => cpu)),
    };
  }

  /** All of it from a machine that has it, which stays as a third one wants it, too. */
  async collect(dist: string): Promise<Sample> {
    const { folder, server, url } = await this.#meeting();
    const assemble = (i: number | 'slow', host: NetHost): string[] => {
      const flags = ['--common', url, '-o', `${folder}/${i}`, '--json'];
      return host.on([process.execPath, `${dist}/cli/main.js`, 'assemble', this.#torrent, ...flags]);
    };
    for (const i of [1, 'slow']) mkdirSync(`${folder}/${i}`);
    const slow = this.#bench.service(start(assemble('slow', this.#slow ?? this.#at(2))));
    // By its slow link it meets the others later than the first has all.
    await until(slow, '"event":"progress"');
    const has = this.#bench.service(start(this.#at(0).on(this.#get(dist, `${folder}/0`, ['--common', url]))));
    await until(has, STAYS);
    // It stays for the slow one, too.
    const done = (output: string): boolean => output.includes(STAYS);
    const { wall, cpu } = await measure(assemble(1, this.#at(1)), {
      done,
      signal: 'SIGINT',
      limit: 120,
      memory: false,
    });
    this.#expectWhole(`${folder}/1`);
    for (const each of [slow, has]) await this.#bench.end(each);
    await this.#over(folder, server);
    return { wall, CPU: cpu };
  }

  async curl(): Promise<Sample> {
    const folder = `${this.#folder}/curl`;
    mkdirSync(folder);
    const from = `http://${labAddress(2, 0)}/payload.bin`;
    const argv = ['curl', '-s', '--interface', labAddress(2, 1), '-o', `${folder}/payload.bin`, from];
    const { wall, cpu } = await measure(this.#at(1).on(argv), { limit: 120, memory: false });
    this.#expectWhole(folder);
    rmSync(folder, { recursive: true });
    return { wall, CPU: cpu };
  }

  close(): void {
    this.#net.close();
  }

  #at(machine: number): NetHost {
    const host = this.#home[machine];
    if (host === undefined) throw new Error(`There is no machine ${machine}.`);
    return host;
  }

  #get(dist: string, out: string, more: readonly string[]): string[] {
    mkdirSync(out);
    return [process.execPath, `${dist}/cli/main.js`, 'get', this.#torrent, '-o', out, ...more, '--json'];
  }

  /** A server that knows nothing yet, and a folder for what comes. */
  async #meeting(): Promise<{ readonly folder: string; readonly server: Started; readonly url: string }> {
    const round = this.#rounds++;
    const folder = `${this.#folder}/round${round}`;
    mkdirSync(folder);
    const port = String(4222 + round);
    const where = ['-a', NET_HOST, '-p', port, '-sd', `${folder}/nats`];
    const server = this.#bench.service(start(['nats-server', '-js', ...where]));
    while (!server.output().includes('Server is ready')) await sleep(50);
    return { folder, server, url: `nats://${NET_HOST}:${port}/film` };
  }

  async #over(folder: string, server: Started): Promise<void> {
    await this.#bench.end(server);
    rmSync(folder, { recursive: true });
  }

  #expectWhole(folder: string): void {
    execFileSync('cmp', [`${this.#folder}/seed/payload.bin`, `${folder}/payload.bin`]);
  }
}

/** Resolves once a command says something. */
async function until(one: Started, said: string): Promise<void> {
  for (let waited = 0; !one.output().includes(said); waited += 100) {
    if (waited > PATIENCE || one.over()) throw new Error(`It does not say ${said}:\n${one.output().slice(-2000)}`);
    await sleep(100);
  }
}

/** A number that a command says at its end. */
function doneIn(output: string, field: string): number {
  const [, number] = new RegExp(`"event":"done"[^\\n]*?"${field}":(\\d+)`).exec(output) ?? [];
  if (number === undefined) throw new Error(`It does not say what it fetched:\n${output.slice(-2000)}`);
  return Number(number);
}
