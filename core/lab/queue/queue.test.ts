import { describe, expect, test } from 'vitest';
import { EnsembleError } from '../../base/errors.ts';
import { type Millis, millis } from '../../base/ids.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import { SimBucketServer, type ServerWay } from '../../sim/bucket-server.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { SeededRandom } from '../../sim/random.ts';
import type { PlanLine, ResultLine, RunLine } from '../results.ts';
import { type PlannedRun, runsOf } from '../runs.ts';
import { parseSweep } from '../scenario/arms.ts';
import { planLine, runLine } from '../testing/lines.ts';
import { queueCodec } from './codec.ts';
import { collectAt } from './collector.ts';
import type { Given } from './order.ts';
import { LEASE } from './room.ts';
import { type Told, workAt } from './worker.ts';

const same = (bytes: Uint8Array): Uint8Array => bytes;
const codec = queueCodec({ pack: same, unpack: same });
const TAKES = millis(10_000);
const session: Given['session'] = {
  type: 'session',
  software: { ensemble: '1', node: 'v20' },
  machine: { system: 'x', cpu: 'y', cores: 1, memory: 1 },
};

/** A server, who orders, and who works there. */
class World {
  readonly clock = new VirtualClock();
  readonly server = new SimBucketServer(this.clock);
  readonly random = new SeededRandom(7);
  readonly lines: ResultLine[] = [];
  /** How often each run was begun. */
  readonly begun: string[] = [];
  /** Of which runs something else than a result was there. */
  readonly refused: string[] = [];
  readonly stop = new AbortController();

  way(lost = 0): ServerWay {
    return { clock: this.clock, random: this.random, latency: millis(10), lost };
  }

  collect(
    plan: PlanLine,
    {
      way = this.way(),
      there = [],
      clock = this.clock,
    }: { way?: ServerWay; there?: readonly RunLine[]; clock?: Clock } = {},
  ): Promise<readonly RunLine[]> {
    return collectAt({
      server: this.server.over(way),
      name: 'x',
      clock,
      codec,
      results: { plan, sessions: [], runs: there },
      add: (line) => Promise.resolve(void this.lines.push(line)),
      collected: () => {},
      refused: (run) => this.refused.push(place(run)),
      away: () => {},
      signal: this.stop.signal,
    });
  }

  work(
    worker: string,
    {
      way = this.way(),
      takes = TAKES,
      tell = () => {},
      real = false,
      about = '',
    }: { way?: ServerWay; takes?: Millis; tell?: (what: Told) => void; real?: boolean; about?: string } = {},
  ): Promise<number> {
    return workAt({
      server: this.server.over(way),
      name: 'x',
      clock: this.clock,
      codec,
      worker,
      session,
      real,
      play: async (_, run) => {
        this.begun.push(place(run));
        await new Promise<void>((resolve) => this.clock.after(takes, resolve));
        const { session: _session, ...line } = runLine(run.arm.values, run.repeat, 10);
        return { ...line, scenario: { ...line.scenario, about } };
      },
      tell,
      signal: this.stop.signal,
    });
  }

  /** Where each run of the results is: each once. */
  get collected(): string[] {
    return this.lines.flatMap((line) => (line.type === 'run' ? [place(line)] : []));
  }
}

const BUCKET = 'ensemble-lab-x';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const place = ({ arm, repeat }: Pick<PlannedRun, 'arm' | 'repeat'>): string => `${arm.label} ${repeat}`;
const plan = planLine([parseSweep('user.K=1,2,4,8')], 25);
const all = runsOf(plan).map(place).toSorted();

describe('runs at a server', () => {
  test('are done by whoever is there, each once, and those of one who dies by others', async () => {
    const world = new World();
    const collecting = world.collect(plan);
    const dying = world.way();
    const workers = [world.work('a'), world.work('b')];
    // In the middle of a run that never ends, it is heard no more.
    void world.work('c', { way: dying, takes: millis(1e9) });
    await world.clock.advance(25_000);
    world.server.cut(dying);
    const came = await world.clock.resolve(collecting, 3_600_000);
    expect(came).toHaveLength(100);
    expect(world.collected.toSorted()).toEqual(all);
    expect(world.begun).toHaveLength(101);
    const [a = 0, b = 0] = await world.clock.resolve(Promise.all(workers), 600_000);
    expect(a + b).toBe(100);
    // Two machines: two sessions, before their runs.
    const sessions = world.lines.flatMap((line) => (line.type === 'session' ? [line.session] : []));
    expect(sessions).toEqual([0, 1]);
    for (const line of came) expect(sessions).toContain(line.session);
  });

  test('results that come leave no timers behind', async () => {
    const world = new World();
    const timers = new Set<Timer>();
    let most = 0;
    const counting: Pick<Clock, 'after'> = {
      after: (span, task) => {
        const timer = world.clock.after(span, () => {
          timers.delete(timer);
          task();
        });
        timers.add(timer);
        most = Math.max(most, timers.size);
        return { cancel: () => (timers.delete(timer), timer.cancel()) };
      },
    };
    const clock = new Proxy(world.clock, {
      get: (target, name) => {
        const value: unknown = name === 'after' ? counting.after : Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const collecting = world.collect(planLine([], 40), { clock });
    const worker = world.work('a', { takes: millis(100) });
    await world.clock.resolve(collecting, 600_000);
    expect(most).toBe(1);
    expect(timers.size).toBe(0);
    await world.clock.resolve(worker, 600_000);
  });

  test('a long run stays with who is at it', async () => {
    const world = new World();
    const few = planLine([], 2);
    const collecting = world.collect(few);
    const workers = ['a', 'b', 'c'].map((name) => world.work(name, { takes: millis(10 * LEASE) }));
    await world.clock.resolve(collecting, 3_600_000);
    await world.clock.resolve(Promise.all(workers), 600_000);
    expect(world.begun).toHaveLength(2);
  });

  test('nothing is lost or counted twice where the server goes and answers get lost', async () => {
    const world = new World();
    const few = planLine([parseSweep('user.K=1,2')], 10);
    const collecting = world.collect(few, { way: world.way(10) });
    const workers = ['a', 'b', 'c'].map((name) => world.work(name, { way: world.way(10) }));
    await world.clock.advance(33_000);
    world.server.kill();
    await world.clock.advance(100_000);
    world.server.start(false);
    await world.clock.resolve(collecting, 3_600_000);
    expect(world.collected.toSorted()).toEqual(runsOf(few).map(place).toSorted());
    await world.clock.resolve(Promise.all(workers), 600_000);
  });

  test('a server that lost all is told again', async () => {
    const world = new World();
    const few = planLine([], 8);
    const collecting = world.collect(few);
    const worker = world.work('a');
    await world.clock.advance(35_000);
    world.server.kill();
    world.server.start(true);
    await world.clock.resolve(collecting, 3_600_000);
    expect(world.collected).toHaveLength(8);
    await world.clock.resolve(worker, 600_000);
  });

  test('what is there already is not done again, and who collects may begin again', async () => {
    const world = new World();
    const few = planLine([], 3);
    const there = runLine({}, 0, 10);
    const first = world.collect(few, { there: [there] }).catch((error: unknown) => error);
    const worker = world.work('a');
    await world.clock.advance(15_000);
    world.stop.abort(new EnsembleError('interrupted', 'enough'));
    await world.clock.resolve(Promise.allSettled([first, worker]), 600_000);
    const next = new World();
    Object.assign(next, { clock: world.clock, server: world.server });
    const collecting = next.collect(few, { there: [there] });
    void next.work('b');
    await world.clock.resolve(collecting, 600_000);
    expect(next.collected.toSorted()).toEqual(['as written 1', 'as written 2']);
  });

  test('another experiment under the same name is refused', async () => {
    const world = new World();
    void world.collect(plan).catch(() => {});
    await world.clock.advance(1000);
    const other = world.collect({ ...plan, seed: 9 });
    await expect(world.clock.resolve(other, 60_000)).rejects.toMatchObject({ code: 'exists' });
  });

  test('what a stranger writes is no result, and keeps nobody from giving one', async () => {
    const world = new World();
    const few = planLine([], 2);
    const other = { worker: 'x', session, run: runLine({}, 1, 10) };
    world.server.write(BUCKET, 'run.1', new Uint8Array([1]));
    const collecting = world.collect(few);
    await world.clock.advance(1000);
    for (const value of [new Uint8Array([1, 2]), codec.encodeGiven(other), bytes('{"worker":1}')])
      world.server.write(BUCKET, 'run.0', value);
    await world.clock.advance(60_000);
    expect(world.lines).toEqual([]);
    expect([...new Set(world.refused)].toSorted()).toEqual(['as written 0', 'as written 1']);
    const worker = world.work('a');
    await world.clock.advance(5000);
    // Also while it is at it.
    world.server.write(BUCKET, 'run.0', new Uint8Array([3]));
    await world.clock.resolve(collecting, 600_000);
    expect(world.collected.toSorted()).toEqual(['as written 0', 'as written 1']);
    await world.clock.resolve(worker, 600_000);
  });

  test('of a result its arm is as it was planned, whatever stands there', async () => {
    const world = new World();
    const few = planLine([], 1);
    const { session: _session, ...run } = runLine({}, 0, 10);
    const given: Given = { worker: 'x', session, run: { ...run, arm: { ...run.arm, values: { 'user.K': 9 } } } };
    world.server.write(BUCKET, 'run.0', codec.encodeGiven(given));
    const [line] = await world.clock.resolve(world.collect(few), 600_000);
    expect(line?.arm).toEqual(runsOf(few)[0]?.arm);
  });

  test('what is no order, or of another version, is refused by who orders, and told by who works', async () => {
    const world = new World();
    const told: Told[] = [];
    world.server.write(BUCKET, 'order', codec.encodeOrder({ plan: { ...plan, version: 2 as never }, left: [0] }));
    void world.work('a', { tell: (what) => told.push(what) }).catch(() => {});
    await expect(world.clock.resolve(world.collect(plan), 60_000)).rejects.toMatchObject({ code: 'exists' });
    await world.clock.advance(60_000);
    expect(told).toContainEqual({ kind: 'waits', why: 'no order that is understood' });
  });

  test('an order that starts programs is refused where nobody said that it may', async () => {
    const world = new World();
    const real = { ...planLine([], 1), world: 'real' } as const;
    const collecting = world.collect(real);
    await world.clock.advance(1000);
    await expect(world.clock.resolve(world.work('a'), 60_000)).rejects.toMatchObject({ code: 'usage' });
    expect(world.begun).toEqual([]);
    void world.work('b', { real: true });
    expect(await world.clock.resolve(collecting, 600_000)).toHaveLength(1);
  });

  test('a result that no server takes is told, and not given again and again', async () => {
    const world = new World();
    void world.collect(planLine([], 1)).catch(() => {});
    const working = world.work('a', { about: 'x'.repeat(1 << 20) });
    await expect(world.clock.resolve(working, 60_000)).rejects.toMatchObject({ code: 'usage' });
    const other = new World();
    const large = other.collect({ ...planLine([], 1), text: 'x'.repeat(1 << 20) });
    await expect(other.clock.resolve(large, 60_000)).rejects.toMatchObject({ code: 'usage' });
  });

  test('who finds nothing to do says so, and waits', async () => {
    const world = new World();
    const told: Told[] = [];
    const worker = world.work('a', { tell: (what) => told.push(what) });
    await world.clock.advance(60_000);
    expect(told).toContainEqual({ kind: 'waits', why: 'no order' });
    const few = planLine([], 1);
    await world.clock.resolve(world.collect(few), 600_000);
    expect(await world.clock.resolve(worker, 600_000)).toBe(1);
  });
});

test.each<[string, Partial<PlanLine>, number[]]>([
  ['as many repeats as nobody can count', { repeats: 1e15 }, [0]],
  ['part of a repeat', { repeats: 1.5 }, [0]],
  [
    'more arms than are run',
    { sweeps: [{ fields: ['seed'], values: Array.from({ length: 10_001 }, (_, i) => [i]) }] },
    [0],
  ],
  [
    'values for fields that are not there',
    { sweeps: [{ fields: Array.from({ length: 1000 }, String), values: [[]] }] },
    [0],
  ],
  ['no arm at all', { sweeps: [{ fields: ['seed'], values: [] }] }, []],
  ['a run that was not planned', {}, [25 * 4]],
  ['a name that is none', { name: '../x' }, [0]],
  ['a scenario that is longer than one may be', { text: 'x'.repeat((1 << 20) + 1) }, [0]],
])('an order with %s is none', (_, change, left) => {
  expect(codec.decodeOrder(codec.encodeOrder({ plan, left: [0, 99] }))).toEqual({ plan, left: [0, 99] });
  expect(codec.decodeOrder(codec.encodeOrder({ plan: { ...plan, ...change }, left }))).toBeUndefined();
});
