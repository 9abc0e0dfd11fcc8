import { EnsembleError } from '../../base/errors.ts';
import type { DownloadState } from '../../engine/engine.ts';
import { shouldSeed } from '../../strategy/upload/seed-rule.ts';
import { wantedPaths } from '../folder/target.ts';
import type { Run } from '../run/run.ts';
import type { RunPlan } from '../run/run-plan.ts';
import { assembleDownload, type Assembled } from './assemble-download.ts';
import { servablePieces } from './file-choice.ts';
import type { FlowContext } from './flow-context.ts';
import type { Failure } from './states.ts';

/** Assembly may find wrong pieces so often before the disk is held to be at fault. */
const MAX_BAD_ROUNDS = 3;

/** How an assembly left its download. */
interface Outcome {
  readonly result: readonly string[] | undefined;
  readonly error: Failure | undefined;
  readonly state: DownloadState;
}

/** The end of a download: its files are put together, and seeded as long as the rule says. */
export class Completion {
  readonly #download: FlowContext;
  /** How often assembly found wrong pieces. */
  #badRounds = 0;

  constructor(download: FlowContext) {
    this.#download = download;
  }

  /** Every wanted piece is there: those who do not seed leave, and the files are put together. */
  async finish(): Promise<void> {
    const download = this.#download;
    const { crew, members } = download;
    const { run } = crew;
    const [first] = members;
    if (run === undefined || first === undefined || !canFinish(download)) return;
    download.apply('all-there');
    const seed = this.seeds;
    // Alone it is an ordinary client, that tells its tracker `completed` also where it then leaves.
    if (first.phase === 'active' && (seed || members.length === 1)) run.seedWith(first);
    // One that leaves already may be bringing its part in order: it is waited for before it may seed.
    const leaving = seed && first.phase === 'active' ? members.slice(1) : members;
    await Promise.all(leaving.map((member) => run.team.leave(member)));
    await download.crew.save();
    // More may have been chosen meanwhile: who was called for it leaves when that has come, too.
    if (download.state !== 'complete' || download.crew.plan?.ledger.complete !== true) return;
    if (download.options.assemble) await this.#assemble();
    else await this.seedByRule();
  }

  /** Puts the files together, whatever the options say; nothing where pieces are missing: if only the records had said so, the check may have found otherwise. */
  assembleWhatIsThere(): Promise<void> {
    return this.#download.crew.plan?.ledger.complete === true ? this.#assemble() : Promise.resolve();
  }

  /** Nothing to do where that was done. */
  async #assemble(): Promise<void> {
    const download = this.#download;
    const { env, work } = download;
    const { run, plan } = download.crew;
    if (run === undefined || plan === undefined || download.files.result !== undefined || download.halted) return;
    if (!wantsAny(plan)) return;
    download.apply('assemble');
    // As they are now: what is chosen meanwhile is fetched afterwards.
    const fixed = { ...plan };
    const signal = work.begin();
    await run.team.closeFiles();
    try {
      await download.copy.expectSame();
      const progress = (fraction: number): void => work.progress(fraction);
      const warn = (message: string): void => download.warn(message);
      const outcome = await assembleDownload(env, fixed, warn, progress, signal);
      if ('files' in outcome) await this.#assembled(run, plan, outcome);
      else await this.#fetchAgain(run, plan, outcome.badPieces);
    } catch (error) {
      run.moved();
      // Stopped on purpose: everything is where it was.
      if (signal.aborted && !download.halted) download.apply('stopped');
      else throw error;
    } finally {
      work.end();
    }
  }

  /** What is assembled, or complete and waits for that, is seeded as long as the rule says. */
  async seedByRule(): Promise<void> {
    const download = this.#download;
    const { state } = download;
    const { run, plan } = download.crew;
    const { result } = download.files;
    const [first] = download.members;
    if (run === undefined || first === undefined || download.halted) return;
    if (result === undefined && state !== 'complete') return;
    // What has failed stays so, whatever the rule says now, until it is resumed.
    if (state === 'failed') return;
    if (this.seeds) {
      if (result !== undefined && plan !== undefined && lostTheirRest(download) && isAll(result, plan))
        return download.anew();
      if (result !== undefined) download.apply('seed');
      run.seedWith(first);
    } else {
      await run.team.leaveAll();
      await download.crew.save();
      if (result !== undefined) download.apply('rest');
    }
  }

  /** Whether the rule says to seed. */
  get seeds(): boolean {
    const { figures, crew, options } = this.#download;
    const { downloaded, uploaded } = figures.totals;
    return shouldSeed(options.seed, Math.max(downloaded, crew.plan?.ledger.bytes.have ?? 0), uploaded);
  }

  async #assembled(run: Run, plan: RunPlan, { files, times }: Assembled): Promise<void> {
    const download = this.#download;
    download.files.assembled(files, times);
    run.placed();
    // Nobody is to be given, from now on, what lies nowhere any more.
    if (lostTheirRest(download)) run.setPaused(true);
    run.moved();
    // Where more was chosen meanwhile that is fetched in another run.
    if (plan.ledger.unsettle() && plan.ledger.complete) run.desk.choiceChanged();
    await download.env.keep();
    await download.copy.clear();
    await this.seedByRule();
  }

  async #fetchAgain(run: Run, plan: RunPlan, pieces: Uint32Array): Promise<void> {
    const download = this.#download;
    const { name } = download.torrent;
    run.moved();
    if (++this.#badRounds > MAX_BAD_ROUNDS) {
      throw new EnsembleError(
        'verification',
        `${pieces.length} pieces of ${name} were wrong on disk each time they were fetched: check the disk.`,
      );
    }
    download.warn(`${pieces.length} pieces of ${name} were missing or wrong on disk: they are fetched again.`);
    await download.copy.takeBack(plan.info, pieces);
    download.apply('wrong-pieces');
    run.fetchAgain(pieces);
    await download.crew.save();
  }
}

/** What called for the end may be long ago: another check or choice, or a failure, may have come between. */
function canFinish({ crew, halted, files, state }: FlowContext): boolean {
  const { plan } = crew;
  return (
    plan?.ledger.complete === true && !halted && files.result === undefined && state !== 'failed' && wantsAny(plan)
  );
}

/** Without a wanted file there is nothing to end with, and what was fetched is kept. */
function wantsAny({ info, options }: Pick<RunPlan, 'info' | 'options'>): boolean {
  return wantedPaths(info, options).length > 0;
}

/** Throws EnsembleError('usage') while pieces are missing, or nothing is wanted. */
export function checkAssemblable({ torrent, crew }: FlowContext): void {
  const { ledger, plan } = crew;
  if (plan !== undefined && !wantsAny(plan)) {
    throw new EnsembleError('usage', `${torrent.name} cannot be assembled: none of its files is wanted.`);
  }
  if (ledger?.complete === true) return;
  const missing = ledger === undefined ? 'all' : ledger.pieces.wanted - ledger.pieces.wantedHave;
  throw new EnsembleError('usage', `${torrent.name} cannot be assembled yet: ${missing} pieces are missing.`);
}

/** The files that an assembly made; throws why there are none. */
export function assembledFiles({ result, error, state }: Outcome): readonly string[] {
  if (result !== undefined) return result;
  if (error !== undefined) throw new EnsembleError(error.code, error.message);
  if (state === 'complete') throw new EnsembleError('interrupted', 'The assembly was stopped.');
  throw new EnsembleError('verification', 'Some pieces were wrong: they are fetched again.');
}

/** Where it is not, another choice is looked at next. */
function isAll(result: readonly string[], { info, options }: RunPlan): boolean {
  const wanted = wantedPaths(info, options);
  return wanted.length === result.length && wanted.every((path, i) => path === result[i]);
}

/** Pieces that reach into files that are not wanted: what of them lay there is gone with the working folder. */
function lostTheirRest({ crew, torrent }: FlowContext): boolean {
  const { plan } = crew;
  const { geometry } = torrent;
  if (plan?.options.filePriorities === undefined || geometry === undefined) return false;
  const { info, options, ledger } = plan;
  const servable = servablePieces({ info, geometry, options });
  return [...ledger.present.indexes()].some((p) => !servable.has(p));
}
