import { describe, expect, test } from 'vitest';
import { concatBytes, sameBytes } from '../base/bytes.ts';
import type { CollectMode } from '../base/choices.ts';
import { bytesPerSecond } from '../base/ids.ts';
import { parseStoreUrl } from '../base/store-place.ts';
import type { DownloadOptions, PieceMapSnapshot } from '../engine/engine.ts';
import { ordinaryOptions } from '../engine/download-options.ts';
import type { HttpListener, HttpListenOptions, ServedAnswer, ServedRequest } from '../ports/http-server.ts';
import { SimBucketServer, type ServerWay } from '../sim/bucket-server.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SimHasher } from '../sim/hasher.ts';
import { listenSim } from '../sim/http-listener.ts';
import { Mortal } from '../sim/mortal.ts';
import type { SimHost } from '../sim/net-host.ts';
import { SimSwarm } from '../sim/swarm.ts';
import { type LoneResult, runLone } from './identity.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const STORE = parseStoreUrl('nats://server/film');

interface Run {
  readonly said: string[];
  readonly life: Mortal;
  readonly stop: AbortController;
  have: number;
  states: readonly string[];
  /** How it stood with the others, each once, in order. */
  readonly stood: string[];
  map: (() => PieceMapSnapshot | undefined) | undefined;
  result: LoneResult | undefined;
  error: unknown;
}

/** Machines that have nothing in common but a server: each has its own disk. */
class World {
  readonly swarm: SimSwarm;
  readonly server: SimBucketServer;
  readonly disks: MemoryDisk[] = [];
  readonly hosts: SimHost[] = [];
  readonly ways: ServerWay[] = [];
  /** Whether their listeners refuse everybody. */
  deaf = false;
  /** Gives out other bytes than it has. */
  spoils: Mortal | undefined;
  /** Bytes of pieces that were given out. */
  given = 0;
  #pids = 0;

  constructor(seed = 5, rate = MIB / 2) {
    this.swarm = new SimSwarm(seed, { files: 3 * MIB - 777, pieceLength: 64 * KIB });
    this.server = new SimBucketServer(this.swarm.clock);
    this.swarm.seed('10.0.0.1', { up: rate, down: MIB });
  }

  /** Runs what `ensemble get --common nats://` does, on machine `i`. */
  begin(i: number, collect: CollectMode = 'all', changes: Partial<DownloadOptions> = {}, fetch?: false): Run {
    const { clock, net, random, torrent, tracker } = this.swarm;
    const address = `10.9.0.${i + 1}`;
    const host = (this.hosts[i] ??= net.host(address, { latency: 10, up: 4 * MIB, down: 4 * MIB }));
    const disk = (this.disks[i] ??= new MemoryDisk({ clock }));
    const life = new Mortal({
      clock,
      random,
      net: host,
      interfaces: host,
      http: tracker.http(address),
      disk,
      hasher: new SimHasher(),
    });
    const way = (this.ways[i] = { clock: life.ports.clock, random, latency: 10 as never, lost: 0 });
    const pid = ++this.#pids;
    const processFacts = {
      self: () => Promise.resolve({ pid, startTime: `${pid}`, bootId: `b${i}`, host: `h${i}` }),
      startTimeOf: (other: number) => Promise.resolve(other === pid ? `${other}` : undefined),
    };
    const stop = new AbortController();
    const nothing = { have: 0, states: [], map: undefined, result: undefined, error: undefined };
    const run: Run = { said: [], stood: [], life, stop, ...nothing };
    const announce = new TextEncoder().encode(`8:announce${tracker.url.length}:${tracker.url}`);
    const text = (part: string): Uint8Array => new TextEncoder().encode(part);
    const data = concatBytes(text('d'), announce, text('4:info'), torrent.info.raw, text('e'));
    runLone(
      {
        ...life.ports,
        processFacts,
        program: { client: 'Ensemble test', version: '0.0.0' },
        buckets: () => this.server.over(way),
        listen: (options) => this.#listen(life, options),
      },
      {
        source: { kind: 'torrent', data },
        options: ordinaryOptions('/out', { collect, bind: [address], dht: false, lsd: false, ...changes }),
        store: STORE,
        link: `line ${i}`,
        finish: true,
        ...(fetch !== undefined && { fetch }),
        signal: run.stop.signal,
        onProgress: (snapshot, map) => {
          run.have = snapshot.pieces.have;
          run.states = snapshot.identities.map(({ state }) => state);
          run.map = map;
          const { state, waits = false, done = false } = snapshot.meeting ?? {};
          const stands = `${state}${waits ? ' waits' : ''}${done ? ' done' : ''}`;
          if (run.stood.at(-1) !== stands) run.stood.push(stands);
        },
        onWarning: (said) => run.said.push(said),
      },
    ).then(
      (result) => (run.result = result),
      (error: unknown) => (run.error = error),
    );
    return run;
  }

  #listen(life: Mortal, options: HttpListenOptions): Promise<HttpListener> {
    const answer = (request: ServedRequest): ServedAnswer => {
      if (this.deaf) return { status: 500, headers: { 'Content-Length': 0 } };
      const right = options.answer(request);
      const { body } = right;
      if (body === undefined) return right;
      return { ...right, body: (signal) => this.#passed(body(signal), this.spoils === life) };
    };
    return listenSim(life.ports.net, { ...options, answer });
  }

  async *#passed(body: AsyncIterable<Uint8Array>, spoilt: boolean): AsyncGenerator<Uint8Array> {
    for await (const data of body) {
      this.given += data.length;
      yield spoilt ? data.fill(1) : data;
    }
  }

  async end(...runs: readonly Run[]): Promise<void> {
    const over = (): boolean => runs.every(({ result, error }) => result !== undefined || error !== undefined);
    const ended = await this.swarm.clock.runUntil(over, 900_000);
    expect(runs.flatMap(({ error }) => (error === undefined ? [] : [error]))).toEqual([]);
    expect(ended, JSON.stringify(runs.map(({ have, said }) => ({ have, said })))).toBe(true);
  }

  /** Which machines have the whole file. */
  get whole(): number[] {
    return this.disks.flatMap((disk, i) => {
      const there = disk.content('/out/payload');
      return there !== undefined && sameBytes(there, this.swarm.payload) ? [i] : [];
    });
  }
}

const fetched = (runs: readonly Run[]): number =>
  runs.reduce((sum, { result }) => sum + (result?.snapshot.downloaded ?? 0), 0);

describe('machines that meet at a server', () => {
  test('each piece is fetched from the swarm once, and every machine ends with the whole file', async () => {
    const world = new World();
    const runs = [0, 1, 2].map((i) => world.begin(i));
    await world.end(...runs);
    expect(world.whole).toEqual([0, 1, 2]);
    expect(fetched(runs)).toBe(world.swarm.torrent.info.length);
    for (const { result } of runs) expect(result?.snapshot.duplicatePieces).toBe(0);
    // Each took a place of its own, and shows all machines with what each fetched.
    for (const { result, map } of runs) {
      const { identities = [], pieces } = result?.snapshot ?? {};
      expect(identities.map(({ index }) => index)).toEqual([0, 1, 2]);
      for (const { held } of identities) expect(held).toBeGreaterThan(5);
      // Of its own its program knows more.
      const others = identities.filter(({ link }) => link !== undefined);
      expect(others.map(({ index }) => index)).toHaveLength(2);
      for (const { index, link, interfaceName, linkKind, address } of others) {
        const place = Number(address?.split('.').at(-1)) - 1;
        expect([link, interfaceName, linkKind]).toEqual([`line ${place}`, 'sim0', 'wired']);
        expect(address, `${index}`).toMatch(/^10\.9\.0\.[123]$/);
      }
      expect(identities.reduce((sum, { held }) => sum + held, 0)).toBe(pieces?.total);
      const owners = map?.()?.pieces ?? new Uint8Array();
      for (const { index, held } of identities) expect(owners.filter((owner) => owner === index)).toHaveLength(held);
    }
    // Nothing is left but the file.
    for (const disk of world.disks) expect(disk.paths().filter((path) => path.includes('.ensemble'))).toEqual([]);
  });

  test.each<[readonly CollectMode[], readonly number[]]>([
    [['all', 'here', 'all'], [1]],
    [['none', 'all', 'none'], [1]],
    [['none', 'none', 'none'], []],
    [
      ['none', 'here', 'here'],
      [1, 2],
    ],
  ])('where they say %j, the whole file ends on %j', async (modes, whole) => {
    const world = new World();
    const runs = modes.map((mode, i) => world.begin(i, mode));
    await world.end(...runs);
    expect(world.whole).toEqual(whole);
    expect(fetched(runs)).toBe(world.swarm.torrent.info.length);
  });

  test('who waits for the server, or for what is with others, says so', async () => {
    const world = new World();
    const runs = [world.begin(0), world.begin(1, 'all', { collectRate: bytesPerSecond(48 * KIB) })];
    await world.swarm.clock.advance(3_000);
    world.server.kill();
    await world.swarm.clock.advance(3_000);
    world.server.start(false);
    await world.end(...runs);
    expect(runs[0]?.stood.slice(0, 3)).toEqual(['met', 'trouble', 'met']);
    // The other one gets what it lacks slowly, when nothing is left in the swarm.
    expect(runs[1]?.stood.slice(-2)).toEqual(['met waits', 'met done']);
  });

  test('who collects stops once another says that it does', async () => {
    const world = new World(5, 4 * MIB);
    const slow = (kib: number): Partial<DownloadOptions> => ({ collectRate: bytesPerSecond(kib * KIB) });
    const runs = [world.begin(0, 'none'), world.begin(1, 'all', slow(64))];
    await world.swarm.clock.advance(6_000);
    const before = world.given;
    await world.swarm.clock.advance(4_000);
    expect(world.given - before).toBeGreaterThan(128 * KIB);
    runs.push(world.begin(2, 'here', slow(8)));
    await world.swarm.clock.advance(8_000);
    const since = world.given;
    await world.swarm.clock.advance(8_000);
    expect(world.given - since).toBeLessThanOrEqual(192 * KIB);
    await world.end(...runs);
    expect(world.whole).toEqual([2]);
  });

  test('one that dies for good is replaced: what it had is fetched again, by one of the others', async () => {
    const world = new World();
    const runs = [0, 1, 2].map((i) => world.begin(i));
    const [dead, ...others] = runs;
    await world.swarm.clock.advance(6_000);
    dead?.life.die();
    await world.swarm.clock.advance(50_000);
    for (const { states } of others) expect(states).toContain('silent');
    await world.end(...others);
    expect(world.whole).toEqual([1, 2]);
    // Some of what it had verified was with the others already.
    expect(fetched(others)).toBeLessThan(world.swarm.torrent.info.length);
  });

  test('one that is interrupted or dies goes on with what it has, its own and what it collected', async () => {
    for (const how of ['stop', 'die'] as const) {
      const world = new World();
      const runs = [0, 1, 2].map((i) => world.begin(i));
      const [first, ...others] = runs;
      await world.swarm.clock.advance(5_000);
      if (how === 'die') first?.life.die();
      else first?.stop.abort(new Error('interrupted'));
      await world.swarm.clock.advance(2_000);
      const again = world.begin(0);
      await world.end(again, ...others);
      expect(world.whole).toEqual([0, 1, 2]);
      // It has its place again.
      expect(again.result?.snapshot.identities.map(({ index }) => index)).toEqual([0, 1, 2]);
      const once = world.swarm.torrent.info.length;
      expect(fetched([again, ...others])).toBeLessThan(once);
    }
  });

  test('whoever comes when all others have left has it by itself', async () => {
    const world = new World();
    const early = world.begin(0, 'none');
    await world.end(early);
    const late = world.begin(1);
    await world.end(late);
    expect(world.whole).toEqual([0, 1]);
    expect(late.result?.snapshot.downloaded).toBe(world.swarm.torrent.info.length);
  });

  test.each([false, true])('the server dies in the middle, and returns, empty: %s', async (empty) => {
    const world = new World();
    const runs = [0, 1, 2].map((i) => world.begin(i));
    await world.swarm.clock.advance(4_000);
    world.server.kill();
    await world.swarm.clock.advance(8_000);
    world.server.start(empty);
    await world.end(...runs);
    expect(world.whole).toEqual([0, 1, 2]);
    for (const { said } of runs) expect(said.join()).toContain('is back');
  });

  test('a machine whose disk spoils what it had verified, or which lies, does not hold up the others', async () => {
    const world = new World();
    const bad = world.begin(0, 'none');
    await world.swarm.clock.advance(4_000);
    world.spoils = bad.life;
    const good = [1, 2].map((i) => world.begin(i));
    await world.end(bad, ...good);
    expect(world.whole).toEqual([1, 2]);
    expect(good.flatMap(({ said }) => said).join()).toContain('is wrong');
  });

  test('machines that cannot reach each other fetch all themselves', async () => {
    const world = new World(5, 2 * MIB);
    const runs = [0, 1].map((i) => world.begin(i));
    world.deaf = true;
    await world.end(...runs);
    expect(world.whole).toEqual([0, 1]);
    // Each says what it fetched though the other had it.
    for (const { result } of runs) expect(result?.snapshot.duplicatePieces).toBeGreaterThan(16);
  });

  test('what goes between them keeps to its limit', async () => {
    const world = new World(5, 4 * MIB);
    const limit = 128 * KIB;
    const given = world.begin(0, 'none');
    await world.swarm.clock.advance(4_000);
    const began = world.swarm.clock.now();
    const have = given.have;
    const taking = world.begin(1, 'here', { collectRate: bytesPerSecond(limit) });
    await world.end(given, taking);
    const seconds = (world.swarm.clock.now() - began) / 1000;
    const collected = world.swarm.torrent.info.length - (taking.result?.snapshot.downloaded ?? 0);
    expect(have).toBeGreaterThan(10);
    expect(collected / seconds).toBeLessThan(limit * 1.1);
  });

  test('who only assembles fetches nothing from the swarm, and waits for what comes', async () => {
    const world = new World();
    const runs = [0, 1].map((i) => world.begin(i, 'none'));
    await world.swarm.clock.advance(3_000);
    const sent = world.hosts.length;
    const last = world.begin(2, 'all', {}, false);
    await world.end(last, ...runs);
    expect(sent).toBe(2);
    expect(world.whole).toEqual([2]);
    expect(last.result?.snapshot.downloaded).toBe(0);
    expect(fetched(runs)).toBe(world.swarm.torrent.info.length);
  });

  test('what lies ready comes as fast as the line carries it: nobody waits for the next look, neither first nor last', async () => {
    const world = new World(5, 4 * MIB);
    const first = world.begin(0);
    const slow = world.begin(1, 'all', { collectRate: bytesPerSecond(KIB) }, false);
    const stays = (one: Run): boolean => one.said.some((text) => text.startsWith('Done here'));
    await world.swarm.clock.runUntil(() => stays(first), 300_000);
    const began = world.swarm.clock.now();
    const last = world.begin(2, 'all', {}, false);
    await world.swarm.clock.runUntil(() => stays(last), 300_000);
    // 3 MiB at 4 MiB/s, and what it takes to meet.
    expect(world.swarm.clock.now() - began).toBeLessThan(1500);
    for (const one of [first, slow, last]) one.stop.abort(new Error('interrupted'));
    await world.swarm.clock.advance(5_000);
  });

  test('who only assembles says after a while what nobody who runs has, and keeps what came', async () => {
    const world = new World();
    const one = world.begin(0, 'none');
    await world.swarm.clock.advance(3_000);
    const last = world.begin(2, 'all', {}, false);
    await world.swarm.clock.advance(2_000);
    one.stop.abort(new Error('interrupted'));
    await world.swarm.clock.runUntil(() => last.error !== undefined, 300_000);
    expect(last.error).toMatchObject({
      code: 'verification',
      message: expect.stringMatching(/^\d+ pieces of 48 are/) as string,
    });
    const again = world.begin(0);
    const more = world.begin(2, 'all', {}, false);
    await world.end(again, more);
    expect(world.whole).toEqual([0, 2]);
  });

  test('one that cannot begin after all leaves its place to whoever comes next', async () => {
    const world = new World();
    const wrong = world.begin(0, 'all', { bind: ['10.7.7.7'] });
    await world.swarm.clock.runUntil(() => wrong.error !== undefined, 60_000);
    expect(wrong.error).toMatchObject({ code: 'usage' });
    expect(world.disks[0]?.paths().filter((path) => path.includes('/lock-'))).toEqual([]);
    const right = world.begin(0);
    await world.end(right);
    expect(right.result?.snapshot.identities.map(({ index }) => index)).toEqual([0]);
  });

  test('where something has the name of the file nothing is begun', async () => {
    const world = new World();
    world.disks[0] = new MemoryDisk({ clock: world.swarm.clock });
    await world.swarm.clock.resolve(world.disks[0].makeDirectory('/out'));
    await world.swarm.clock.resolve(world.disks[0].replaceFile('/out/payload', new Uint8Array(9)));
    const run = world.begin(0);
    await world.swarm.clock.runUntil(() => run.error !== undefined, 60_000);
    expect(run.error).toMatchObject({ code: 'exists' });
  });

  test('who only stays for others has the whole, also where it is told to go', async () => {
    const world = new World();
    const first = world.begin(0);
    await world.swarm.clock.advance(4_000);
    const slow = world.begin(1, 'all', { collectRate: bytesPerSecond(16 * KIB) });
    const stays = (): boolean => first.said.some((text) => text.startsWith('Done here'));
    await world.swarm.clock.runUntil(() => first.have === 48 && stays(), 300_000);
    expect(first.result).toBeUndefined();
    first.stop.abort(new Error('interrupted'));
    await world.end(first, slow);
    expect(world.whole).toEqual([0, 1]);
  });
});
