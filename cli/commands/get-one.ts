import { EnsembleError, messageOf } from '../../core/base/errors.ts';
import type { TorrentKey } from '../../core/base/ids.ts';
import type { DownloadOptions, DownloadSnapshot, Engine, Source } from '../../core/engine/engine.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import { abortable } from '../abortable.ts';
import type { Context } from '../context.ts';
import type { DownloadFlags } from '../download-options.ts';
import { choosePriorities, type FileWish, isWish, knownPriorities } from '../file-choice.ts';
import { follow } from '../follow.ts';
import { listedNames, type NamesInList } from '../listed-names.ts';
import { doneFields } from '../output/json.ts';
import type { Reporter } from '../output/reporter.ts';
import { doneText } from '../output/words.ts';
import { StallWatch } from '../stall-watch.ts';

export interface GetFlags extends DownloadFlags {
  readonly input?: string;
  readonly jobs: number;
  readonly stallTimeout?: number;
}

/** How one download is done, alone or among others. */
export interface Job {
  readonly engine: Engine;
  readonly options: DownloadOptions;
  readonly wish: FileWish;
  readonly reporter: Reporter;
  readonly stallTimeout: number | undefined;
  readonly oneOfSeveral?: boolean;
  /** Where several have it read once. */
  readonly inList?: NamesInList;
  /** Called when the engine has it. */
  readonly added?: (key: TorrentKey) => Promise<void> | void;
  /** Called when its files are there and it only seeds. */
  readonly seeding?: () => void;
}

/** Downloads it to its end, and reports that. Rejects with what went wrong. */
export async function getOne(context: Context, source: Source, job: Job): Promise<void> {
  const { engine, options, wish, reporter, stallTimeout, oneOfSeveral = false, inList } = job;
  const known = knownPriorities(source, wish);
  // Of a magnet link no file is known yet.
  const names =
    source.kind === 'torrent'
      ? await listedNames(context, () => parseTorrent(source.data).info, options.output, inList)
      : [];
  const chosen = { ...options, ...(known && { filePriorities: known }), ...(names.length > 0 && { names }) };
  const key = await abortable(context, engine.add(source, chosen));
  await job.added?.(key);
  const chooser = source.kind === 'magnet' && isWish(wish) ? new LateChoice(engine, key, wish) : undefined;
  const stalls = new StallWatch(stallTimeout);
  let announced = false;
  const last = await follow(context, {
    engine,
    key,
    reporter,
    oneOfSeveral,
    ended: (snapshot) => {
      chooser?.look(snapshot);
      stalls.look(snapshot, context.backend.clock.now());
      if (snapshot.state === 'seeding' && !announced) {
        announced = true;
        announceSeeding(reporter, snapshot);
        job.seeding?.();
      }
      return snapshot.state === 'done' || (!options.assemble && snapshot.state === 'complete');
    },
  });
  reporter.result(doneFields(last, last.result ?? []), doneText(last, last.result ?? []));
}

function announceSeeding(reporter: Reporter, snapshot: DownloadSnapshot): void {
  const files = snapshot.result ?? [];
  reporter.result({ event: 'assembled', files }, doneText(snapshot, files));
}

/** The choice of files of a magnet link, whose files are not known before the metadata is there. */
class LateChoice {
  readonly #engine: Engine;
  readonly #key: TorrentKey;
  readonly #wish: FileWish;
  #failure: Error | undefined;
  #done = false;

  constructor(engine: Engine, key: TorrentKey, wish: FileWish) {
    this.#engine = engine;
    this.#key = key;
    this.#wish = wish;
  }

  /** Throws EnsembleError('usage') where a pattern matches no file. */
  look(snapshot: DownloadSnapshot): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#done || snapshot.state === 'metadata') return;
    const files = this.#engine.files(this.#key);
    if (files.length === 0) return;
    this.#done = true;
    const all = files.map(({ index, path }) => ({ index, path: path.split(/[/\\]/) }));
    const filePriorities = choosePriorities(all, snapshot.fileSlots, this.#wish);
    this.#engine.change(this.#key, { filePriorities }).catch((error: unknown) => {
      this.#failure = error instanceof Error ? error : new EnsembleError('usage', messageOf(error));
    });
  }
}
