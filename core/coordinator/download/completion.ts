import { EnsembleError, type Failure } from '../../base/errors.ts';
import type { DownloadState } from '../../engine/engine.ts';
import { goalsWithin, type OuterRules, seedVerdict } from '../../strategy/upload/seed-rule.ts';
import { wantedPaths, wantsAnyFile } from '../folder/target.ts';
import type { Run } from '../run/run.ts';
import { firstAble, type Member } from '../run/member.ts';
import { asOfNow, type RunPlan } from '../run/run-plan.ts';
import { assembleDownload, type Assembled } from './assemble-download.ts';
import { servablePieces } from './file-choice.ts';
import { timesAfter } from './placed-times.ts';
import type { FlowContext } from './flow-context.ts';

/** How often assembly may find wrong pieces before the disk is blamed. */
const MAX_BAD_ROUNDS = 3;

/** The state in which an assembly left its download. */
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

  /** Every wanted piece is there: identities that do not seed leave, and the files are assembled. */
  async finish(): Promise<void> {
    const download = this.#download;
    const { crew, members } = download;
    const { run } = crew;
    const [first] = members;
    if (run === undefined || first === undefined || !canFinish(download)) return;
    download.apply('all-there');
    const seeder = this.seeds ? seederOf(members) : undefined;
    // A single identity is an ordinary client, which tells its tracker `completed` even if it leaves then.
    const told = seeder ?? (members.length === 1 ? first : undefined);
    if (told?.phase === 'active') run.seedWith(told);
    // An identity that is leaving already may be bringing its part into order; it may seed again only after that.
    const leaving = seeder?.phase === 'active' ? members.filter((one) => one !== seeder) : members;
    await Promise.all(leaving.map((member) => run.team.leave(member)));
    await download.crew.save();
    // More may have been chosen meanwhile: identities that were called for that leave when it is there, too.
    if (download.state !== 'complete' || download.crew.plan?.ledger.complete !== true) return;
    if (download.options.assemble) await this.#assemble();
    else await this.seedByRule();
  }

  /** Assembles, whatever the options say, if everything is there: the records may have said so, but the check may have found otherwise. */
  assembleWhatIsThere(): Promise<void> {
    return this.#download.crew.plan?.ledger.complete === true ? this.#assemble() : Promise.resolve();
  }

  /** Assembles the files, unless that was done already. */
  async #assemble(): Promise<void> {
    const download = this.#download;
    const { env, work } = download;
    const { run, plan } = download.crew;
    if (run === undefined || plan === undefined || download.files.result !== undefined || download.halted) return;
    if (!wantsAny(plan)) return;
    download.apply('assemble');
    // The options as they are now: files that are chosen meanwhile are fetched afterwards.
    const fixed = asOfNow(plan);
    const signal = work.begin();
    await run.team.closeFiles();
    try {
      await download.folders.expectSame();
      const progress = (fraction: number): void => work.progress(fraction);
      const warn = (message: string): void => download.warn(message);
      const outcome = await assembleDownload(env, fixed, warn, progress, signal);
      if ('files' in outcome) await this.#assembled(run, plan, outcome);
      else await this.#fetchAgain(run, plan, outcome.badPieces);
    } catch (error) {
      run.where.moved();
      // It was stopped on purpose, so everything is where it was.
      if (signal.aborted && !download.halted) download.apply('stopped');
      else throw error;
    } finally {
      work.end(signal);
    }
  }

  /** Seeds a download that is assembled, or complete and waiting for that, as long as the rule says. */
  async seedByRule(): Promise<void> {
    const download = this.#download;
    const { state } = download;
    const { run, plan } = download.crew;
    const { result } = download.files;
    if (run === undefined || download.halted) return;
    if (result === undefined && state !== 'complete') return;
    // A failed download stays failed until it is resumed, whatever the rule says.
    if (state === 'failed') return;
    if (this.seeds) {
      if (result !== undefined && plan !== undefined && lostTheirRest(download) && isAll(result, plan))
        return download.anew();
      if (result !== undefined) download.apply('seed');
      const seeder = seederOf(download.members);
      if (seeder !== undefined) run.seedWith(seeder);
      await Promise.all(download.members.filter((one) => one !== seeder).map((one) => run.team.leave(one)));
    } else {
      await run.team.leaveAll();
      await download.crew.save();
      if (result !== undefined) download.apply('rest');
    }
  }

  /** Whether the rule says to seed. */
  get seeds(): boolean {
    // As long as other machines fetch what is here it stays, whatever the rule says.
    return this.#verdict === 'on' || this.#download.crew.run?.machines?.needed === true;
  }

  /** A seed has done enough: it leaves the swarm, or the list too. */
  async enough(): Promise<void> {
    const { env, files, key } = this.#download;
    const leaves = this.#verdict === 'enough' && env.rules().seedGoals.after === 'remove' && files.result !== undefined;
    await this.seedByRule();
    if (leaves && this.#download.state === 'done') env.leaveList(key);
  }

  /** Whether it may have done enough without anything happening. */
  get seedsForTime(): boolean {
    const { options } = this.#download;
    const goals = goalsWithin(options.seed, this.#rules);
    return goals !== 'never' && !options.forced && (goals.time !== 'none' || goals.idle !== 'none');
  }

  get #rules(): OuterRules {
    const { env, options } = this.#download;
    const { seedGoals, categories } = env.rules();
    return { ofCategory: categories.find(({ name }) => name === options.category)?.seed, usual: seedGoals };
  }

  get #verdict(): ReturnType<typeof seedVerdict> {
    const { stats, crew, options } = this.#download;
    const { downloaded, uploaded } = stats;
    const { seeded, untaken } = stats.seeding;
    return seedVerdict(options.seed, this.#rules, {
      downloaded: Math.max(downloaded, crew.plan?.ledger.bytes.have ?? 0),
      uploaded,
      seeded,
      untaken,
      forced: options.forced,
    });
  }

  async #assembled(run: Run, plan: RunPlan, { files, times }: Assembled): Promise<void> {
    const download = this.#download;
    download.files.assembled(files, times, plan.ledger.owners);
    run.where.placed();
    // From now on nothing may be uploaded that is not on disk any more.
    if (lostTheirRest(download)) run.setPaused(true);
    run.where.moved();
    // Files that were chosen meanwhile are fetched in another run.
    if (plan.ledger.placedBecomePresent() && plan.ledger.complete) run.desk.choiceChanged();
    await download.env.keep();
    await download.copy.clear();
    await download.copy.clearStaging();
    const finished = { ...asOfNow(plan), placed: files, warn: () => {} };
    const { geometry } = download.torrent;
    if (geometry !== undefined) {
      download.files.lostSecondNames((await timesAfter(download.env.ports, { ...finished, geometry }, true)).changed);
      await download.env.keep();
    }
    if (download.options.assemble) download.env.done(download);
    await this.seedByRule();
  }

  async #fetchAgain(run: Run, plan: RunPlan, pieces: Uint32Array): Promise<void> {
    const download = this.#download;
    const { name } = download.torrent;
    run.where.moved();
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

/** Who seeds: the first whose link may be used for that, and now if there is one; undefined: no link may. */
function seederOf(members: readonly Member[]): Member | undefined {
  return firstAble(members.filter((member) => member.uploads));
}

/** Whether the download can still be finished: a check, a choice or a failure may have come in between. */
function canFinish({ crew, halted, files, state }: FlowContext): boolean {
  const { plan } = crew;
  return (
    plan?.ledger.complete === true && !halted && files.result === undefined && state !== 'failed' && wantsAny(plan)
  );
}

/** Whether any file is wanted. Otherwise there is nothing to assemble, and what was fetched is kept. */
function wantsAny({ info, options }: Pick<RunPlan, 'info' | 'options'>): boolean {
  return wantsAnyFile(info, options);
}

/** Whether what is missing is to come from other machines. */
export function lacksOthers({ options, crew }: FlowContext): boolean {
  return options.together !== undefined && crew.ledger?.complete !== true;
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

/** The files that an assembly made; throws the reason if there are none. */
export function assembledFiles({ result, error, state }: Outcome): readonly string[] {
  if (result !== undefined) return result;
  if (error !== undefined) throw new EnsembleError(error.code, error.message);
  if (state === 'complete') throw new EnsembleError('interrupted', 'The assembly was stopped.');
  throw new EnsembleError('verification', 'Some pieces were wrong: they are fetched again.');
}

/** Whether these are all wanted files; if not, the new choice is handled next. */
function isAll(result: readonly string[], { info, options }: RunPlan): boolean {
  const wanted = wantedPaths(info, options);
  return wanted.length === result.length && wanted.every((path, i) => path === result[i]);
}

/** Whether there are pieces that reach into unwanted files, and so lost a part with the working folder. */
function lostTheirRest({ crew, torrent }: FlowContext): boolean {
  const { plan } = crew;
  const { geometry } = torrent;
  if (plan?.options.filePriorities === undefined || geometry === undefined) return false;
  const { info, options, ledger } = plan;
  const servable = servablePieces({ info, geometry, options });
  return [...ledger.present.indexes()].some((p) => !servable.has(p));
}
