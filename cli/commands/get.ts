import type { Command } from 'commander';
import type { DownloadOptions, DownloadSnapshot, Engine } from '../../core/engine/engine.ts';
import { EnsembleError, messageOf } from '../../core/base/errors.ts';
import type { TorrentKey } from '../../core/base/ids.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import type { Context } from '../context.ts';
import type { DownloadFlags } from '../download-options.ts';
import { addGroup, addJson, addNetwork, addSeed, addSharing, downloadOptions } from '../download-options.ts';
import { choosePriorities } from '../file-choice.ts';
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
  const only = flags.only ?? [];
  const known =
    read.kind === 'torrent' && only.length > 0
      ? choosePriorities(
          parseTorrent(read.data).info.files.map((file) => file.path),
          only,
        )
      : undefined;

  const reporter = chooseReporter(outer, flags.json === true);
  const { context, cancel } = withTimeout(outer, flags.timeout);
  const serving = new WebServing(context.backend, engine, options);
  try {
    const key = await abortable(context, engine.add(read, known ? { ...options, filePriorities: known } : options));
    await serving.start(key, reporter, undefined);
    const chooser = read.kind === 'magnet' && only.length > 0 ? new LateChoice(engine, key, only) : undefined;
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

/** Lets an abort end the command even while the engine is still adding; the engine is closed right after. */
async function abortable<T>(context: Context, work: Promise<T>): Promise<T> {
  const { signal } = context;
  let abort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** `--only` for a magnet link, whose files are not known before the metadata is there. */
class LateChoice {
  readonly #engine: Engine;
  readonly #key: TorrentKey;
  readonly #patterns: readonly string[];
  #failure: Error | undefined;
  #done = false;

  constructor(engine: Engine, key: TorrentKey, patterns: readonly string[]) {
    this.#engine = engine;
    this.#key = key;
    this.#patterns = patterns;
  }

  /** Throws EnsembleError('usage') where a pattern matches no file. */
  look(snapshot: DownloadSnapshot): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#done || snapshot.state === 'metadata') return;
    const files = this.#engine.files(this.#key);
    if (files.length === 0) return;
    this.#done = true;
    const chosen = choosePriorities(
      files.map(({ path }) => path.split(/[/\\]/)),
      this.#patterns,
    );
    // Padding files have an entry in the priorities, but none in the list of files.
    const filePriorities = Array.from({ length: snapshot.fileSlots }, () => 0);
    for (const [i, { index }] of files.entries()) filePriorities[index] = chosen[i] ?? 0;
    this.#engine.change(this.#key, { filePriorities }).catch((error: unknown) => {
      this.#failure = error instanceof Error ? error : new EnsembleError('usage', messageOf(error));
    });
  }
}
