import type { Command } from 'commander';
import type { DownloadOptions, DownloadSnapshot, Engine } from '../../core/engine/engine.ts';
import { EnsembleError, messageOf } from '../../core/base/errors.ts';
import type { TorrentKey } from '../../core/base/ids.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import { abortable } from '../abortable.ts';
import type { Context } from '../context.ts';
import type { DownloadFlags } from '../download-options.ts';
import { addGroup, addJson, addNetwork, addSeed, addSharing, downloadOptions } from '../download-options.ts';
import { choosePriorities, type FileWish, isWish, prioritiesIn } from '../file-choice.ts';
import { withEngine } from '../engine.ts';
import { follow, withTimeout } from '../follow.ts';
import { chooseReporter } from '../output/choose.ts';
import { doneFields } from '../output/json.ts';
import type { Reporter } from '../output/reporter.ts';
import { doneText } from '../output/words.ts';
import { loadSource } from '../source.ts';
import { WebServing } from '../web-serving.ts';

export function defineGet(program: Command): Command {
  const command = program
    .command('get')
    .description('download with K identities and assemble')
    .argument('<source>', 'a .torrent file or a magnet link');
  addGroup(command, 'download', { output: { preset: '.' } });
  return addJson(addSeed(addNetwork(addSharing(command)), 'never'));
}

/** `ensemble get`: resolves when all is there and, unless `--no-assemble`, assembled; rejects otherwise. */
export async function get(outer: Context, source: string, flags: DownloadFlags): Promise<void> {
  const options = downloadOptions(outer, flags);
  await withEngine(outer, 'get', flags, async (engine) => {
    // Processes take a while to start: they do so while the source is read.
    engine.prepare(options.identities);
    await download(outer, source, flags, options, engine);
  });
}

async function download(
  outer: Context,
  source: string,
  flags: DownloadFlags,
  options: DownloadOptions,
  engine: Engine,
): Promise<void> {
  const read = await loadSource(outer, source, options);
  // One that nobody chose of need not be read twice.
  const known =
    read.kind === 'torrent' && isWish(flags) ? prioritiesIn(parseTorrent(read.data).info, flags) : undefined;

  const reporter = chooseReporter(outer, flags.json === true);
  const { context, cancel } = withTimeout(outer, flags.timeout);
  const serving = new WebServing(context.backend, engine, options);
  try {
    const key = await abortable(context, engine.add(read, known ? { ...options, filePriorities: known } : options));
    await serving.start(key, reporter, undefined);
    const chooser = read.kind === 'magnet' && isWish(flags) ? new LateChoice(engine, key, flags) : undefined;
    let announced = false;
    const last = await follow(context, {
      engine,
      key,
      reporter,
      ended: (snapshot) => {
        chooser?.look(snapshot);
        if (snapshot.state === 'seeding' && !announced) {
          announced = true;
          announceSeeding(reporter, snapshot);
        }
        return snapshot.state === 'done' || (!options.assemble && snapshot.state === 'complete');
      },
    });
    reporter.result(doneFields(last, last.result ?? []), doneText(last, last.result ?? []));
  } finally {
    cancel();
    reporter.close();
    await serving.close();
  }
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
