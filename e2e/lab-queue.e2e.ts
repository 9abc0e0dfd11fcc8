import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { treeOf as processesBelow } from '../bench/lib/processes.ts';
import { type ResultLine, type RunLine, runKey } from '../core/lab/results.ts';
import { chanceOf, LONG } from './support/chance.ts';
import { ClaimServer } from './support/claim-server.ts';
import { Ensemble } from './support/ensemble.ts';
import { Lab } from './support/lab.ts';
import { untilEnded } from './support/processes.ts';
import { interop } from './support/requirements.ts';
import { HUB, Wing } from './support/wing.ts';

const WORKERS = 3;
const PLAN = ['tiny', '--sweep', 'user.K=1,2', '--repeats', '50'];
const RUNS = 100;
/** Longer than a run stays with a worker that is heard no more. */
const SECONDS = 240;

/** The lines of results that are there, each as often as it is there; a torn last one is left out. */
async function linesIn(file: string): Promise<ResultLine[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as ResultLine]));
}

async function runsIn(file: string): Promise<RunLine[]> {
  return (await linesIn(file)).filter((line) => line.type === 'run');
}

/** All runs are there, each once. */
function expectAll(runs: readonly RunLine[]): void {
  expect(runs).toHaveLength(RUNS);
  expect(new Set(runs.map(runKey)).size).toBe(RUNS);
}

/** Who orders runs, beside the server; and machines that do them. */
class Shift {
  readonly #lab: Lab;
  readonly #wings: readonly Wing[];
  readonly server: ClaimServer;
  readonly workers: Ensemble[] = [];
  collector: Ensemble;

  constructor(lab: Lab, wings: readonly Wing[], server: ClaimServer) {
    this.#lab = lab;
    this.#wings = wings;
    this.server = server;
    this.collector = this.collect();
    wings.forEach((_, i) => this.work(i));
  }

  collect(): Ensemble {
    const where = ['-o', 'out', '--workers', this.server.url('shift')];
    return (this.collector = new Ensemble(this.#lab, ['lab', 'run', ...PLAN, ...where]));
  }

  /** `jobs`: one of them has its runs in processes of their own. */
  work(index: number): void {
    const wing = this.wing(index);
    const jobs = index === 0 ? '2' : '1';
    this.workers[index] = new Ensemble(wing, ['lab', 'work', this.server.url('shift'), '--jobs', jobs]);
  }

  wing(index: number): Wing {
    const wing = this.#wings[index];
    if (wing === undefined) throw new Error(`no machine ${index}`);
    return wing;
  }

  worker(index: number): Ensemble {
    const worker = this.workers[index];
    if (worker === undefined) throw new Error(`no worker ${index}`);
    return worker;
  }

  runs(): Promise<RunLine[]> {
    return runsIn(this.#results);
  }

  get #results(): string {
    return this.#lab.path('out', 'results.jsonl');
  }

  async untilThere(runs: number): Promise<void> {
    for (let tries = 0; (await this.runs()).length < runs; tries++) {
      if (tries > 6000) throw new Error(`no ${runs} runs\n${this.collector.child.output}`);
      await sleep(100);
    }
  }

  /** All runs are there, each once, and as they are where nobody shares them. */
  async expectEachOnce(): Promise<void> {
    expect(await this.collector.exit(SECONDS), this.collector.child.output).toMatchObject({ code: 0 });
    const runs = await this.runs();
    expectAll(runs);
    const sessions = (await linesIn(this.#results)).flatMap((line) => (line.type === 'session' ? [line.session] : []));
    expect(new Set(sessions).size).toBe(sessions.length);
    for (const { session } of runs) expect(sessions).toContain(session);
    const here = new Ensemble(this.#lab, ['lab', 'run', ...PLAN.slice(0, -1), '3', '-o', 'here']);
    expect(await here.exit(60), here.child.output).toMatchObject({ code: 0 });
    const told = new Map(runs.map((run) => [runKey(run), run]));
    for (const run of await runsIn(this.#lab.path('here', 'results.jsonl'))) {
      expect({ ...told.get(runKey(run)), session: 0 }).toEqual({ ...run, session: 0 });
    }
  }
}

async function withShift(play: (shift: Shift) => Promise<void>): Promise<void> {
  const lab = await Lab.open();
  try {
    const wings = await Wing.openAll(lab, WORKERS);
    try {
      const server = new ClaimServer(lab, HUB);
      await server.start();
      await play(new Shift(lab, wings, server));
    } finally {
      for (const wing of wings) await wing.close();
    }
  } finally {
    await lab.close();
  }
}

const KINDS = ['worker', 'collector', 'server', 'server without its data', 'cut off'] as const;

interop('runs that machines share', ['nats'], true, () => {
  it.runIf(LONG)('of three workers one is killed: 100 runs, each once', () =>
    withShift(async (shift) => {
      await shift.untilThere(20);
      shift.worker(1).child.signal('SIGKILL');
      await shift.worker(1).child.exit;
      await shift.expectEachOnce();
      for (const i of [0, 2]) expect(await shift.worker(i).exit(SECONDS)).toMatchObject({ code: 0 });
      // What the two say that they did, with what the one did before it died, is all, and nothing twice.
      const did = shift.workers.map(({ events }) => events.filter(({ event }) => event === 'run').length);
      expect(did.every((runs) => runs > 0)).toBe(true);
      expect(did.reduce((sum, runs) => sum + runs, 0)).toBeLessThanOrEqual(RUNS);
      expect(did.reduce((sum, runs) => sum + runs, 0)).toBeGreaterThanOrEqual(RUNS - 1);
    }),
  );

  it.runIf(LONG).each([1, 2, 3])(
    'whoever is killed or cut off at whatever moment, each run is there once (seed %i)',
    (seed) =>
      withShift(async (shift) => {
        const chance = chanceOf(seed);
        await shift.untilThere(2);
        for (let round = 0; round < 10 && (await shift.runs()).length < RUNS; round++) {
          await sleep(200 + 1800 * chance());
          const index = Math.floor(chance() * WORKERS);
          const kind = KINDS[Math.floor(chance() * KINDS.length)];
          switch (kind) {
            case 'worker':
              shift.worker(index).child.signal('SIGKILL');
              await shift.worker(index).child.exit;
              shift.work(index);
              break;
            case 'collector':
              shift.collector.child.signal('SIGKILL');
              await shift.collector.child.exit;
              await sleep(1000 * chance());
              shift.collect();
              break;
            case 'server':
            case 'server without its data':
              await shift.server.kill();
              await sleep(1000 * chance());
              await shift.server.start(kind !== 'server');
              break;
            default:
              await shift.wing(index).cut(true);
              await sleep(3000 * chance());
              await shift.wing(index).cut(false);
          }
        }
        await shift.expectEachOnce();
      }),
  );

  it.runIf(LONG)('alone, killed again and again, the same command goes on, and leaves no process behind', async () => {
    const lab = await Lab.open();
    try {
      const chance = chanceOf(4);
      const begin = (): Ensemble => new Ensemble(lab, ['lab', 'run', ...PLAN, '--jobs', '2', '-o', 'out']);
      // Of a run that would take long nothing goes on either.
      const long = new Ensemble(lab, ['lab', 'run', 'A', '--jobs', '2', '-o', 'long']);
      let below: readonly number[] = [];
      const atWork = (): boolean => (below = processesBelow(long.child.pid)).length > 2;
      await long.child.until(atWork, 'the processes of its runs', 60);
      await sleep(1000);
      long.child.signal('SIGKILL');
      await long.child.exit;
      expect(await untilEnded(below, 10)).toEqual([]);
      for (let round = 0; round < 8; round++) {
        const killed = begin();
        await sleep(500 + 2500 * chance());
        const tree = processesBelow(killed.child.pid);
        killed.child.signal('SIGKILL');
        await killed.child.exit;
        expect(await untilEnded(tree, 20)).toEqual([]);
      }
      const last = begin();
      expect(await last.exit(SECONDS), last.child.output).toMatchObject({ code: 0 });
      expectAll(await runsIn(lab.path('out', 'results.jsonl')));
    } finally {
      await lab.close();
    }
  });
});
