import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { chanceOf, LONG } from './support/chance.ts';
import { ClaimServer } from './support/claim-server.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { Ensemble } from './support/ensemble.ts';
import { kill } from './support/processes.ts';
import { interop } from './support/requirements.ts';
import { type Scene, withScene } from './support/scene.ts';
import { treeOf } from './support/trees.ts';
import { HUB, Wing } from './support/wing.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const COUNT = 3;
/** The lease: short enough for a test, long enough for a busy machine. */
const LEASE = 4;
const NAME = 'film';
const PAYLOAD = { 'shared/a.bin': 5 * MIB + 321, 'shared/empty': 0, 'shared/b/c.bin': MIB + 1 };
const PIECES = Math.ceil((6 * MIB + 322) / (64 * KIB));
const KINDS = ['server', 'server without its data', 'identity', 'asleep', 'server asleep', 'cut off'] as const;
const ROUNDS = LONG ? 20 : 0;

/** Machines that have nothing in common but a server, each with a folder of its own. */
class Group {
  readonly scene: Scene;
  readonly server: ClaimServer;
  readonly wings: readonly Wing[];
  readonly identities: Ensemble[] = [];
  /** The log of each run. */
  readonly #logs: string[] = [];

  constructor(scene: Scene, server: ClaimServer, wings: readonly Wing[]) {
    this.scene = scene;
    this.server = server;
    this.wings = wings;
  }

  folder(index: number): string {
    return this.scene.lab.path(`machine-${index}`);
  }

  /** `together`: by `get`, so that each ends with the whole. */
  begin(index: number, together = false): Ensemble {
    const wing = this.wings[index];
    if (wing === undefined) throw new Error(`no machine ${index}`);
    const { torrent, lab } = this.scene;
    const place = ['--index', String(index), '--count', String(COUNT), '--collect', 'none'];
    const log = lab.path(`log-${this.#logs.length}.jsonl`);
    this.#logs.push(log);
    const where = ['--common', this.server.url(NAME), '-o', this.folder(index), '--log', log];
    const args = ['--bind', wing.address, '--timeout', '240', ...where];
    const command = together ? ['get', torrent] : ['identity', torrent, ...place];
    const one = new Ensemble(wing, [...command, ...args]);
    this.identities[index] = one;
    return one;
  }

  get have(): number {
    return Math.max(...this.identities.map((one) => one.have));
  }

  async untilHave(pieces: number): Promise<void> {
    for (let tries = 0; this.have < pieces; tries++) {
      if (tries > 600)
        throw new Error(`only ${this.have} pieces\n${this.identities.map((one) => one.child.output).join('\n')}`);
      await sleep(50);
    }
  }

  async end(seconds: number, which: readonly number[] = [0, 1, 2]): Promise<void> {
    for (const i of which) {
      const one = this.identities[i];
      expect(await one?.exit(seconds), one?.child.output).toMatchObject({ code: 0 });
    }
  }

  /** How often each piece was fetched and verified. */
  async fetched(): Promise<Map<number, number>> {
    const times = new Map<number, number>();
    for (const log of this.#logs) {
      const text = await readFile(log, 'utf8').catch(() => '');
      for (const line of text.split('\n')) {
        if (!line.includes('"event":"piece"')) continue;
        const { piece } = JSON.parse(line) as { piece: number };
        times.set(piece, (times.get(piece) ?? 0) + 1);
      }
    }
    return times;
  }

  /** How many pieces each says that it fetched as well as another. */
  get said(): number[] {
    return this.identities.map((one) => Number(one.last('done')?.['duplicatePieces'] ?? Number.NaN));
  }

  async expectWhole(): Promise<void> {
    const whole = await treeOf(this.scene.folder);
    for (let i = 0; i < COUNT; i++) expect(await treeOf(this.folder(i))).toEqual(whole);
  }

  async expectJoined(): Promise<void> {
    const { lab, torrent, folder } = this.scene;
    const out = await lab.makeFolder('out');
    const folders = Array.from({ length: COUNT }, (_, i) => this.folder(i));
    const assemble = new Ensemble(lab, ['assemble', torrent, ...folders, '-o', out]);
    expect(await assemble.exit(60), assemble.child.output).toMatchObject({ code: 0 });
    expect(await treeOf(out)).toEqual(await treeOf(folder));
  }
}

interface GroupOptions {
  /** By `get`, so that each ends with the whole. */
  readonly together?: boolean;
  readonly servers?: number;
  readonly lease?: number;
}

async function withGroup(
  play: (group: Group) => Promise<void>,
  { together = false, servers = 1, lease = LEASE }: GroupOptions = {},
): Promise<void> {
  await withScene({ payload: PAYLOAD, tracker: 'http' }, async (scene) => {
    const wings = await Wing.openAll(scene.lab, COUNT + 1);
    try {
      const server = new ClaimServer(scene.lab, HUB, { servers });
      await server.start();
      await server.agree(NAME, scene.infoHash, COUNT, lease);
      const last = wings[COUNT];
      if (last === undefined) throw new Error('no machine for the seed');
      const { torrent, folder } = scene;
      const seed = new Libtorrent(last, { role: 'seed', address: last.address, torrent, folder, uploadLimit: 900_000 });
      await seed.untilAnnounced();
      const group = new Group(scene, server, wings);
      for (let i = 0; i < COUNT; i++) {
        await scene.lab.makeFolder(`machine-${i}`);
        group.begin(i, together);
      }
      await play(group);
    } finally {
      for (const wing of wings) await wing.close();
    }
  });
}

interop('machines that meet at a NATS server', ['libtorrent', 'opentracker', 'nats'], true, () => {
  it.concurrent('fetch each piece once, also where the server is killed and starts again meanwhile', () =>
    withGroup(async (group) => {
      await group.untilHave(20);
      await group.server.kill();
      await sleep(1500);
      await group.server.start();
      await group.end(120);
      const times = await group.fetched();
      expect(times.size).toBe(PIECES);
      expect([...times].filter(([, count]) => count > 1)).toEqual([]);
      const said = group.identities.map((one) => one.child.output).join('\n');
      expect(said).toContain('is back');
      expect(said).not.toContain('p@ss');
      expect(said).not.toContain('p%40ss');
      for (const one of group.identities) expect(one.last('done')).toMatchObject({ duplicatePieces: 0 });
      await group.expectJoined();
    }),
  );

  it.concurrent('of which one is killed: its share goes to the others, and what it has it has when it is back', () =>
    withGroup(async (group) => {
      await group.untilHave(20);
      kill(group.identities[0]?.child.pid ?? 0);
      await group.end(120, [1, 2]);
      await group.expectJoined();
    }),
  );

  it.each(Array.from({ length: ROUNDS }, (_, round) => round))('whatever dies or sleeps meanwhile; round %i', (round) =>
    withGroup(
      async (group) => {
        const chance = chanceOf(round);
        await group.untilHave(1 + Math.floor(40 * chance()));
        const i = Math.floor(COUNT * chance());
        const one = group.identities[i];
        const what = KINDS[round % KINDS.length];
        if (what === 'server' || what === 'server without its data') {
          await group.server.kill();
          await sleep(3000 * chance());
          await group.server.start(what === 'server without its data');
        } else if (what === 'identity') {
          kill(one?.child.pid ?? 0);
          await sleep((LEASE + 2) * 1000 * chance());
          group.begin(i, true);
        } else if (what === 'cut off') {
          await group.wings[i]?.cut(true);
          await sleep((LEASE + 8) * 1000 * chance());
          await group.wings[i]?.cut(false);
        } else {
          const child = what === 'asleep' ? one?.child : group.server.child;
          child?.signal('SIGSTOP');
          await sleep((LEASE + 8) * 1000 * chance());
          child?.signal('SIGCONT');
        }
        await group.end(240);
        const twice = [...(await group.fetched())].filter(([, count]) => count > 1).length;
        const said = group.said;
        console.log(`${what}: ${twice} of ${PIECES} pieces twice, of which each says ${said.join(', ')}`);
        // What it fetched twice itself, before it died and after, or gave to others before it knew, it does not say.
        for (const one of said) expect(one).toBeLessThanOrEqual(twice);
        await group.expectWhole();
      },
      { together: true },
    ),
  );

  it.runIf(LONG)('a server without room is waited for, and told of once', () =>
    withGroup(
      async (group) => {
        await group.untilHave(10);
        await group.server.kill();
        group.server.room = 100_000;
        await group.server.start(true);
        const said = (): string[] => group.identities.map(({ child }) => child.output);
        for (let tries = 0; !said().every((text) => text.includes('no room')); tries++) {
          if (tries > 600) throw new Error(said().join('\n'));
          await sleep(100);
        }
        await group.server.kill();
        group.server.room = undefined;
        await group.server.start();
        await group.end(240);
        for (const text of said()) expect(text.split('no room').length).toBeLessThanOrEqual(2);
        await group.expectWhole();
      },
      { together: true },
    ),
  );

  it.runIf(LONG)('a cluster of three, of which the one that leads dies', () =>
    withGroup(
      async (group) => {
        await group.untilHave(20);
        const leader = await group.server.killLeader(NAME, group.scene.infoHash);
        await group.end(240);
        const twice = [...(await group.fetched())].filter(([, count]) => count > 1);
        console.log(`the leader, server ${leader}, was killed: ${twice.length} of ${PIECES} pieces twice`);
        for (const one of group.said) expect(one).toBeLessThanOrEqual(twice.length);
        // What one verified while nothing was answered the others wait for; with nothing else left they help out two at a time.
        expect(twice.length).toBeLessThanOrEqual(2);
        await group.expectWhole();
      },
      // Until another leads, nothing is answered for 4 to 9 s, and whoever asked last waits longer: the usual lease outlasts that.
      { together: true, servers: 3, lease: 45 },
    ),
  );
});
