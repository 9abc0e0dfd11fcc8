import { type ErrorCode, EnsembleError, type Failure, failureOf } from '../../core/base/errors.ts';
import { bytesPerSecond, type InfoHash, type TorrentKey } from '../../core/base/ids.ts';
import type { DownloadOptions, Engine, Source } from '../../core/engine/engine.ts';
import { parseMagnet } from '../../core/metainfo/magnet.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import { abortable } from '../abortable.ts';
import type { Context } from '../context.ts';
import { EXIT, EXIT_OF, type ExitCode } from '../exit-codes.ts';
import { withTimeout } from '../follow.ts';
import { namesInList, type NamesInList } from '../listed-names.ts';
import { severalReporter, type SeveralReporter } from '../output/several.ts';
import { loadSource } from '../source.ts';
import { type GetFlags, getOne } from './get-one.ts';

/** Exit codes from the worst on: what went wrong here, with what was named, and then what only has to go on. */
const WORST_FIRST: readonly ExitCode[] = [
  EXIT.fault,
  EXIT.output,
  EXIT.verification,
  EXIT.inUse,
  EXIT.invalid,
  EXIT.usage,
  EXIT.timedOut,
  EXIT.interrupted,
];
/** Most sources that the last sentence names. */
const MOST_NAMED = 10;

/**
 * Downloads several sources, `--jobs` of them at a time; one that only seeds makes room. What goes wrong with one is told at once and
 * does not stop the others. Rejects at the end with the worst of it.
 */
export async function getSeveral(
  outer: Context,
  engine: Engine,
  sources: readonly string[],
  options: DownloadOptions,
  flags: GetFlags,
): Promise<void> {
  const reporter = severalReporter(outer, sources, flags.json === true);
  const { context, cancel } = withTimeout(outer, flags.timeout);
  const unlisten = engine.onEvent((event) => {
    if (event.type === 'log' && event.key === undefined && event.level !== 'info') reporter.message(event.message);
  });
  // They have these limits together.
  const none = bytesPerSecond(0);
  engine.setLimits({ down: options.down, up: options.up });
  const batch = new Batch(context, engine, { ...options, down: none, up: none }, flags, reporter);
  try {
    await inTurns(sources.length, flags.jobs, (at, makeRoom) => batch.get(sources[at] ?? '', at, makeRoom));
    outer.signal.throwIfAborted();
    batch.finish(sources);
  } finally {
    unlisten();
    cancel();
    reporter.close();
  }
}

/** Calls `work` for 0 to `count - 1`, the next one when fewer than `most` are under way. `makeRoom`: this one does not count any more. */
async function inTurns(
  count: number,
  most: number,
  work: (at: number, makeRoom: () => void) => Promise<void>,
): Promise<void> {
  let next = 0;
  const line = async (): Promise<void> => {
    while (next < count) {
      let makeRoom = (): void => undefined;
      const roomy = new Promise<void>((resolve) => (makeRoom = resolve));
      const whole = work(next++, makeRoom);
      all.push(whole);
      await Promise.race([whole, roomy]);
    }
  };
  const all: Promise<void>[] = [];
  await Promise.all(Array.from({ length: Math.min(most, count) }, line));
  await Promise.all(all);
}

/** The sources of one command, and how each ended. */
class Batch {
  readonly #context: Context;
  readonly #engine: Engine;
  readonly #options: DownloadOptions;
  readonly #flags: GetFlags;
  readonly #reporter: SeveralReporter;
  readonly #failures = new Map<number, Failure>();
  readonly #keys = new Set<TorrentKey>();
  readonly #inList: NamesInList;
  #present = 0;

  constructor(context: Context, engine: Engine, options: DownloadOptions, flags: GetFlags, reporter: SeveralReporter) {
    this.#context = context;
    this.#engine = engine;
    this.#options = options;
    this.#flags = flags;
    this.#reporter = reporter;
    this.#inList = namesInList(context);
  }

  /** One of them, to its end. Never rejects. */
  async get(text: string, at: number, makeRoom: () => void): Promise<void> {
    // Nothing is begun any more.
    if (this.#context.signal.aborted) return this.#failed(at, this.#context.signal.reason);
    const reporter = this.#reporter.of(at);
    let key: TorrentKey | undefined;
    try {
      const source = await abortable(this.#context, loadSource(this.#context, text, this.#options));
      const { infoHash, ...named } = idOf(source);
      if (this.#keys.has(named.key)) {
        this.#present++;
        reporter.result({ event: 'present', infoHash }, 'named twice: it is one download.');
        return;
      }
      this.#keys.add(named.key);
      await getOne(this.#context, source, {
        engine: this.#engine,
        options: this.#options,
        wish: this.#flags,
        reporter,
        stallTimeout: this.#flags.stallTimeout,
        oneOfSeveral: true,
        inList: this.#inList,
        added: (added) => void (key = added),
        seeding: makeRoom,
      });
    } catch (error) {
      this.#failed(at, error);
      // One that was given up makes room for others.
      if (key !== undefined) await this.#engine.pause(key).catch(() => undefined);
    } finally {
      this.#reporter.ended(at);
    }
  }

  #failed(at: number, error: unknown): void {
    const failure = failureOf(error);
    this.#failures.set(at, failure);
    // That all were interrupted or timed out together is said once.
    if (error !== this.#context.signal.reason) this.#reporter.failed(at, failure);
  }

  /** Says how all ended. Throws the worst of what went wrong. */
  finish(sources: readonly string[]): void {
    const failures = [...this.#failures].sort(([a], [b]) => a - b);
    const [total, failed] = [sources.length, failures.length];
    const done = total - failed - this.#present;
    this.#reporter.finished({ done, present: this.#present, failed });
    const codes = failures.map(([, { code }]) => code);
    const worst = codes.sort((a, b) => rank(a) - rank(b))[0];
    if (worst === undefined) return;
    const named = failures.slice(0, MOST_NAMED).map(([at]) => this.#reporter.nameOf(at));
    const more = failed > MOST_NAMED ? ` and ${failed - MOST_NAMED} more` : '';
    throw new EnsembleError(worst, `${failed} of ${total} sources are not done: ${named.join(', ')}${more}.`);
  }
}

function rank(code: ErrorCode): number {
  return WORST_FIRST.indexOf(EXIT_OF[code]);
}

function idOf(source: Source): { readonly key: TorrentKey; readonly infoHash: InfoHash } {
  const { id, infoHash } = source.kind === 'magnet' ? parseMagnet(source.link) : parseTorrent(source.data).info;
  return { key: id.key, infoHash };
}
