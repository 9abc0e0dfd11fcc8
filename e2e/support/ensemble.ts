import type { Child, Exit } from '../../core/lab/real/child.ts';
import type { Machine } from '../../core/lab/real/machine.ts';
import { COMMAND_LINE } from './requirements.ts';

/** One JSON object that the command line wrote. */
export type CliEvent = Readonly<Record<string, unknown>> & { readonly event?: string };

/** The last event of `ensemble get`. */
export interface DoneEvent extends CliEvent {
  readonly seconds: number;
  readonly infoHash: string;
  readonly files: readonly string[];
  readonly downloaded: number;
  readonly uploaded: number;
  readonly wasted: number;
  readonly duplicatePieces: number;
  readonly hashFailures: number;
  readonly identities: readonly {
    readonly index: number;
    readonly pieces: number;
    readonly downloaded: number;
    readonly uploaded: number;
  }[];
}

/** A running `ensemble` with `--json`. */
export class Ensemble {
  readonly child: Child;
  readonly events: CliEvent[] = [];
  readonly #args: readonly string[];

  /** `node`: path of the Node that runs it. */
  constructor(
    machine: Machine,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    node = process.execPath,
  ) {
    this.#args = args;
    // What a run learns of the DHT of one lab is nothing to the next.
    const command = [
      'env',
      `XDG_STATE_HOME=${machine.folder}/state`,
      ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      node,
      COMMAND_LINE,
      ...args,
      '--json',
    ];
    this.child = machine.start(`ensemble ${args[0] ?? ''}`, command, {
      onLine: (line) => {
        if (line.startsWith('{')) this.events.push(JSON.parse(line) as CliEvent);
      },
    });
  }

  /** The last event of that name. */
  last(event: string): CliEvent | undefined {
    return this.events.findLast((one) => one.event === event);
  }

  /** How many pieces are there, by its last report. */
  get have(): number {
    return (this.last('progress')?.['pieces'] as { readonly have: number } | undefined)?.have ?? 0;
  }

  /** Resolves to how it ended; rejects if it has not within `seconds`. */
  exit(seconds: number): Promise<Exit> {
    return this.child.ends(seconds);
  }

  /** The `done` event of a run that ended well. */
  async done(seconds: number): Promise<DoneEvent> {
    const { code, signal } = await this.exit(seconds);
    const done = this.last('done');
    if (code !== 0 || !done) {
      throw new Error(`ensemble ${this.#args.join(' ')}: exit ${code ?? signal}\n${this.child.output.slice(-6000)}`);
    }
    return done as DoneEvent;
  }
}
