import { failureOf } from '../base/errors.ts';
import { assemble } from '../assembly/assemble.ts';
import { bringOver } from '../assembly/bring-over.ts';
import { describeTorrent } from '../metainfo/describe-torrent.ts';
import { Geometry } from '../metainfo/geometry.ts';
import { infoOf } from '../metainfo/known-info.ts';
import type { Ports } from '../ports/ports.ts';
import type { ParentPort } from '../ports/process-host.ts';
import { recheck } from '../store/layouts/recheck.ts';
import { parseToWorker } from './validate.ts';
import type { FromWorker, WorkerTask } from './worker-messages.ts';

/** Least time between two reports of progress, in ms. */
const PROGRESS_PERIOD = 100;

/** The worker process: reads payload for the coordinator, one job after the other, until the coordinator is gone or ends it. */
export class WorkerDesk {
  readonly #ports: Ports;
  readonly #parent: ParentPort;
  readonly #ended: () => void;
  /** Of the job that is under way. */
  #abort: AbortController | undefined;
  #orphaned = false;
  #lastProgress = -Infinity;

  constructor(ports: Ports, parent: ParentPort, ended: () => void) {
    this.#ports = ports;
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
      const abort = new AbortController();
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

  async #work(job: WorkerTask, signal: AbortSignal): Promise<FromWorker> {
    if (job.type === 'describe') return { type: 'described', description: describeTorrent(job.torrent) };
    const info = infoOf(job);
    const progress = (done: number, total: number): void => this.#progress(done, total);
    if (job.type === 'recheck') {
      const { location, count, pieces, owners } = job;
      const good = await recheck(
        this.#ports,
        {
          info,
          geometry: new Geometry(info),
          location,
          count,
          ...(pieces === undefined ? {} : { pieces }),
          ...(owners === undefined ? {} : { owners }),
        },
        progress,
        signal,
      );
      return { type: 'rechecked', good };
    }
    if (job.type === 'bring') {
      await bringOver(this.#ports.disk, { ...job, info }, progress, signal);
      return { type: 'brought' };
    }
    const result = await assemble(this.#ports, { ...job, info }, progress, signal);
    return 'files' in result
      ? { type: 'assembled', files: result.files }
      : { type: 'bad-pieces', pieces: Uint32Array.from(result.badPieces) };
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
