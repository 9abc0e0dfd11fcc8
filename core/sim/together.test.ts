import { describe, expect, test, vi } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { bytesPerSecond } from '../base/ids.ts';
import type { DownloadOptions, DownloadSnapshot } from '../engine/engine.ts';
import { PIECE } from '../engine/piece-codes.ts';
import { TogetherSession } from '../lone/together-session.ts';
import { BucketError } from '../ports/buckets.ts';
import { SimBucketServer, type ServerWay } from './bucket-server.ts';
import type { SimMachine } from './machine.ts';
import { SimSwarm } from './swarm.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const TOGETHER: Partial<DownloadOptions> = {
  together: { url: 'nats://me:secret@server/film' },
  dht: false,
  lsd: false,
  portMap: false,
};

/** Programs on machines that have nothing in common but a server, each with its coordinator and identity processes. */
class World {
  readonly swarm: SimSwarm;
  readonly server: SimBucketServer;
  readonly ways: ServerWay[] = [];
  readonly machines: SimMachine[] = [];

  constructor(seed = 5, rate = MIB / 2) {
    this.swarm = new SimSwarm(seed, { files: 3 * MIB - 777, pieceLength: 64 * KIB });
    this.server = new SimBucketServer(this.swarm.clock);
    this.swarm.seed('10.0.0.1', { up: rate, down: MIB });
  }

  async begin(i: number, changes: Partial<DownloadOptions> = {}): Promise<SimMachine> {
    const { clock, random } = this.swarm;
    const machine = this.swarm.machine({
      addresses: [`10.9.0.${i + 1}`],
      up: 4 * MIB,
      down: 4 * MIB,
      buckets: (own) => {
        const way = (this.ways[i] = { clock: own, random, latency: 10 as never, lost: 0 });
        return this.server.over(way);
      },
    });
    this.machines[i] = machine;
    await this.add(i, changes);
    await clock.advance(500);
    return machine;
  }

  async add(i: number, changes: Partial<DownloadOptions> = {}): Promise<void> {
    await this.machine(i).add(this.swarm.torrent, { ...TOGETHER, ...changes });
  }

  machine(i: number): SimMachine {
    const machine = this.machines[i];
    if (machine === undefined) throw new Error(`no machine ${i}`);
    return machine;
  }

  snapshot(i: number): DownloadSnapshot {
    return this.machine(i).snapshot(this.swarm.torrent);
  }

  get key(): DownloadSnapshot['key'] {
    return this.snapshot(0).key;
  }

  async until(done: () => boolean, most = 300_000): Promise<void> {
    const seen = (): unknown =>
      this.machines.map((_, i) => {
        const { state, error, pieces, meeting, identities } = this.snapshot(i);
        return { state, error, pieces, meeting, identities: identities.map((one) => [one.index, one.state, one.held]) };
      });
    expect(await this.swarm.clock.runUntil(done, most), JSON.stringify(seen())).toBe(true);
  }

  whole(i: number): boolean {
    const there = this.machine(i).payload(this.swarm.torrent);
    return there !== undefined && sameBytes(there, this.swarm.payload);
  }

  get fetched(): number {
    return this.machines.reduce((sum, _, i) => sum + this.snapshot(i).downloaded, 0);
  }
}

describe('a program whose download is shared out with other machines', () => {
  test('each piece is fetched once, every machine ends with the file, and each shows all', async () => {
    const world = new World();
    for (const i of [0, 1, 2]) await world.begin(i);
    await world.until(() =>
      [0, 1, 2].every(
        (i) =>
          world.snapshot(i).identities.length === 3 &&
          world
            .snapshot(i)
            .identities.slice(1)
            .every((one) => one.downloaded > 0),
      ),
    );
    for (const i of [0, 1, 2]) {
      const { identities, meeting, options } = world.snapshot(i);
      expect(meeting?.state).toBe('met');
      expect(identities.map(({ index }) => index)).toEqual([0, 1, 2]);
      const places = [meeting?.place, ...identities.slice(1).map(({ machine }) => machine)];
      expect(new Set(places)).toEqual(new Set([1, 2, 3]));
      for (const one of identities.slice(1)) {
        expect(one.address).toMatch(/^10\.9\.0\./);
        expect(one.downloaded).toBeGreaterThan(0);
        expect(one.peers).toBeGreaterThan(0);
      }
      const map = world.machine(i).coordinator.pieceMap(world.key)?.pieces ?? new Uint8Array();
      for (const { index } of identities) expect(map.filter((code) => code === index).length).toBeGreaterThan(2);
      // Nobody sees the password.
      expect(JSON.stringify(options)).not.toContain('secret');
    }
    await world.until(() => [0, 1, 2].every((i) => world.snapshot(i).state === 'done'));
    expect([0, 1, 2].map((i) => world.whole(i))).toEqual([true, true, true]);
    expect(world.fetched).toBe(world.swarm.torrent.info.length);
    for (const { disk } of world.machines)
      expect(disk.paths().filter((path) => path.includes('.ensemble'))).toEqual([]);
  });

  test('who is whole stays for others, whatever its rule for seeding says', async () => {
    const world = new World(6, 2 * MIB);
    const slow = { collectRate: bytesPerSecond(16 * KIB) };
    await world.begin(0, { collect: 'here' });
    await world.begin(1, { collect: 'here', ...slow });
    await world.until(() => world.snapshot(0).result !== undefined);
    expect(world.snapshot(0).state).toBe('seeding');
    await world.swarm.clock.advance(20_000);
    expect(world.snapshot(0).state).toBe('seeding');
    await world.until(() => world.snapshot(0).state === 'done' && world.snapshot(1).state === 'done');
    expect(world.fetched).toBe(world.swarm.torrent.info.length);
  });

  test('one that keeps out ends with its part, and collects when it is told to assemble', async () => {
    const world = new World(7);
    await world.begin(0, { collect: 'none' });
    await world.begin(1, { collect: 'none' });
    await world.until(() => [0, 1].every((i) => world.snapshot(i).meeting?.done === true));
    const map = world.machine(0).coordinator.pieceMap(world.key)?.pieces ?? new Uint8Array();
    expect(map.includes(PIECE.missing)).toBe(false);
    expect(world.snapshot(0).pieces.toGo).toBeGreaterThan(0);
    expect(await world.swarm.clock.resolve(world.machine(0).coordinator.assemble(world.key))).toEqual([]);
    await world.until(() => world.snapshot(0).state === 'done');
    expect([world.whole(0), world.whole(1)]).toEqual([true, false]);
    expect(world.fetched).toBe(world.swarm.torrent.info.length);
  });

  test('paused, it gives its place and its claims back; resumed, it goes on', async () => {
    const world = new World();
    await world.begin(0);
    await world.begin(1);
    await world.until(() => [0, 1].every((i) => world.snapshot(i).pieces.have > 5));
    await world.swarm.clock.resolve(world.machine(0).coordinator.pause(world.key));
    await world.swarm.clock.advance(3_000);
    const { downloaded } = world.snapshot(0);
    expect(world.snapshot(1).identities[1]?.state).toBe('left');
    await world.swarm.clock.advance(5_000);
    expect(world.snapshot(0).downloaded).toBe(downloaded);
    await world.swarm.clock.resolve(world.machine(0).coordinator.resume(world.key));
    await world.until(() => [0, 1].every((i) => world.snapshot(i).state === 'done'));
    expect([0, 1].map((i) => world.whole(i))).toEqual([true, true]);
  });

  test('whatever goes wrong as it gives its place back, it is told, and goes on when it is resumed', async () => {
    const world = new World();
    await world.begin(0);
    await world.until(() => world.snapshot(0).pieces.have > 5);
    const { close } = TogetherSession.prototype;
    const faulty = vi.spyOn(TogetherSession.prototype, 'close').mockImplementationOnce(async function (
      this: TogetherSession,
    ) {
      await close.call(this);
      throw new Error('a fault');
    });
    await world.swarm.clock.resolve(world.machine(0).coordinator.pause(world.key));
    await world.until(() => world.snapshot(0).state === 'failed');
    faulty.mockRestore();
    await world.swarm.clock.resolve(world.machine(0).coordinator.resume(world.key));
    await world.until(() => world.snapshot(0).state === 'done');
    expect(world.whole(0)).toBe(true);
  });

  test('its identity dies, or all of it: it goes on in its place', async () => {
    const world = new World();
    await world.begin(0);
    await world.begin(1);
    await world.until(() => world.snapshot(0).pieces.have > 5);
    expect(world.machine(0).killIdentity(0)).toBe(true);
    await world.swarm.clock.advance(4_000);
    expect(world.snapshot(0).meeting?.state).toBe('met');
    const { place } = world.snapshot(0).meeting ?? {};
    world.machine(0).killCoordinator(true);
    world.machine(0).restart();
    await world.add(0);
    await world.until(() => world.snapshot(0).meeting?.state === 'met');
    expect(world.snapshot(0).meeting?.place).toBe(place);
    await world.until(() => [0, 1].every((i) => world.snapshot(i).state === 'done'));
    expect([0, 1].map((i) => world.whole(i))).toEqual([true, true]);
  });

  test('while its identity is dead, nothing is shown of the others but what they had done', async () => {
    const world = new World(5, MIB / 4);
    await world.begin(0);
    await world.begin(1);
    const other = (): DownloadSnapshot['identities'][number] | undefined => world.snapshot(0).identities[1];
    await world.until(() => (other()?.rate.down ?? 0) > 0);
    const { downloaded } = other() ?? {};
    world.machine(0).killIdentity(0);
    await world.swarm.clock.advance(100);
    expect(other()).toMatchObject({ state: 'left', rate: { down: 0, up: 0 }, peers: 0, downloaded });
    await world.until(() => other()?.state === 'downloading');
  });

  test('the server is away at first, and later: it waits, says why, and goes on', async () => {
    const world = new World();
    world.server.kill();
    await world.begin(0);
    await world.begin(1);
    await world.until(() => world.snapshot(0).meeting?.state === 'trouble');
    expect(world.snapshot(0).meeting?.trouble).toContain('nats://server/');
    expect(world.snapshot(0).meeting?.trouble).not.toContain('secret');
    expect(world.snapshot(0).downloaded).toBe(0);
    world.server.start(false);
    await world.until(() => world.snapshot(0).meeting?.state === 'met' && world.snapshot(0).pieces.have > 5);
    world.server.kill();
    await world.until(() => world.snapshot(0).meeting?.state === 'trouble');
    world.server.start(true);
    await world.until(() => [0, 1].every((i) => world.snapshot(i).state === 'done'));
    expect([0, 1].map((i) => world.whole(i))).toEqual([true, true]);
  });

  test('however much a server says, the process that asks it goes on', async () => {
    const world = new World();
    const talks = (): Promise<never> => Promise.reject(new BucketError('away', 'no '.repeat(10_000)));
    world.machines[0] = world.swarm.machine({
      addresses: ['10.9.0.1'],
      up: MIB,
      down: MIB,
      buckets: () => ({ name: 'nats://server/film', connect: talks }),
    });
    await world.add(0);
    await world.swarm.clock.advance(60_000);
    const { meeting, identities } = world.snapshot(0);
    expect(meeting).toMatchObject({ state: 'trouble', trouble: expect.stringContaining('no no no') });
    expect(identities).toMatchObject([{ restarts: 0 }]);
  });

  test('it is removed while the server is away, at once', async () => {
    const world = new World();
    await world.begin(0);
    await world.until(() => world.snapshot(0).pieces.have > 5);
    world.server.kill();
    await world.swarm.clock.advance(1_000);
    const { key } = world;
    await world.swarm.clock.resolve(world.machine(0).coordinator.remove(key, { data: true }));
    expect(
      world
        .machine(0)
        .disk.paths()
        .filter((path) => path.startsWith('/out/') && path !== '/out/'),
    ).toEqual([]);
  });

  test.each<[Partial<DownloadOptions>, string]>([
    [{ identities: 2 }, 'one identity'],
    [{ selection: 'fixed' }, 'fixed'],
  ])('it cannot be with %j', async (changes, said) => {
    const world = new World();
    await expect(world.begin(0, changes)).rejects.toThrow(said);
  });
});
