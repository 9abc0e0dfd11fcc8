import { type ChildProcess, fork } from 'node:child_process';
import { EnsembleError } from '../../core/base/errors.ts';
import { answerOf, outcomeIn } from '../../core/lab/answer.ts';
import type { PlannedRun } from '../../core/lab/runs.ts';
import type { Scenario } from '../../core/lab/scenario/scenario.ts';
import type { Outcome, WorldName } from '../../core/lab/world.ts';
import { openWorld } from './worlds.ts';

/** What a process that does runs is told. `scenario`: with the arm's values. */
export interface RunOrder {
  readonly world: WorldName;
  readonly scenario: Scenario;
  readonly run: PlannedRun;
}

/** Does runs, one after the other: here, or in a process of its own. */
export interface Runner {
  do(order: RunOrder, signal: AbortSignal): Promise<Outcome>;
  close(): void;
}

/** In this process. */
class LocalRunner implements Runner {
  async do({ world, scenario, run }: RunOrder, signal: AbortSignal): Promise<Outcome> {
    return (await openWorld(world)).run(scenario, run.arm, run.seed, signal);
  }

  close(): void {}
}

/** In a process of its own, which is started for the first run, again where it ended meanwhile, and ends with this one. */
class ChildRunner implements Runner {
  readonly #script: string;
  #child: ChildProcess | undefined;
  /** Told how the process ended. */
  #ended: (how: string) => void = () => {};

  constructor(script: string) {
    this.#script = script;
  }

  do(order: RunOrder, signal: AbortSignal): Promise<Outcome> {
    signal.throwIfAborted();
    const child = (this.#child ??= this.#start());
    let settle = (): void => {};
    return new Promise<unknown>((resolve, reject) => {
      const abort = (): void => reject(signal.reason as Error);
      settle = (): void => {
        child.off('message', resolve);
        signal.removeEventListener('abort', abort);
        this.#ended = () => {};
      };
      this.#ended = (how) =>
        reject(new EnsembleError('fault', `The process of a run ended (${how}) before the run did.`));
      signal.addEventListener('abort', abort);
      child.once('message', resolve);
      child.send(order);
    })
      .finally(() => settle())
      .then(outcomeIn);
  }

  close(): void {
    this.#child?.kill();
  }

  #start(): ChildProcess {
    const child = fork(this.#script, ['lab', 'work'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const ended = (how: string): void => {
      if (this.#child === child) this.#child = undefined;
      this.#ended(how);
    };
    child.once('exit', (code, why) => ended(why ?? `exit code ${code}`));
    // It could not be started, or cannot be told anything any more.
    child.on('error', (error) => ended(error.message));
    return child;
  }
}

/**
 * Does `work` so many times at once, each with a runner of its own: here where it is once, else in processes of their own. The first that rejects
 * stops the others, by the signal, and is what this rejects with. `script`: the program that those processes run.
 */
export async function withRunners<T>(
  jobs: number,
  outer: AbortSignal,
  work: (runner: Runner, signal: AbortSignal) => Promise<T>,
  script = process.argv[1],
): Promise<readonly T[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const one = async (): Promise<T> => {
    const runner = jobs > 1 && script !== undefined ? new ChildRunner(script) : new LocalRunner();
    try {
      return await work(runner, signal);
    } catch (error) {
      stop.abort(error);
      throw error;
    } finally {
      runner.close();
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: jobs }, one));
  signal.throwIfAborted();
  return ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/** `lab work`: does the runs that the process that started this one tells it, until that goes. */
export async function doRuns(signal: AbortSignal): Promise<void> {
  if (process.send === undefined)
    throw new EnsembleError(
      'usage',
      'Name the server where runs are to be done: `ensemble lab work nats://HOST[:PORT]/NAME`.',
    );
  const runner = new LocalRunner();
  const gone = new AbortController();
  // Nobody is there any more for whom a run would go on.
  process.once('disconnect', () => gone.abort(new EnsembleError('interrupted', 'Who started this process has ended.')));
  const either = AbortSignal.any([signal, gone.signal]);
  process.on('message', (order: RunOrder) => {
    void answerOf(runner.do(order, either)).then((answer) => process.connected && process.send?.(answer));
  });
  await new Promise<void>((resolve) => either.addEventListener('abort', () => resolve()));
}
