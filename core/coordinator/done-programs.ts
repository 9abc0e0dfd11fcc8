import { EnsembleError, messageOf } from '../base/errors.ts';
import { filledIn, type ProgramFacts } from '../base/program-line.ts';
import type { TorrentKey } from '../base/ids.ts';
import { Turns } from '../base/turns.ts';
import type { DownloadOptions, EngineEvent } from '../engine/engine.ts';
import type { ListRules } from '../engine/list-rules.ts';
import type { Programs } from '../ports/programs.ts';
import type { Info } from '../metainfo/torrent.ts';

/** What is known of a download that is done. */
export interface DoneDownload {
  readonly key: TorrentKey;
  readonly options: DownloadOptions;
  readonly torrent: {
    readonly name: string;
    readonly infoHash: string;
    readonly info: Pick<Info, 'files' | 'length'> | undefined;
  };
  readonly files: { readonly result: readonly string[] | undefined };
}

/** Programs that run at a time. */
const AT_ONCE = 4;
/** Most that run or wait for their turn. */
const MOST = 1000;

/** What is to be run when a download is done: what it says itself, else its category, else the settings; empty: nothing. */
function programOf(
  { whenDone, category }: Pick<DownloadOptions, 'whenDone' | 'category'>,
  rules: Pick<ListRules, 'whenDone' | 'categories'>,
): readonly string[] {
  if (whenDone.length > 0) return whenDone;
  return rules.categories.find(({ name }) => name === category)?.whenDone ?? rules.whenDone;
}

/** Runs the user's program for each download that is done, few at a time, and tells of those that fail. */
export class DonePrograms {
  readonly #programs: Programs | undefined;
  readonly #emit: (event: EngineEvent) => void;
  readonly #turns = new Turns(AT_ONCE);
  #count = 0;
  #closed = false;

  constructor(programs: Programs | undefined, emit: (event: EngineEvent) => void) {
    this.#programs = programs;
    this.#emit = emit;
  }

  /** Its files are where they belong. */
  done(download: DoneDownload, rules: ListRules): void {
    const words = programOf(download.options, rules);
    const programs = this.#programs;
    if (words.length === 0 || programs === undefined) return;
    const { key } = download;
    const { name } = download.torrent;
    const [program = ''] = words;
    const failed = (why: string): void =>
      this.#emit({ type: 'log', key, level: 'error', message: `What is to run when ${name} is done failed: ${why}` });
    const facts = factsOf(download);
    const filled = filledIn(words, facts);
    if (filled === undefined) {
      failed(`its name begins with a dash, which ${program} would take for an option. Put -- before it.`);
      return;
    }
    if (this.#count >= MOST) return failed(`${MOST} programs are run or wait already.`);
    this.#count++;
    const env = Object.fromEntries(
      Object.entries(facts).map(([fact, value]) => [`ENSEMBLE_${fact.toUpperCase()}`, value]),
    );
    void this.#turns
      .run(async () => {
        if (this.#closed) throw new EnsembleError('interrupted', 'the program ended before its turn.');
        const code = await programs.run(filled, env);
        if (code !== 0) throw new EnsembleError('usage', `${program} ended with exit code ${code}.`);
      })
      .catch((error: unknown) => failed(messageOf(error)))
      .finally(() => this.#count--);
  }

  /** What runs goes on by itself; nothing else is begun. */
  close(): void {
    this.#closed = true;
  }
}

function factsOf({ torrent, options, files }: DoneDownload): ProgramFacts {
  const { info, name } = torrent;
  const { output, category, tags } = options;
  // The torrent's own folder, or its one file; where it is not assembled that is where they will be.
  const [top = name] = info?.files[0]?.path ?? [];
  const [only] = info?.files.length === 1 ? (files.result ?? []) : [];
  return {
    name,
    path: only ?? `${output}/${top}`,
    folder: output,
    hash: torrent.infoHash,
    category,
    tags: tags.join(','),
    size: String(info?.length ?? 0),
  };
}
