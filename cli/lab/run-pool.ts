import { type ChildProcess, fork } from 'node:child_process';
import { EnsembleError } from '../../core/base/errors.ts';
import { answerOf, outcomeIn, type RunAnswer } from '../../core/lab/answer.ts';
import type { PlannedRun } from '../../core/lab/runs.ts';
import type { Scenario } from '../../core/lab/scenario/scenario.ts';
import type { Outcome, World, WorldName } from '../../core/lab/world.ts';
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
export class LocalRunner implements Runner {
  #world: World | undefined;

  async do({ world, scenario, run }: RunOrder, signal: AbortSignal): Promise<Outcome> {
    this.#world ??= await openWorld(world);
    return this.#world.run(scenario, run.arm, run.seed, signal);
  }

  close(): void {}
}

/** In a process of its own, which is started for the first run and ends with this one. */
export class ChildRunner implements Runner {
  readonly #script: string;
  #child: ChildProcess | undefined;

  constructor(script: string) {
    this.#script = script;
  }

  do(order: RunOrder, signal: AbortSignal): Promise<Outcome> {
    signal.throwIfAborted();
    const child = (this.#child ??= fork(this.#script, ['lab', 'work'], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }));
    return new Promise<RunAnswer>((resolve, reject) => {
      const settle = (how: RunAnswer | Error): void => {
        child.removeAllListeners();
        signal.removeEventListener('abort', abort);
        if (how instanceof Error) reject(how);
        else resolve(how);
      };
      const abort = (): void => settle(signal.reason as Error);
      signal.addEventListener('abort', abort);
      child.once('message', settle);
      const ended = (how: string): void => {
        this.#child = undefined;
        settle(new EnsembleError('fault', `The process of a run ended (${how}) before the run did.`));
      };
      child.once('exit', (code, why) => ended(why ?? `exit code ${code}`));
      child.once('error', (error) => ended(error.message));
      child.send(order);
    }).then(outcomeIn);
  }

  close(): void {
    this.#child?.removeAllListeners();
    this.#child?.disconnect();
    this.#child?.kill();
  }
}

/** `lab work`: does the runs that the process that started this one tells it, until that goes. */
export async function doRuns(signal: AbortSignal): Promise<void> {
  if (process.send === undefined)
    throw new EnsembleError(
      'usage',
      'Name the server where runs are to be done: `ensemble lab work nats://HOST[:PORT]/NAME`.',
    );
  const runner = new LocalRunner();
  process.on('message', (order: RunOrder) => {
    void answerOf(runner.do(order, signal)).then((answer) => process.send?.(answer));
  });
  await new Promise<void>((resolve) => {
    process.once('disconnect', resolve);
    signal.addEventListener('abort', () => resolve());
  });
}
