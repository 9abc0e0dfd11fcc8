import { describe, expect, test, vi } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import type { LayoutKind, SelectionMode } from '../base/choices.ts';
import { identityIndex, millis } from '../base/ids.ts';
import { assemble } from '../assembly/assemble.ts';
import { encode } from '../bencode/bencode.ts';
import type { DownloadOptions } from '../engine/engine.ts';
import { ordinaryOptions } from '../engine/download-options.ts';
import { HostedDownload } from '../identity/hosted-download.ts';
import { DirectoryStore } from '../claims/directory-store.ts';
import { PatientDisk } from '../claims/patient-disk.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SimHasher } from '../sim/hasher.ts';
import { Mortal } from '../sim/mortal.ts';
import type { SimHost } from '../sim/net-host.ts';
import type { Link } from '../sim/net-link.ts';
import { SimSwarm } from '../sim/swarm.ts';
import { agreeOnManifest } from '../store/records/manifest.ts';
import { LoneDht } from './lone-dht.ts';
import { LoneRun } from './lone-run.ts';
import { loneSetup } from './setup.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const COMMON = '/common';
const COUNT = 3;
const LEASE = millis(10_000);

/** One process that runs one identity. */
interface Lone {
  readonly run: LoneRun;
  readonly life: Mortal;
  readonly link: Link;
  readonly said: string[];
  /** How it ended: not yet, as it should, or with what. */
  outcome: unknown;
  die(): void;
}

/** A torrent and its seed, a common directory, and machines that know nothing of each other but it. */
class World {
  readonly swarm: SimSwarm;
  readonly disk: MemoryDisk;
  readonly #alive = new Set<number>();
  readonly #hosts = new Map<string, SimHost>();
  #pids = 0;

  constructor(seed = 5) {
    this.swarm = new SimSwarm(seed, { files: 3 * MIB - 777, pieceLength: 64 * KIB });
    this.disk = new MemoryDisk({ clock: this.swarm.clock });
    this.swarm.seed('10.0.0.1', { up: MIB / 2, down: MIB });
  }

  async begin(index: number, changes: Partial<DownloadOptions> = {}, folder = COMMON): Promise<Lone> {
    const { clock, net, random, torrent, tracker } = this.swarm;
    const address = `10.9.0.${index + 1}`;
    const pid = ++this.#pids;
    this.#alive.add(pid);
    const host = this.#hosts.get(address) ?? net.host(address, { latency: 10, up: MIB, down: MIB });
    this.#hosts.set(address, host);
    const ports = { clock, random, net: host, interfaces: host, http: tracker.http(address), disk: this.disk };
    const life = new Mortal({ ...ports, hasher: new SimHasher() });
    const said: string[] = [];
    const warn = (text: string): unknown => said.push(text);
    const disk = new PatientDisk({ disk: life.ports.disk, clock: life.ports.clock, folder, onTrouble: warn });
    const options = ordinaryOptions('/out', { identities: COUNT, common: COMMON, bind: [address], ...changes });
    const own = { infoHash: torrent.info.infoHash, count: COUNT, layout: options.layout, selection: options.selection };
    const processFacts = {
      self: () => Promise.resolve({ pid, startTime: `${pid}`, bootId: `b${index}`, host: `h${index}` }),
      startTimeOf: (other: number) => Promise.resolve(this.#alive.has(other) ? `${other}` : undefined),
    };
    const lonePorts = { ...life.ports, disk, processFacts, program: { client: 'Ensemble test', version: '0.0.0' } };
    const origin = { id: torrent.info.id, trackers: torrent.trackers, nodes: [] };
    const opening = agreeOnManifest(disk, folder, own, `${pid}`).then(() => {
      const setup = loneSetup(lonePorts, origin, options, identityIndex(index), folder);
      const { info } = torrent;
      const store = new DirectoryStore({
        ports: lonePorts,
        folder,
        infoHash: info.infoHash,
        pieceCount: info.pieceCount,
        identity: identityIndex(index),
        pieceFiles: options.layout === 'pieces',
        expect: (name) => disk.expect(name),
      });
      const machine = `b${index} h${index}`;
      const dht = new LoneDht(lonePorts);
      return LoneRun.open(lonePorts, { info, setup, options, store, machine, peers: [], dht, lease: LEASE, warn });
    });
    const run = await clock.resolve(opening);
    const die = (): void => {
      life.die();
      this.#alive.delete(pid);
    };
    const lone: Lone = { run, life, link: host.link(), said, outcome: undefined, die };
    run.ended.then(
      () => (lone.outcome = 'done'),
      (error: unknown) => (lone.outcome = error),
    );
    return lone;
  }

  /** Lets them work until all have ended, and closes them. */
  async end(...lones: readonly Lone[]): Promise<void> {
    const over = (): boolean => lones.every(({ outcome }) => outcome !== undefined);
    expect(await this.swarm.clock.runUntil(over, 600_000), 'they end').toBe(true);
    for (const { run } of lones) await this.swarm.clock.resolve(run.close(false));
  }

  /** Joins what lies in these folders; the pieces that are missing. */
  async join(layout: LayoutKind, ...folders: readonly string[]): Promise<readonly number[]> {
    const { info } = this.swarm.torrent;
    const locations = folders.map((workFolder) => {
      return { layout, workFolder, output: '/out', assembled: false, identity: identityIndex(0) };
    });
    const [location, ...others] = locations;
    if (location === undefined) throw new Error('no folder');
    const result = await this.swarm.clock.resolve(
      assemble(
        { disk: this.disk, hasher: new SimHasher() },
        {
          info,
          location,
          others,
          count: COUNT,
          owners: new Uint8Array(info.pieceCount).fill(255),
          trusted: new Uint8Array(info.pieceCount),
          wantedFiles: Uint8Array.of(1),
          replace: true,
          keepPayload: true,
        },
        () => {},
        new AbortController().signal,
      ),
    );
    if ('badPieces' in result) return result.badPieces;
    const there = this.disk.content('/out/payload');
    expect(sameBytes(there ?? new Uint8Array(), this.swarm.payload)).toBe(true);
    return [];
  }
}

const fetched = (lones: readonly Lone[]): number => lones.reduce((sum, { run }) => sum + run.snapshot().downloaded, 0);

describe('identities without a coordinator', () => {
  test.each<[SelectionMode, LayoutKind]>([
    ['rarest', 'in-place'],
    ['random', 'pieces'],
    ['random', 'parts'],
    ['fixed', 'parts'],
  ])('%s, %s: share a download out over a common directory, and no piece comes twice', async (selection, layout) => {
    const world = new World();
    const { info } = world.swarm.torrent;
    const log = (i: number): string => `/log-${i}`;
    const lones = [];
    for (let i = 0; i < COUNT; i++) lones.push(await world.begin(i, { selection, layout, log: log(i) }));
    await world.swarm.clock.advance(3_000);
    expect(lones[0]?.run.snapshot()).toMatchObject({
      state: 'downloading',
      identities: [{ index: 0, address: '10.9.0.1', state: 'downloading' }],
    });
    await world.end(...lones);
    expect(lones.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done']);
    expect(fetched(lones)).toBe(info.length);
    // Nothing but that a slower one is still at its range.
    for (const word of lones.flatMap(({ said }) => said)) expect(word).toMatch(/^Still to come: .* of identity \d/);
    if (selection !== 'fixed') expect(lones.flatMap(({ said }) => said)).toEqual([]);
    expect(lones.reduce((sum, { run }) => sum + (run.snapshot().identities[0]?.pieces ?? 0), 0)).toBe(info.pieceCount);
    expect(await world.join(layout, COMMON)).toEqual([]);
    // Each told its log of its own pieces, from start to end.
    const pieces = [0, 1, 2].map((i) => {
      const lines = new TextDecoder()
        .decode(world.disk.content(log(i)))
        .trim()
        .split('\n');
      const events = lines.map((line) => JSON.parse(line) as { event: string; identity: number; piece?: number });
      expect(events.at(0)).toMatchObject({ event: 'start', identity: i });
      expect(events.at(-1)).toMatchObject({ event: 'end', identity: i, reason: 'complete' });
      return events.filter(({ event }) => event === 'piece').map(({ piece }) => piece);
    });
    expect(new Set(pieces.flat()).size).toBe(info.pieceCount);
    expect(pieces.flat()).toHaveLength(info.pieceCount);
  });

  test('fixed ranges need no common directory: each leaves its part, and `assemble` takes them all', async () => {
    const world = new World();
    const folders = [0, 1, 2].map((i) => `/part${i}`);
    for (const [i, folder] of folders.entries()) {
      const lone = await world.begin(i, { selection: 'fixed', layout: 'parts', common: undefined as never }, folder);
      await world.end(lone);
      expect(lone.run.snapshot().state).toBe('complete');
    }
    expect(await world.join('parts', ...folders.slice(0, 2))).toEqual(Array.from({ length: 16 }, (_, i) => 32 + i));
    expect(await world.join('parts', ...folders)).toEqual([]);
  });

  test('one that is interrupted leaves the swarm and goes on from there', async () => {
    const world = new World();
    const lone = await world.begin(0);
    await world.swarm.clock.advance(3_000);
    await world.swarm.clock.resolve(lone.run.close(true));
    const before = lone.run.snapshot().pieces.have;
    expect(before).toBeGreaterThan(5);
    expect(lone.life.handles).toBe(0);
    const again = await world.begin(0);
    expect(again.run.snapshot().pieces.have).toBe(before);
    // What it has fetched in both runs, and in this one.
    expect(again.run.snapshot().identities[0]).toMatchObject({ held: before, pieces: 0 });
    await world.end(again);
    // What was begun is kept, too.
    expect(fetched([lone, again])).toBeLessThanOrEqual(world.swarm.torrent.info.length + 64 * KIB);
    expect(await world.join('in-place', COMMON)).toEqual([]);
  });

  describe.each<[SelectionMode, LayoutKind]>([
    ['rarest', 'in-place'],
    ['rarest', 'pieces'],
    ['rarest', 'parts'],
    ['fixed', 'in-place'],
    ['fixed', 'parts'],
  ])('whose records are lost, %s, %s', (selection, layout) => {
    test.each([
      ['gone', /^(?:have-0|resume-0)$/],
      ['damaged', /^have-0$/],
      ['gone with all but the manifest and the pieces', /^(?:have-\d|resume-\d|claims|lock.*|sibling-.*)$/],
    ])('%s: what lies there is read, and not fetched again', async (how, which) => {
      const world = new World();
      const lone = await world.begin(0, { selection, layout });
      await world.swarm.clock.advance(4_000);
      const sibling = await world.begin(1, { selection, layout });
      await world.swarm.clock.advance(1_000);
      const all = [lone, sibling];
      if (how === 'damaged') for (const one of all) one.die();
      else for (const { run } of all) await world.swarm.clock.resolve(run.close(true));
      const before = lone.run.snapshot().identities[0]?.held ?? 0;
      expect(before).toBeGreaterThan(5);
      for (const path of world.disk.paths()) {
        if (path.endsWith('/') || !which.test(path.split('/')[2] ?? '')) continue;
        if (how === 'damaged') await world.disk.replaceFile(path, new Uint8Array(200).fill(7));
        else await world.disk.remove(path);
      }
      const again = await world.begin(0, { selection, layout });
      expect(again.run.snapshot().identities[0]?.held).toBeGreaterThanOrEqual(before);
      expect(again.said).toContainEqual(expect.stringContaining('damaged or gone'));
      // Who comes later hears of these pieces from its journal.
      const late = await world.begin(1, { selection, layout });
      const third = await world.begin(2, { selection, layout });
      expect(third.said).toEqual([]);
      await world.end(again, late, third);
      expect(fetched([lone, sibling, again, late, third])).toBeLessThanOrEqual(
        world.swarm.torrent.info.length + 16 * 64 * KIB,
      );
      expect(await world.join(layout, COMMON)).toEqual([]);
    });
  });

  test('a directory that fills up ends it with a clear word', async () => {
    const world = new World();
    world.disk.fail({ path: `${COMMON}/files`, operation: 'write', code: 'ENOSPC' });
    const lone = await world.begin(0);
    await world.swarm.clock.runUntil(() => lone.outcome !== undefined, 60_000);
    expect(lone.outcome).toMatchObject({ code: 'disk', message: expect.stringContaining('full') as string });
    await world.swarm.clock.resolve(lone.run.close(true));
  });

  test('an address that goes away is waited for', async () => {
    const world = new World();
    const lone = await world.begin(0);
    await world.swarm.clock.advance(2_000);
    const { link } = lone;
    link.present = false;
    const sent = link.sent;
    await world.swarm.clock.advance(30_000);
    expect(lone.run.snapshot().identities[0]?.state).toBe('no-address');
    expect(link.sent).toBe(sent);
    link.present = true;
    await world.end(lone);
    expect(await world.join('in-place', COMMON)).toEqual([]);
  });
});

test('it remembers 2,000 peers at most, whatever a tracker names', async () => {
  const world = new World();
  const handle = vi.spyOn(HostedDownload.prototype, 'handle');
  let named = 0;
  world.swarm.tracker.answer = () => {
    const peers = new Uint8Array(6 * 1500);
    for (let i = 0; i < 1500; i++) peers.set([10, 200, ++named >> 8, named & 255, 0, 80], i * 6);
    const body = encode({ interval: 60, peers });
    return { status: 200, headers: new Map(), body };
  };
  const lone = await world.begin(0);
  await world.swarm.clock.advance(400_000);
  // The seed is one, too.
  const own = handle.mock.calls.filter((_, i) => (handle.mock.instances[i] as HostedDownload).setup.count === COUNT);
  const dealt = own.flatMap(([message]) => (message.type === 'peers' ? [message.dial.length] : []));
  expect(named).toBeGreaterThan(4000);
  expect(Math.max(...dealt)).toBe(2000);
  handle.mockRestore();
  await world.swarm.clock.resolve(lone.run.close(true));
});

test('what a tracker has to say to people is passed on, once', async () => {
  const world = new World();
  const answer = {
    interval: 60,
    'warning message': new TextEncoder().encode('moving to another host'),
    peers: new Uint8Array(),
  };
  world.swarm.tracker.answer = () => ({ status: 200, headers: new Map(), body: encode(answer) });
  const lone = await world.begin(0);
  await world.swarm.clock.advance(200_000);
  expect(lone.said).toEqual([expect.stringContaining('moving to another host')]);
  await world.swarm.clock.resolve(lone.run.close(true));
});

describe('one that dies for good', () => {
  test.each<SelectionMode>(['rarest', 'random'])('%s: the others finish its share (A15)', async (selection) => {
    const world = new World();
    const lones = [];
    for (let i = 0; i < COUNT; i++) lones.push(await world.begin(i, { selection }));
    await world.swarm.clock.advance(2_000);
    const [dead, ...others] = lones;
    dead?.die();
    await world.end(...others);
    expect(await world.join('in-place', COMMON)).toEqual([]);
  });

  test('fixed: the others tell what stays missing and what to do, and doing it helps', async () => {
    for (const [how, slow] of [
      ['again', false],
      ['take-over', true],
    ] as const) {
      const world = new World();
      const lones = [];
      for (let i = 0; i < COUNT; i++) lones.push(await world.begin(i, { selection: 'fixed' }));
      await world.swarm.clock.advance(1_500);
      const [first, dead, last] = lones;
      dead?.die();
      // Of one that died a moment ago nobody knows whether it only is slow.
      if (slow && first !== undefined && last !== undefined) first.link.down.rate = last.link.down.rate = 50 * KIB;
      await world.end(...[first, last].filter((one) => one !== undefined));
      const missing = await world.join('in-place', COMMON);
      expect(missing.length).toBeGreaterThan(0);
      expect(missing.every((p) => p >= 16 && p < 32)).toBe(true);
      const rest = `${missing.length} of the pieces 16 to 31 of identity 1 (--index 1 --count 3)`;
      const help = 'run it again, or this one with --take-over.';
      for (const one of [first, last]) {
        expect(one?.said).toContain(
          slow
            ? `Missing: ${rest}, which is not running. Nobody else fetches them: ${help}`
            : `Still to come: ${rest}. Should that one have died, ${help}`,
        );
      }
      const helper = how === 'again' ? await world.begin(1, { selection: 'fixed' }) : undefined;
      const taker = how === 'again' ? undefined : await world.begin(0, { selection: 'fixed', takeOver: true });
      await world.end(...[helper, taker].filter((one) => one !== undefined));
      expect([...(helper?.said ?? []), ...(taker?.said ?? [])]).toEqual([]);
      expect(await world.join('in-place', COMMON)).toEqual([]);
    }
  });
});
