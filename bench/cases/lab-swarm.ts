import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../lib/bench.ts';
import type { Started } from '../lib/child.ts';
import { measure, start } from '../lib/child.ts';
import { PYTHON } from '../lib/clients.ts';
import type { Link } from '../lib/lab.ts';
import { BenchLab, LAB_HOST } from '../lib/lab.ts';
import { PEER } from '../lib/libtorrent.ts';
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
  /** The user's links; further addresses share the first. */
  readonly links: readonly Link[];
  readonly addresses: readonly string[];
  /** The user: Ensemble of this build, or a stock client. */
  readonly user: { readonly dist: string; readonly identities: number } | 'libtorrent';
}

/** Address i of a crowd (1 seeds, 2 leechers, 3 the user). */
export function labAddress(crowd: number, index: number): string {
  return `10.78.${crowd}.${index + 1}`;
}

/** Runs one swarm, with a network namespace for each host, until the user's client has everything; resolves to what that took. */
export async function playSwarm(bench: Bench, scenario: Scenario): Promise<Sample> {
  const folder = bench.folder();
  const payload = makePayload(`${folder}/seed`, scenario.mib);
  writeFileSync(`${folder}/peer.py`, PEER);
  mkdirSync(`${folder}/out`);
  const lab = new BenchLab();
  const tracker = await startLocalTracker({ address: LAB_HOST });
  const torrent = makeTorrent(payload, PIECE_KIB, [tracker.url], `${folder}/payload.torrent`);
  const crowd: Started[] = [];
  const put = (role: string, which: number, { count, up, slots }: Crowd): void => {
    for (let i = 0; i < count; i++) {
      const name = `${role}${i}`;
      const address = labAddress(which, i);
      lab.host(name, [{ address, up }]);
      const where = role === 'seed' ? payload.folder : `${folder}/${name}`;
      mkdirSync(where, { recursive: true });
      const argv = [PYTHON, '-W', 'ignore', `${folder}/peer.py`, torrent, where, `${address}:${PORT}`, String(slots)];
      crowd.push(bench.service(start(lab.on(name, [...argv, role]))));
    }
  };
  try {
    put('seed', 1, scenario.seeds);
    lab.host('user', scenario.links, scenario.addresses);
    await sleep(3000);
    put('leecher', 2, scenario.leechers);
    const m = await measure(lab.on('user', userArgv(scenario, folder, torrent)), {
      ...(scenario.user === 'libtorrent' ? { done: `${folder}/done` } : { endsItself: true }),
      limit: 300,
    });
    execFileSync('cmp', [payload.file, `${folder}/out/payload.bin`]);
    return { wall: m.wall, CPU: m.cpu };
  } finally {
    await Promise.all(crowd.map((each) => bench.end(each)));
    lab.close();
    await tracker.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function userArgv({ user, links, addresses, leechers }: Scenario, folder: string, torrent: string): string[] {
  const bind =
    addresses.length > 0
      ? [...links.slice(0, 1).map((link) => link.address), ...addresses]
      : links.map((link) => link.address);
  if (user === 'libtorrent') {
    const address = `${bind[0] ?? ''}:${PORT}`;
    const argv = [PYTHON, '-W', 'ignore', `${folder}/peer.py`, torrent, `${folder}/out`, address];
    return [...argv, String(leechers.slots || 8), 'user', `${folder}/done`];
  }
  const flags = ['-o', `${folder}/out`, '-n', String(user.identities), '--bind', bind.join(',')];
  const argv = [process.execPath, `${user.dist}/cli/main.js`, 'get', torrent, ...flags];
  return [...argv, '--max-uploads', String(leechers.slots || 8), '--json'];
}
