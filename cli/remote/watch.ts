import type { Command } from 'commander';
import { EnsembleError } from '../../core/base/errors.ts';
import type { TorrentKey } from '../../core/base/ids.ts';
import type { BridgeClient } from '../../core/bridge/contract.ts';
import type { Look, LookPart } from '../../core/bridge/looks.ts';
import type { DownloadState } from '../../core/engine/engine.ts';
import { wait } from '../../core/ports/wait.ts';
import { abortable } from '../abortable.ts';
import type { Context } from '../context.ts';
import { addJson } from '../download-options.ts';
import { withTimeout } from '../follow.ts';
import { parseSeconds } from '../options.ts';
import { chooseReporter } from '../output/choose.ts';
import { doneFields } from '../output/json.ts';
import type { Reporter } from '../output/reporter.ts';
import { doneText } from '../output/words.ts';
import { addRunning, type RunningFlags } from '../running.ts';
import { chooseOne, NAMING } from './choose.ts';
import { listAll, withPrograms } from './programs.ts';

interface WatchFlags extends RunningFlags {
  readonly json?: boolean;
  readonly timeout?: number;
}

/** A map is asked for less often than figures are, as it may be large (ms). */
const MAP_PERIOD = 1000;

/** What a display shows of a download that another program has. */
export class Eye {
  readonly #context: Context;
  readonly #client: BridgeClient;
  readonly #key: TorrentKey;
  readonly #reporter: Reporter;
  #map: Look['map'];
  #mapAt = Number.NEGATIVE_INFINITY;

  constructor(context: Context, client: BridgeClient, key: TorrentKey, reporter: Reporter) {
    this.#context = context;
    this.#client = client;
    this.#key = key;
    this.#reporter = reporter;
  }

  /** Shows it as it is now. */
  async look(): Promise<Look['download']> {
    const now = this.#context.backend.clock.now();
    const parts: LookPart[] = this.#context.out.isTTY === true && now - this.#mapAt >= MAP_PERIOD ? ['map'] : [];
    const { download, map } = await this.#client.call('look', { key: this.#key, parts });
    if (parts.length > 0) [this.#map, this.#mapAt] = [map, now];
    this.#reporter.progress(download, () => this.#map);
    return download;
  }

  /** Shows it until `ended` says so. */
  async until(ended: (download: Look['download']) => boolean): Promise<Look['download']> {
    const { clock } = this.#context.backend;
    for (;;) {
      this.#context.signal.throwIfAborted();
      const download = await this.look();
      if (ended(download)) return download;
      await wait(clock, this.#reporter.period, this.#context.signal);
    }
  }
}

const OVER: ReadonlySet<DownloadState> = new Set(['done', 'failed', 'missing-files']);
const FAILED: ReadonlySet<DownloadState> = new Set(['failed', 'missing-files']);

/** Whether all that it fetches is there under its name, or is to stay unassembled. */
function isWhole({ state, options }: Pick<Look['download'], 'state' | 'options'>): boolean {
  return state === 'done' || state === 'seeding' || (state === 'complete' && !options.assemble);
}

/** True at the second look. */
function twice(): () => boolean {
  let looks = 0;
  return () => ++looks > 1;
}

export function defineWatch(program: Command): Command {
  const command = program
    .command('watch')
    .description('follow a download of a program that runs, until all is there')
    .argument('<download>', NAMING)
    .option('--timeout <seconds>', 'stop watching after this time', parseSeconds);
  return addJson(addRunning(command));
}

/**
 * `ensemble watch`: ends when all is there, and of one that is whole already when it has seeded enough; what it watches goes on whatever
 * ends it.
 */
export async function watch(outer: Context, text: string, flags: WatchFlags): Promise<void> {
  const reporter = chooseReporter(outer, flags.json === true);
  const { context, cancel } = withTimeout(outer, flags.timeout, `Not done after ${flags.timeout} s.`);
  try {
    await withPrograms(context, flags, async (programs) => {
      const { program, line } = chooseOne(await listAll(programs), text);
      const eye = new Eye(context, program.client, line.key, reporter);
      let fetched: boolean | undefined;
      const ended = (now: Look['download']): boolean => {
        fetched ??= !isWhole(now);
        return OVER.has(now.state) || (fetched && isWhole(now));
      };
      const { error, state } = await abortable(context, eye.until(ended));
      if (FAILED.has(state)) {
        throw new EnsembleError(error?.code ?? 'disk', error?.message ?? 'The download failed.');
      }
      // What its identities fetched last is told within a second.
      if (fetched === true) await abortable(context, eye.until(twice()));
      const { download } = await program.client.call('look', { key: line.key, parts: ['result'] });
      const files = download.result ?? [];
      reporter.result(doneFields(download, files), doneText(download, files));
    });
  } finally {
    cancel();
    reporter.close();
  }
}
