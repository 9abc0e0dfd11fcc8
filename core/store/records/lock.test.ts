import { describe, expect, it, vi } from 'vitest';
import type { ProcessFact, ProcessFacts } from '../../ports/process-facts.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { MemoryDisk } from '../../sim/disk.ts';
import { SeededRandom } from '../../sim/random.ts';
import { SleepyClock } from '../../sim/sleepy-clock.ts';
import { takeLock, type LockPorts } from './lock.ts';

const PATH = '/work/lock';

/** Machines with processes that live and die. */
class World {
  readonly disk = new MemoryDisk();
  readonly clock = new VirtualClock();
  readonly #alive = new Map<string, string>();
  #seed = 1;

  constructor() {
    this.disk.put('/work/x', new Uint8Array(0));
  }

  process(pid: number, over: Partial<ProcessFact> = {}): LockPorts {
    const self = { pid, startTime: `s${pid}`, bootId: 'boot', host: 'here', ...over };
    this.#alive.set(`${self.host}/${self.bootId}/${pid}`, self.startTime);
    const processFacts: ProcessFacts = {
      self: () => Promise.resolve(self),
      startTimeOf: (other) => Promise.resolve(this.#alive.get(`${self.host}/${self.bootId}/${other}`)),
    };
    return { disk: this.disk, clock: this.clock, random: new SeededRandom(this.#seed++), processFacts };
  }

  kill(pid: number, host = 'here'): void {
    this.#alive.delete(`${host}/boot/${pid}`);
  }
}

async function paths(world: World): Promise<string[]> {
  return (await world.disk.list('/work')).toSorted();
}

describe('a lock', () => {
  it('is held by one at a time, who is named to others', async () => {
    const world = new World();
    const lock = await takeLock(world.process(1), PATH);
    await expect(takeLock(world.process(2), PATH)).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringMatching(/"\/work".*process 1 on here/),
    });
    await lock.release();
    await lock.release();
    expect(await paths(world)).toEqual(['x']);
    await takeLock(world.process(2), PATH);
    expect(await paths(world)).toEqual(['lock', 'x']);
  });

  it('is not taken twice by one process', async () => {
    const world = new World();
    const me = world.process(1);
    await takeLock(me, PATH);
    await expect(takeLock(me, PATH)).rejects.toMatchObject({ code: 'in-use' });
  });

  it('that bears the name of this process is taken over where nobody in it holds it any more', async () => {
    const world = new World();
    const me = world.process(1);
    const lock = await takeLock(me, PATH);
    const stop = world.disk.fail({ operation: 'remove', path: PATH, code: 'EIO' });
    await expect(lock.release()).rejects.toMatchObject({ code: 'disk' });
    stop();
    expect(await paths(world)).toContain('lock');
    await expect(takeLock(world.process(2), PATH)).rejects.toMatchObject({ code: 'in-use' });
    expect(await (await takeLock(me, PATH)).renew()).toBe(true);
    expect(await paths(world)).toEqual(['lock', 'x']);
  });

  it('of a dead process is taken over at once, and nothing is left of it', async () => {
    const world = new World();
    await takeLock(world.process(1), PATH);
    world.kill(1);
    const lock = await takeLock(world.process(2), PATH);
    expect(await paths(world)).toEqual(['lock', 'x']);
    expect(await lock.renew()).toBe(true);
  });

  it('of a dead process whose number another one has now is taken over', async () => {
    const world = new World();
    await takeLock(world.process(1), PATH);
    world.process(1, { startTime: 'later' });
    await takeLock(world.process(2), PATH);
  });

  it('of a dead process goes to exactly one of many who try at once', async () => {
    for (let round = 0; round < 50; round++) {
      const world = new World();
      await takeLock(world.process(1), PATH);
      world.kill(1);
      const random = new SeededRandom(round);
      world.disk.delay = () => Math.floor(random.uniform() * 5);
      const disk = new MemoryDisk({ clock: world.clock });
      disk.put(PATH, world.disk.content(PATH) ?? expect.fail());
      disk.delay = world.disk.delay;
      const tries = Promise.allSettled(
        Array.from({ length: 6 }, (_, i) => takeLock({ ...world.process(10 + i), disk }, PATH)),
      );
      await world.clock.advance(500);
      const results = await tries;
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'in-use' });
      }
    }
  });

  it('whose taker died at any step is taken over all the same', async () => {
    for (let step = 1; step < 20; step++) {
      const world = new World();
      await takeLock(world.process(1), PATH);
      world.kill(1);
      let calls = 0;
      const dying = world.process(2);
      const disk = new Proxy(world.disk, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]): unknown =>
            ++calls > step ? Promise.reject(new Error('dead')) : Reflect.apply(value, target, args);
        },
      });
      const died = await takeLock({ ...dying, disk }, PATH).then(
        () => false,
        () => true,
      );
      world.kill(2);
      const lock = await takeLock(world.process(3), PATH);
      expect(await lock.renew()).toBe(true);
      await expect(takeLock(world.process(4), PATH)).rejects.toMatchObject({ code: 'in-use' });
      if (!died) return;
    }
    expect.fail();
  });

  it.each([
    { what: 'another machine', fact: { host: 'there', bootId: 'other' } },
    { what: 'another container of this machine', fact: { host: 'there' } },
    { what: 'an earlier start of this machine', fact: { bootId: 'before' } },
  ])('of $what is kept as long as its lease is renewed, and no longer', async ({ fact }) => {
    const world = new World();
    const lost = vi.fn();
    const lock = await takeLock(world.process(1, fact), PATH, { lost });
    await world.clock.advance(300_000);
    await expect(takeLock(world.process(2), PATH)).rejects.toMatchObject({ code: 'in-use' });
    const end = world.disk.fail({ operation: 'replaceFile', code: 'EIO' });
    await world.clock.advance(61_000);
    end();
    await takeLock(world.process(2), PATH);
    expect(await lock.renew()).toBe(false);
    expect(lost).toHaveBeenCalledTimes(1);
    await lock.release();
    expect(await paths(world)).toContain('lock');
  });

  it('whose holder slept for longer than its lease is held by one of the two, or by none, when it goes on', async () => {
    for (let seed = 0; seed < 300; seed++) {
      const world = new World();
      const chance = new SeededRandom(seed);
      const lost = vi.fn();
      const disk = new MemoryDisk({ clock: world.clock });
      disk.put('/work/x', new Uint8Array(0));
      const sleeper = { ...world.process(1, { host: 'there' }), disk, clock: new SleepyClock(world.clock) };
      const other = { ...world.process(2), disk };
      const lock = await world.clock.resolve(takeLock(sleeper, PATH, { lost }));
      sleeper.clock.sleep();
      await world.clock.advance(70_000);
      disk.delay = () => Math.floor(10 * chance.uniform());
      const taking = takeLock(other, PATH).catch(() => undefined);
      await world.clock.advance(60 * chance.uniform());
      sleeper.clock.wake();
      const renewed = await world.clock.resolve(lock.sure());
      const taken = await world.clock.resolve(taking);
      const holders = [renewed, taken !== undefined].filter(Boolean).length;
      expect(holders, `seed ${seed}`).toBeLessThan(2);
      expect(lost.mock.calls.length, `seed ${seed}`).toBe(renewed ? 0 : 1);
      disk.delay = undefined;
      if (renewed) expect(await lock.renew()).toBe(true);
      if (taken !== undefined) expect(await taken.renew()).toBe(true);
    }
  });

  it.each([
    ['that was damaged', [123]],
    ['whose taker died before it wrote its name, without hard links,', []],
  ])('%s counts as held while it is young, by nobody that is known', async (_, content) => {
    const world = new World();
    const disk = new MemoryDisk({ clock: world.clock });
    const file = await disk.makeDirectory('/work').then(() => disk.open(PATH, 'create'));
    await file.write(new Uint8Array(content), 0);
    await file.close();
    await world.clock.advance(20_000);
    await expect(takeLock({ ...world.process(1), disk }, PATH)).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringMatching(/^"\/work" (?!.*process \d).*free in 40 s/) as string,
    });
    await world.clock.advance(41_000);
    await takeLock({ ...world.process(1), disk }, PATH);
  });

  it('works without hard links', async () => {
    const world = new World();
    world.disk.fail({ operation: 'link', code: 'EPERM' });
    await takeLock(world.process(1), PATH);
    await expect(takeLock(world.process(2), PATH)).rejects.toMatchObject({ code: 'in-use' });
    world.kill(1);
    await takeLock(world.process(2), PATH);
    expect(await paths(world)).toEqual(['lock', 'x']);
  });

  it('of a newer version is refused by name', async () => {
    const world = new World();
    world.disk.put(PATH, new TextEncoder().encode('{"version":2}'));
    await expect(takeLock(world.process(1), PATH)).rejects.toMatchObject({ code: 'newer-version' });
  });
});
