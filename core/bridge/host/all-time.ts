import { bytes, millis, type TorrentKey } from '../../base/ids.ts';
import type { Statistics } from '../../engine/statistics-kept.ts';
import type { HostServices } from './services.ts';

/** Seconds after which what was counted is kept: a program that is killed loses no more of it. */
const KEEP_EVERY = 60;

/** What a download had moved when it was looked at last. */
interface Seen {
  readonly downloaded: number;
  readonly uploaded: number;
}

interface Moving extends Seen {
  readonly key: TorrentKey;
}

/** Counts what all downloads move, in this run of the program and in all. */
export class AllTime {
  readonly #services: Pick<HostServices, 'engine' | 'clock' | 'statistics'>;
  readonly #began: number;
  /** Of all runs before this one. */
  readonly #before: Statistics;
  #seen = new Map<TorrentKey, Seen>();
  #downloaded = 0;
  #uploaded = 0;
  #added = 0;
  #seconds = 0;

  constructor(services: Pick<HostServices, 'engine' | 'clock' | 'statistics'>) {
    this.#services = services;
    this.#began = services.clock.now();
    const all = services.engine.downloads();
    for (const { key, downloaded, uploaded } of all) this.#seen.set(key, { downloaded, uploaded });
    // Where nobody has counted yet, what the downloads know of themselves is all that is known.
    this.#before = services.statistics?.kept ?? {
      downloaded: bytes(all.reduce((sum, one) => sum + one.downloaded, 0)),
      uploaded: bytes(all.reduce((sum, one) => sum + one.uploaded, 0)),
      added: all.length,
      starts: 0,
      active: millis(0),
    };
  }

  /** This run, and all of them. */
  get now(): { readonly run: Statistics; readonly all: Statistics } {
    this.#look(this.#services.engine.downloads());
    const before = this.#before;
    const run: Statistics = {
      downloaded: bytes(this.#downloaded),
      uploaded: bytes(this.#uploaded),
      added: this.#added,
      starts: 1,
      active: millis(Math.max(0, this.#services.clock.now() - this.#began)),
    };
    const all: Statistics = {
      downloaded: bytes(before.downloaded + run.downloaded),
      uploaded: bytes(before.uploaded + run.uploaded),
      added: before.added + run.added,
      starts: before.starts + 1,
      active: millis(before.active + run.active),
    };
    return { run, all };
  }

  /** `all`: the downloads as they are now; with thousands of them a look is made once for all who need one. */
  everySecond(all: Iterable<Moving>): void {
    this.#look(all);
    if (++this.#seconds % KEEP_EVERY === 0) void this.keep();
  }

  /** What cannot be kept is lost with the program. */
  async keep(): Promise<void> {
    await this.#services.statistics?.keep(this.now.all).catch(() => undefined);
  }

  #look(all: Iterable<Moving>): void {
    const seen = new Map<TorrentKey, Seen>();
    for (const { key, downloaded, uploaded } of all) {
      const last = this.#seen.get(key);
      if (last === undefined) this.#added++;
      this.#downloaded += Math.max(0, downloaded - (last?.downloaded ?? 0));
      this.#uploaded += Math.max(0, uploaded - (last?.uploaded ?? 0));
      seen.set(key, { downloaded, uploaded });
    }
    this.#seen = seen;
  }
}
