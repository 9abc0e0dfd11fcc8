import { type FileHandle, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { EnsembleError } from '../../core/base/errors.ts';
import { holdFolder } from '../../core/entry/hold-folder.ts';
import {
  lineOf,
  type PlanLine,
  readResults,
  RESULTS_FILE,
  type ResultLine,
  type Results,
  sameExperiment,
} from '../../core/lab/results.ts';
import { diskError } from '../../core/ports/system-error.ts';
import type { Lock } from '../../core/store/records/lock.ts';

/** The results of an experiment on disk, in a folder that it holds: lines are only ever added, each at once and whole. */
export class ResultsFile {
  readonly file: string;
  readonly results: Results;
  readonly #handle: FileHandle;
  readonly #lock: Lock;
  #last: Promise<void> = Promise.resolve();

  private constructor(file: string, { handle, lock }: Held, results: Results) {
    this.file = file;
    this.#handle = handle;
    this.#lock = lock;
    this.results = results;
  }

  /**
   * Begins an experiment in a folder, or goes on with the one that is there: a last line that a killed program left torn is cut off. Rejects
   * with EnsembleError('exists') where another experiment's results are there, and with EnsembleError('in-use') while another process runs there.
   */
  static async open(folder: string, plan: PlanLine): Promise<ResultsFile> {
    const file = path.join(folder, RESULTS_FILE);
    try {
      await mkdir(folder, { recursive: true });
      const lock = await holdFolder(folder);
      let handle: FileHandle | undefined;
      try {
        handle = await open(file, 'a+', 0o644);
        return await ResultsFile.#resume(file, { handle, lock }, plan);
      } catch (error) {
        await handle?.close();
        await lock.release();
        throw error;
      }
    } catch (error) {
      if (error instanceof EnsembleError) throw error;
      throw diskError('write', file, error);
    }
  }

  static async #resume(file: string, held: Held, plan: PlanLine): Promise<ResultsFile> {
    const { handle } = held;
    const data = await handle.readFile();
    const whole = data.lastIndexOf(0x0a) + 1;
    if (whole === 0) {
      // Nothing, or the torn first line of nothing.
      if (data.length > 0 && !data.subarray(0, 14).equals(Buffer.from('{"type":"plan"').subarray(0, data.length)))
        throw new EnsembleError('exists', `${file} is there, and is no file of results: name another folder with -o.`);
      await handle.truncate(0);
      const begun = new ResultsFile(file, held, { plan, sessions: [], runs: [] });
      await begun.add(plan);
      return begun;
    }
    if (whole < data.length) await handle.truncate(whole);
    const results = readResults(file, data.subarray(0, whole).toString());
    const resumed = new ResultsFile(file, held, { ...results, plan });
    if (!sameExperiment(plan, results.plan))
      throw new EnsembleError('exists', `${file} has the results of another experiment: name another folder with -o.`);
    if (plan.repeats > results.plan.repeats) await resumed.add(plan);
    return resumed;
  }

  /** Adds a line. Rejects with EnsembleError('disk'), and with EnsembleError('in-use') where another machine took the folder over. */
  add(line: ResultLine): Promise<void> {
    // One after the other, and none behind one that failed, so that a full disk cannot tear two lines into each other.
    const added = this.#last.then(async () => {
      try {
        if (!(await this.#lock.sure()))
          throw new EnsembleError('in-use', `Another process took ${this.file} over: this one stops.`);
        await this.#handle.appendFile(lineOf(line));
      } catch (error) {
        throw error instanceof EnsembleError ? error : diskError('write', this.file, error);
      }
    });
    this.#last = added;
    added.catch(() => {}); // whoever waits for it hears it
    return added;
  }

  async close(): Promise<void> {
    await this.#last.catch(() => {});
    await this.#handle.close();
    await this.#lock.release();
  }
}

interface Held {
  readonly handle: FileHandle;
  readonly lock: Lock;
}
