import { EnsembleError } from '../../base/errors.ts';
import { Stopper } from '../../base/stopper.ts';
import type { TorrentDescription } from '../../engine/engine.ts';
import { MESSAGES_VERSION } from '../../identity/messages.ts';
import { describeTorrent } from '../../metainfo/describe-torrent.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ProcessHost } from '../../ports/process-host.ts';
import { WorkerJobs } from './worker-jobs.ts';

/** A torrent file of this many bytes is read at once, whatever is in it: a process of its own would take longer to start. */
const SMALL = 256 * 1024;

/** Reads torrent files that are shown before they are added: large ones in a process of their own, as 25 MiB can take a second. */
export class Descriptions {
  /** One, beside those that read payload, for which nobody waits. */
  readonly #jobs: WorkerJobs;
  readonly #end = new Stopper();

  constructor(host: ProcessHost, clock: Clock) {
    this.#jobs = new WorkerJobs(host, clock, 1);
  }

  /** Rejects with EnsembleError('invalid-torrent'). */
  async of(torrent: Uint8Array): Promise<TorrentDescription> {
    if (torrent.length <= SMALL) return describeTorrent(torrent);
    const job = { type: 'describe', version: MESSAGES_VERSION, torrent } as const;
    const result = await this.#jobs.run(job, () => {}, this.#end.signal);
    if (result.type === 'described') return result.description;
    throw new EnsembleError('invalid-message', `The worker answered the question for a torrent with "${result.type}".`);
  }

  close(): void {
    this.#end.abort();
    this.#jobs.dismiss();
  }
}
