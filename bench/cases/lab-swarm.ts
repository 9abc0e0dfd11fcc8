import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../lib/bench.ts';
import type { Started } from '../lib/child.ts';
import { measure, start } from '../lib/child.ts';
import { libtorrentCommand } from '../../core/lab/real/libtorrent.ts';
import type { Link, NetHost } from '../../core/lab/real/shaped-net.ts';
import { ShapedNet, NET_HOST } from '../../core/lab/real/shaped-net.ts';
import { makePayload, makeTorrent } from '../lib/payload.ts';
import type { Sample } from '../lib/result.ts';
import { startLocalTracker } from '../../core/node/local-tracker.ts';

const PORT = 6881;
const PIECE_KIB = 256;

/** A group of equal peers: how many, their upload in Mbit/s, and their unchoke slots. */
export interface Crowd {
  readonly count: number;
  readonly up: number;
  readonly slots: number;
}

export interface Scenario {
  readonly mib: number;
  readonly seeds: Crowd;
  readonly leechers: Crowd;
  /** Leechers come one after the other and leave when they have everything, and the user comes among them; undefined: all come at once, and stay. */
  readonly turnover?: Turnover;
  /** The user's links; further addresses share the first. */
  readonly links: readonly Link[];
  readonly addresses: readonly string[];
  /** What happens to the user's host once its client has begun. Whatever it returns ends that. */
  readonly trouble?: (home: NetHost) => () => void;
  /** The user: Ensemble of this build, or a stock client. */
  readonly user: { readonly dist: string; readonly identities: number } | 'libtorrent';
}

export interface Turnover {
  /** Seconds from one leecher to the next. */
  readonly every: number;
  /** When the user comes, in seconds after the first leecher. */
  readonly user: number;
}

/** Address i of a crowd (1 seeds, 2 leechers, 3 the user). */
export function labAddress(crowd: number, index: number): string {
  return `10.78.${crowd}.${index + 1}`;
}

function addressIn(role: 'seed' | 'leech', index: number): string {
  return labAddress(role === 'seed' ? 1 : 2, index);
}

/** Runs one swarm, with a network namespace for each host, until the user's client has everything; resolves to what that took. */
export async function playSwarm(bench: Bench, scenario: Scenario): Promise<Sample> {
  const folder = bench.folder();
  const payload = makePayload(`${folder}/seed`, scenario.mib);
  mkdirSync(`${folder}/out`);
  const lab = new ShapedNet();
  const tracker = await startLocalTracker({ address: NET_HOST });
  const torrent = makeTorrent(payload, PIECE_KIB, [tracker.url], `${folder}/payload.torrent`);
  const crowd: Started[] = [];
  const hostsOf = (role: 'seed' | 'leech', { count, up }: Crowd): NetHost[] =>
    Array.from({ length: count }, (_, i) => lab.host(`${role}${i}`, [{ address: addressIn(role, i), up }]));
  const hosts = { seed: hostsOf('seed', scenario.seeds), leech: hostsOf('leech', scenario.leechers) };
  const put = (role: 'seed' | 'leech', i: number, { slots }: Crowd): Started => {
    const host = hosts[role][i];
    if (host === undefined) throw new Error(`There is no host for ${role} ${i}.`);
    const where = role === 'seed' ? payload.folder : `${folder}/${role}${i}`;
    mkdirSync(where, { recursive: true });
    const argv = peerArgv({ role, torrent, folder: where, address: addressIn(role, i), slots });
    const started = bench.service(start(host.on(argv)));
    crowd.push(started);
    return started;
  };
  const guests = new Guests(bench, (i) => put('leech', i, scenario.leechers));
  try {
    const { seeds, leechers, turnover } = scenario;
    for (let i = 0; i < seeds.count; i++) put('seed', i, seeds);
    const home = lab.host('user', scenario.links, scenario.addresses);
    await sleep(3000);
    if (turnover === undefined) for (let i = 0; i < leechers.count; i++) put('leech', i, leechers);
    else {
      guests.come(leechers.count, turnover.every);
      await sleep(turnover.user * 1000);
    }
    const calm = scenario.trouble?.(home);
    const m = await measure(home.on(userArgv(scenario, folder, torrent)), {
      ...(scenario.user === 'libtorrent' ? { done: isFinished } : { endsItself: true }),
      limit: 300,
    }).finally(() => calm?.());
    execFileSync('cmp', [payload.file, `${folder}/out/payload.bin`]);
    // What guests that ended meanwhile used cannot be told from what the user did.
    return turnover === undefined ? { wall: m.wall, CPU: m.cpu } : { wall: m.wall, others: guests.mean };
  } finally {
    guests.close();
    await Promise.all(crowd.map((each) => bench.end(each)));
    lab.close();
    await tracker.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Leechers that leave when they have everything. */
class Guests {
  readonly #bench: Bench;
  readonly #next: (index: number) => Started;
  readonly #there = new Map<Started, number>();
  readonly #took: number[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(bench: Bench, next: (index: number) => Started) {
    this.#bench = bench;
    this.#next = next;
  }

  /** Lets `count` of them come, one every so many seconds. */
  come(count: number, every: number): void {
    const began = performance.now();
    let come = 0;
    this.#timer = setInterval(() => {
      const now = performance.now();
      if (come < count && now - began >= come * every * 1000) this.#there.set(this.#next(come++), now);
      for (const [guest, since] of this.#there) {
        if (!isFinished(guest.output())) continue;
        this.#there.delete(guest);
        this.#took.push((now - since) / 1000);
        void this.#bench.end(guest);
      }
    }, 100);
  }

  /** Seconds that those took that have everything. */
  get mean(): number {
    return this.#took.reduce((sum, seconds) => sum + seconds, 0) / this.#took.length;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

interface StockPeer {
  readonly role: 'seed' | 'leech';
  readonly torrent: string;
  readonly folder: string;
  readonly address: string;
  readonly slots: number;
}

/** An ordinary peer with usual settings. */
export function peerArgv({ slots, ...rest }: StockPeer): string[] {
  const options = { ...rest, port: PORT, quiet: true, settings: { unchoke_slots_limit: slots } };
  return libtorrentCommand('peer', JSON.stringify(options));
}

const isFinished = (output: string): boolean => output.includes('"finished"');

function userArgv({ user, links, addresses, leechers }: Scenario, folder: string, torrent: string): string[] {
  const bind =
    addresses.length > 0
      ? [...links.slice(0, 1).map((link) => link.address), ...addresses]
      : links.map((link) => link.address);
  if (user === 'libtorrent') {
    return peerArgv({
      role: 'leech',
      torrent,
      folder: `${folder}/out`,
      address: bind[0] ?? '',
      slots: leechers.slots || 8,
    });
  }
  const flags = ['-o', `${folder}/out`, '-n', String(user.identities), '--bind', bind.join(',')];
  const argv = [process.execPath, `${user.dist}/cli/main.js`, 'get', torrent, ...flags];
  return [...argv, '--max-uploads', String(leechers.slots || 8), '--json'];
}
