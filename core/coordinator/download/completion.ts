import { EnsembleError, type ErrorCode } from '../../base/errors.ts';
import type { DownloadOptions, DownloadState } from '../../engine/engine.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import { shouldSeed } from '../../strategy/upload/seed-rule.ts';
import { assembleDownload, type Assembled } from './assemble-download.ts';
import type { DownloadEnv } from '../download-env.ts';
import type { Figures } from './figures.ts';
import { servablePieces } from './file-choice.ts';
import type { Member } from '../run/member.ts';
import type { PieceLedger } from './piece-ledger.ts';
import type { Run } from '../run/run.ts';
import type { RunPlan } from '../run/run-plan.ts';
import type { FileTimes } from '../../store/records/foreign-changes.ts';
import { wantedPaths } from '../folder/target.ts';
import type { WorkingCopy } from '../folder/working-copy.ts';

/** How often assembly may find wrong pieces before the disk is blamed. */
const MAX_BAD_ROUNDS = 3;

/** What completion needs of a download. */
export interface Completing {
  readonly env: DownloadEnv;
  readonly name: string;
  readonly options: DownloadOptions;
  readonly members: readonly Member[];
  readonly figures: Figures;
  readonly copy: WorkingCopy;
  readonly run: Run | undefined;
  readonly plan: RunPlan | undefined;
  readonly geometry: Geometry | undefined;
  /** It is paused, or about to be removed: nothing new is begun. */
  readonly halted: boolean;
  readonly state: DownloadState;
  result: readonly string[] | undefined;
  placed: readonly string[] | undefined;
  /** Newest times of these files. */
  times: FileTimes | undefined;
  work: number | undefined;
  job: AbortController | undefined;
  badRounds: number;
  enter(state: DownloadState): void;
  warn(message: string): void;
  save(): Promise<void>;
  anew(): Promise<void>;
}

/** The state in which an assembly left its download. */
type Outcome = Pick<Completing, 'result'> & {
  readonly error: { readonly code: ErrorCode; readonly message: string } | undefined;
  readonly state: DownloadState;
};

/** Every wanted piece is there: identities that do not seed leave, and the files are assembled. */
export async function finishDownload(download: Completing): Promise<void> {
  const { run, members } = download;
  const [first] = members;
  if (run === undefined || first === undefined || !canFinish(download)) return;
  download.enter('complete');
  const seed = seedRuleHolds(download);
  // A single identity is an ordinary client, which tells its tracker `completed` even if it leaves then.
  if (first.phase === 'active' && (seed || members.length === 1)) run.seedWith(first);
  // An identity that is leaving already may be bringing its part into order; it may seed again only after that.
  const leaving = seed && first.phase === 'active' ? members.slice(1) : members;
  await Promise.all(leaving.map((member) => run.team.leave(member)));
  await download.save();
  // More may have been chosen meanwhile: identities that were called for that leave when it is there, too.
  if (download.state !== 'complete' || download.plan?.ledger.complete !== true) return;
  if (download.options.assemble) await assembleNow(download);
  else await seedByRule(download);
}

/** Whether the download can still be finished: a check, a choice or a failure may have come in between. */
function canFinish({ plan, halted, result, state }: Completing): boolean {
  return plan?.ledger.complete === true && !halted && result === undefined && state !== 'failed' && wantsAny(plan);
}

/** Whether any file is wanted. Otherwise there is nothing to assemble, and what was fetched is kept. */
function wantsAny({ info, options }: Pick<RunPlan, 'info' | 'options'>): boolean {
  return wantedPaths(info, options).length > 0;
}

/** Assembles the files, whatever the options say, unless that was done already. */
export async function assembleNow(download: Completing): Promise<void> {
  const { run, plan, env } = download;
  if (run === undefined || plan === undefined || download.result !== undefined || download.halted) return;
  if (!wantsAny(plan)) return;
  download.enter('assembling');
  // The options as they are now: files that are chosen meanwhile are fetched afterwards.
  const fixed = { ...plan };
  const job = new AbortController();
  download.job = job;
  await run.team.closeFiles();
  try {
    await download.copy.expectSame();
    const progress = (fraction: number): void => {
      download.work = fraction;
    };
    const warn = (message: string): void => download.warn(message);
    const outcome = await assembleDownload(env, fixed, warn, progress, job.signal);
    if ('files' in outcome) await assembled(download, run, plan, outcome);
    else await fetchAgain(download, run, plan, outcome.badPieces);
  } catch (error) {
    run.moved();
    // It was stopped on purpose, so everything is where it was.
    if (job.signal.aborted && !download.halted) download.enter('complete');
    else throw error;
  } finally {
    download.work = undefined;
  }
}

/** Assembles if everything is there: the records may have said so, but the check may have found otherwise. */
export function assembleWhatIsThere(download: Completing): Promise<void> {
  return download.plan?.ledger.complete === true ? assembleNow(download) : Promise.resolve();
}

/** Throws EnsembleError('usage') while pieces are missing, or nothing is wanted. */
export function checkAssemblable({
  name,
  ledger,
  plan,
}: Completing & { readonly ledger: PieceLedger | undefined }): void {
  if (plan !== undefined && !wantsAny(plan)) {
    throw new EnsembleError('usage', `${name} cannot be assembled: none of its files is wanted.`);
  }
  if (ledger?.complete === true) return;
  const missing = ledger === undefined ? 'all' : ledger.pieces.wanted - ledger.pieces.wantedHave;
  throw new EnsembleError('usage', `${name} cannot be assembled yet: ${missing} pieces are missing.`);
}

/** The files that an assembly made; throws the reason if there are none. */
export function assembledFiles({ result, error, state }: Outcome): readonly string[] {
  if (result !== undefined) return result;
  if (error !== undefined) throw new EnsembleError(error.code, error.message);
  if (state === 'complete') throw new EnsembleError('interrupted', 'The assembly was stopped.');
  throw new EnsembleError('verification', 'Some pieces were wrong: they are fetched again.');
}

/** Seeds a download that is assembled, or complete and waiting for that, as long as the rule says. */
export async function seedByRule(download: Completing): Promise<void> {
  const { run, plan, result, state } = download;
  const [first] = download.members;
  if (run === undefined || first === undefined || download.halted) return;
  if (result === undefined && state !== 'complete') return;
  // A failed download stays failed until it is resumed, whatever the rule says.
  if (state === 'failed') return;
  if (seedRuleHolds(download)) {
    if (result !== undefined && plan !== undefined && lostTheirRest(download) && isAll(result, plan))
      return download.anew();
    if (result !== undefined) download.enter('seeding');
    run.seedWith(first);
  } else {
    await run.team.leaveAll();
    await download.save();
    if (result !== undefined) download.enter('done');
  }
}

export function seedRuleHolds({ figures, plan, options }: Completing): boolean {
  const { downloaded, uploaded } = figures.totals;
  return shouldSeed(options.seed, Math.max(downloaded, plan?.ledger.bytes.have ?? 0), uploaded);
}

async function assembled(download: Completing, run: Run, plan: RunPlan, outcome: Assembled): Promise<void> {
  download.result = outcome.files;
  download.placed = outcome.files;
  download.times = outcome.times;
  run.assembled = true;
  // From now on nothing may be uploaded that is not on disk any more.
  if (lostTheirRest(download)) run.setPaused(true);
  run.moved();
  // Files that were chosen meanwhile are fetched in another run.
  if (plan.ledger.unsettle() && plan.ledger.complete) run.desk.choiceChanged();
  await download.env.keep();
  await download.copy.clear();
  await seedByRule(download);
}

/** Whether these are all wanted files; if not, the new choice is handled next. */
function isAll(result: readonly string[], { info, options }: RunPlan): boolean {
  const wanted = wantedPaths(info, options);
  return wanted.length === result.length && wanted.every((path, i) => path === result[i]);
}

/** Whether there are pieces that reach into unwanted files, and so lost a part with the working folder. */
function lostTheirRest({ plan, geometry }: Completing): boolean {
  if (plan?.options.filePriorities === undefined || geometry === undefined) return false;
  const { info, options, ledger } = plan;
  const servable = servablePieces({ info, geometry, options });
  return [...ledger.present.indexes()].some((p) => !servable.has(p));
}

async function fetchAgain(download: Completing, run: Run, plan: RunPlan, pieces: Uint32Array): Promise<void> {
  run.moved();
  if (++download.badRounds > MAX_BAD_ROUNDS) {
    throw new EnsembleError(
      'verification',
      `${pieces.length} pieces of ${download.name} were wrong on disk each time they were fetched: check the disk.`,
    );
  }
  download.warn(`${pieces.length} pieces of ${download.name} were missing or wrong on disk: they are fetched again.`);
  await download.copy.takeBack(plan.info, pieces);
  download.enter('downloading');
  run.fetchAgain(pieces);
  await download.save();
}
