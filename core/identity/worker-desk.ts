import { failureOf } from '../base/errors.ts';
import { Stopper, type StopSignal } from '../base/stopper.ts';
import { assemble } from '../assembly/assemble.ts';
import { bringOver } from '../assembly/bring-over.ts';
import { describeTorrent } from '../metainfo/describe-torrent.ts';
import { Geometry } from '../metainfo/geometry.ts';
import { infoOf } from '../metainfo/known-info.ts';
import type { Ports } from '../ports/ports.ts';
import type { ParentPort } from '../ports/process-host.ts';
import { recheck } from '../store/layouts/recheck.ts';
import { parseToWorker } from './validate.ts';
import type { FromWorker, RecheckTask, WorkerTask } from './worker-messages.ts';

/** Least time between two reports of progress, in ms. */
const PROGRESS_PERIOD = 100;

type RecheckPorts = Pick<Ports, 'disk' | 'hasher'>;

/** The worker process: reads payload for the coordinator, one job after the other, until the coordinator is gone or ends it. */
export class WorkerDesk {
  readonly #ports: Ports;
  readonly #quick: RecheckPorts;
  readonly #parent: ParentPort;
  readonly #ended: () => void;
  /** Of the job that is under way. */
  #abort: Stopper | undefined;
  #orphaned = false;
  #lastProgress = -Infinity;

  /** `quick`: for what is too little to be worth a turn of a thread. */
  constructor(ports: Ports, parent: ParentPort, ended: () => void, quick: RecheckPorts = ports) {
    this.#ports = ports;
    this.#quick = quick;
    this.#parent = parent;
    this.#ended = ended;
  }

  start(): void {
    this.#parent.onMessage((message) => void this.#heard(message));
    this.#parent.onClose(() => {
      this.#orphaned = true;
      if (this.#abort === undefined) this.#ended();
      else this.#abort.abort();
    });
  }

  async #heard(raw: unknown): Promise<void> {
    try {
      const message = parseToWorker(raw);
      // The job may be over already, and its result on the way.
      if (message.type === 'stop') return this.#abort?.abort();
      const abort = new Stopper();
      this.#abort = abort;
      this.#lastProgress = -Infinity;
      const result = await this.#work(message, abort.signal);
      this.#abort = undefined;
      this.#post(result);
    } catch (error) {
      this.#abort = undefined;
      this.#post({ type: 'failed', ...failureOf(error) });
    }
    if (this.#orphaned) this.#ended();
  }

  async #work(job: WorkerTask, signal: StopSignal): Promise<FromWorker> {
    if (job.type === 'describe') return { type: 'described', description: describeTorrent(job.torrent) };
    if (job.type === 'rechecks') return this.#recheckAll(job.jobs, signal);
    const progress = (done: number, total: number): void => this.#progress(done, total);
    if (job.type === 'recheck') return { type: 'rechecked', good: await recheckOf(this.#ports, job, progress, signal) };
    const info = infoOf(job);
    if (job.type === 'bring') {
      await bringOver(this.#ports.disk, { ...job, info }, progress, signal);
      return { type: 'brought' };
    }
    const result = await assemble(this.#ports, { ...job, info, leaveRest: true }, progress, signal);
    return 'files' in result
      ? { type: 'assembled', files: result.files }
      : { type: 'bad-pieces', pieces: Uint32Array.from(result.badPieces) };
  }

  async #recheckAll(jobs: readonly RecheckTask[], signal: StopSignal): Promise<FromWorker> {
    const results = [];
    for (const job of jobs) results.push(await recheckOf(this.#quick, job, () => {}, signal).catch(failureOf));
    return { type: 'all-rechecked', results };
  }

  #progress(done: number, total: number): void {
    const now = this.#ports.clock.now();
    if (now - this.#lastProgress < PROGRESS_PERIOD && done < total) return;
    this.#lastProgress = now;
    this.#post({ type: 'progress', done, total });
  }

  #post(message: FromWorker): void {
    this.#parent.post(message);
  }
}

async function recheckOf(
  ports: RecheckPorts,
  job: RecheckTask,
  onProgress: (done: number, total: number) => void,
  signal: StopSignal,
): Promise<Uint8Array> {
  const info = infoOf(job);
  return recheck(ports, { ...job, info, geometry: new Geometry(info) }, onProgress, signal);
}
