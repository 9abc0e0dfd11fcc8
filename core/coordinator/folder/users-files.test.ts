import { describe, expect, it } from 'vitest';
import { assemble } from '../../assembly/assemble.ts';
import { torrentKey, unknownOwners } from '../../base/ids.ts';
import type { LayoutKind } from '../../base/choices.ts';
import { type DownloadOptions, ordinaryOptions } from '../../engine/download-options.ts';
import { Geometry } from '../../metainfo/geometry.ts';
import { wrapInfo } from '../../metainfo/wrap-info.ts';
import { figure, times } from '../../sim/acceptance.ts';
import { SeededRandom } from '../../sim/random.ts';
import { simTorrent, type SimTorrent } from '../../sim/torrent.ts';
import { recheck } from '../../store/layouts/recheck.ts';
import { UsersTree } from '../testing/users-tree.ts';
import { KIB, World } from '../testing/world.ts';

const PIECE = 16 * KIB;
const SHAPES = [
  [
    { path: ['a'], length: 2 * PIECE + 5 },
    { path: ['d', 'a'], length: PIECE },
    { path: ['d', 'e', 'empty'], length: 0 },
    { path: ['files', '0'], length: 300 },
  ],
  [
    { path: ['resume'], length: PIECE },
    { path: ['claims', '1'], length: PIECE + 9 },
    { path: ['part-1'], length: 20 },
  ],
] as const;
const LAYOUTS: readonly LayoutKind[] = ['in-place', 'parts', 'pieces'];
const VICTIMS = ['/victim/0', '/victim/1', '/victim/2'];
const COMMON = '/common';
const MOVED = '/moved';
const PLACES = ['/out', COMMON, MOVED];
const OVER = new Set(['done', 'failed', 'seeding', 'complete', 'none']);

/** A machine full of a user's files, on which commands run, are killed, and folders are exchanged for links. */
class Scene {
  readonly world = new World();
  readonly users: UsersTree;
  readonly made: SimTorrent & { readonly data: Uint8Array };
  readonly targets: readonly string[];
  readonly counts = { done: 0, swaps: 0, kills: 0, moves: 0 };
  options: Partial<DownloadOptions> = {};
  /** What was done, for whoever has to find out why something failed. */
  readonly story: string[];
  /** Disk operations until something happens. */
  #swapIn = Number.POSITIVE_INFINITY;
  #killIn = Number.POSITIVE_INFINITY;
  /** How many of the chosen folders are still to be looked at: until then they are whatever they are. */
  #unseen = 0;
  #dead = false;

  constructor(seed: number) {
    const random = new SeededRandom(seed);
    this.story = [`tree ${seed}`];
    this.users = new UsersTree(this.world.disk, random);
    const torrent = simTorrent(random, { files: this.users.pick(SHAPES), pieceLength: PIECE });
    this.made = { ...torrent, data: wrapInfo(torrent.torrent.info, []) };
    const { infoHash, files } = torrent.torrent.info;
    this.world.script.payloads.set(torrentKey(infoHash), torrent.payload);
    this.targets = files.map(({ path }) => `/out/${path.join('/')}`);
    this.world.disk.before = (operation, path) => this.#operation(operation, path);
  }

  get infoHash(): SimTorrent['torrent']['info']['infoHash'] {
    return this.made.torrent.info.infoHash;
  }

  /** What stands there before anything runs. */
  furnish(): void {
    const { users } = this;
    for (const victim of VICTIMS) {
      // Behind a link everything looks like ours: written or removed there would be lost.
      for (const { path } of this.made.torrent.info.files) {
        for (const from of [0, 1, path.length - 1]) users.put(`${victim}/${path.slice(from).join('/')}`);
        users.put(`${victim}/files/${path.join('/')}`);
      }
      users.fill(victim, VICTIMS, 1);
      for (let p = 0; p < 4; p++) users.put(`${victim}/${p}`);
    }
    users.fill('/out', VICTIMS);
    if (users.perhaps(0.5)) users.fill(MOVED, VICTIMS);
    if (users.perhaps(0.3)) users.fill(`${MOVED}/payload`, VICTIMS);
    if (users.perhaps(0.3)) users.fill('/out/payload', VICTIMS);
    if (users.perhaps(0.6)) users.fill(COMMON, VICTIMS);
    const hidden = `/out/.payload.${this.infoHash.slice(0, 8)}`;
    if (users.perhaps(0.08)) users.link(users.pick(VICTIMS), `${hidden}.ensemble`);
    if (users.perhaps(0.08)) users.fill(`${hidden}.ensemble`, VICTIMS);
    const staging = `/out/.${this.infoHash.slice(0, 8)}.assembling`;
    if (users.perhaps(0.1)) users.link(users.pick(VICTIMS), staging);
    if (users.perhaps(0.1)) users.fill(staging, VICTIMS);
    if (users.perhaps(0.05)) users.put(users.pick(this.targets));
    if (users.perhaps(0.05)) users.link(users.pick(VICTIMS), users.pick(this.targets));
  }

  /** Something of the user's comes to lie among what is ours, under names that are none of ours. */
  intrude(): void {
    for (const folder of this.users.folders(PLACES)) {
      if (!folder.includes('.ensemble') || this.users.perhaps(0.6)) continue;
      this.users.put(`${folder}/notes.txt`);
      this.users.put(`${folder}/99999`);
      if (this.users.perhaps(0.3)) this.users.fill(`${folder}/extra`, VICTIMS, 1);
    }
  }

  async command(): Promise<void> {
    const { users, world } = this;
    this.#swapIn = users.perhaps(0.6) ? 1 + users.below(120) : Number.POSITIVE_INFINITY;
    this.#killIn = users.perhaps(0.3) ? 1 + users.below(150) : Number.POSITIVE_INFINITY;
    const name = users.pick([
      'get',
      'get',
      'get',
      'remove',
      'remove with data',
      'recheck',
      'assemble',
      'check',
      'move',
      'move',
    ] as const);
    this.story.push(name);
    const work = this.#run(name).catch((error: unknown) => this.story.push(String(error)));
    let over = false;
    void work.then(() => (over = true));
    await world.clock.runUntil(() => over || this.#dead, 120_000);
    this.#swapIn = this.#killIn = Number.POSITIVE_INFINITY;
    this.#unseen = 0;
    // What a user chooses may be a link; that it became one was not his choice.
    this.users.expectWhole(this.story.join('; '));
    for (const chosen of PLACES) this.users.restore(chosen);
    if (this.#dead) {
      this.counts.kills++;
      world.disk.crash('process');
      this.#dead = false;
      world.coordinator = world.build();
    }
  }

  async #run(name: string): Promise<void> {
    const { users, world } = this;
    const key = torrentKey(this.infoHash);
    const { coordinator } = world;
    switch (name) {
      case 'get': {
        this.#unseen = Number.POSITIVE_INFINITY;
        if (coordinator.download(key) !== undefined) await coordinator.remove(key, { data: false });
        if (this.options.layout === undefined || users.perhaps(0.3)) this.#choose();
        this.story.push(JSON.stringify(this.options));
        this.#unseen = this.options.common === undefined ? 1 : 2;
        // Only then may files be replaced.
        if (this.options.reuse === true) users.giveUp(this.targets);
        await coordinator.add({ kind: 'torrent', data: this.made.data }, ordinaryOptions('/out', this.options));
        const state = (): string => coordinator.download(key)?.state ?? 'none';
        while (!OVER.has(state()) && !this.#dead) await pause(world);
        if (state() === 'done') this.counts.done++;
        return;
      }
      case 'remove':
        return coordinator.remove(key, { data: false });
      case 'remove with data':
        users.giveUp(coordinator.download(key)?.result ?? []);
        return coordinator.remove(key, { data: true });
      case 'move':
        await coordinator.move(key, users.pick(['/out', MOVED]));
        this.counts.moves++;
        return;
      case 'recheck':
        return coordinator.recheck(key);
      case 'assemble':
        return this.#assemble();
      default:
        return this.#check();
    }
  }

  #choose(): void {
    const { users } = this;
    this.options = {
      identities: 1 + users.below(3),
      layout: users.pick(LAYOUTS),
      reuse: users.perhaps(0.15),
      ...(users.perhaps(0.4) ? { common: COMMON } : {}),
      ...(users.perhaps(0.2)
        ? { filePriorities: this.made.torrent.info.files.map(() => (users.perhaps(0.5) ? 4 : 0)) }
        : {}),
    };
  }

  /** As `ensemble assemble` does, from wherever pieces may lie. */
  async #assemble(): Promise<void> {
    const { info } = this.made.torrent;
    const workFolder = this.users.pick([
      ...this.users.folders(PLACES).filter((folder) => folder.endsWith('.ensemble')),
      COMMON,
    ]);
    const { layout = 'in-place' } = this.options;
    const location = { layout, workFolder, output: '/out', assembled: false, identity: 0 as never };
    const input = {
      info,
      location,
      count: 3,
      owners: unknownOwners(info.pieceCount),
      trusted: new Uint8Array(info.pieceCount),
      wantedFiles: new Uint8Array(info.files.length).fill(1),
      replace: false,
      keepPayload: true,
    };
    await assemble(this.world.ports, input, () => {}, new AbortController().signal);
  }

  async #check(): Promise<void> {
    const { info } = this.made.torrent;
    const location = { layout: 'in-place', workFolder: '/out', output: '/out', assembled: true, identity: 0 } as never;
    await recheck(this.world.ports, { info, geometry: new Geometry(info), location, count: 1 }, () => {});
  }

  /** Called before each operation of the disk. */
  #operation(operation: string, path: string): void {
    if (--this.#swapIn === 0) {
      const chosen = this.#unseen > 0 || operation === 'realPath' ? [] : PLACES;
      const folder = this.users.pick([...this.users.folders(PLACES), ...chosen, '/nothing']);
      if (this.world.disk.kindAt(folder) === 'directory') {
        const victim = this.users.pick(VICTIMS);
        this.story.push(`${folder} becomes a link to ${victim} at ${operation} ${path}`);
        this.users.swap(folder, victim);
        this.counts.swaps++;
      }
    }
    if (operation === 'realPath') this.#unseen--;
    if (--this.#killIn === 0) {
      this.#dead = true;
      this.story.push(`killed at ${operation} ${path}`);
      this.world.crash();
    }
    if (this.#dead) throw new Error('nobody is there any more');
  }
}

const pause = (world: World): Promise<void> => new Promise((resolve) => world.clock.after(100 as never, resolve));

describe("users' files", () => {
  it('are byte for byte as before, after every command, whatever stands there and is exchanged for a link', async (test) => {
    const sum = { done: 0, swaps: 0, kills: 0, moves: 0 };
    const trees = times(60, 2000);
    for (let seed = 1; seed <= trees; seed++) {
      const scene = new Scene(seed);
      scene.furnish();
      for (let n = 1 + scene.users.below(4); n > 0; n--) {
        await scene.command();
        scene.users.expectWhole(scene.story.join('; '));
        if (scene.users.perhaps(0.5)) scene.intrude();
      }
      for (const key of ['done', 'swaps', 'kills', 'moves'] as const) sum[key] += scene.counts[key];
    }
    expect(sum.done).toBeGreaterThan(trees / 10);
    expect(sum.moves).toBeGreaterThan(trees / 40);
    figure(
      test,
      `${trees} trees, ${sum.swaps} folders exchanged for links, ${sum.kills} kills, ${sum.moves} moves, ${sum.done} downloads done: nothing of the user's changed`,
    );
  });
});
