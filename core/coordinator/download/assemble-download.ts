import { toldOf } from '../../metainfo/known-info.ts';
import { identityIndex, piece } from '../../base/ids.ts';
import { MESSAGES_VERSION } from '../../identity/messages.ts';
import { EnsembleError } from '../../base/errors.ts';
import type { StopSignal } from '../../base/stopper.ts';
import { wantedFiles, wantedPieces } from './file-choice.ts';
import { locationOf, type RunPlan } from '../run/run-plan.ts';
import { assemble } from '../../assembly/assemble.ts';
import type { AssemblyInput } from '../../assembly/work.ts';
import { changedAtTarget, changedInFolder } from './changed-files.ts';
import { Geometry } from '../../metainfo/geometry.ts';
import type { FileTimes } from '../../store/records/foreign-changes.ts';
import type { DownloadEnv } from '../download-env.ts';

/** The result of an assembly. */
export interface Assembled {
  /** Absolute paths of the files under their final names. */
  readonly files: readonly string[];
  readonly times: FileTimes;
}

/**
 * Assembles the files (A13), in a worker process unless there is nothing to read. Resolves to the files under their final names, or
 * to the pieces that are wrong. No identity may have a file open.
 */
export async function assembleDownload(
  env: Pick<DownloadEnv, 'jobs' | 'ports'>,
  plan: RunPlan,
  warn: (text: string) => void,
  onProgress: (fraction: number) => void,
  signal: StopSignal,
): Promise<Assembled | { readonly badPieces: Uint32Array }> {
  const { info, ledger, options, members, workFolder, chosen } = plan;
  const watched = { info, geometry: new Geometry(info), options, workFolder, chosen, warn };
  const trusted = Uint8Array.from({ length: info.pieceCount }, (_, p) => (ledger.synced.has(p) ? 1 : 0));
  if (options.layout === 'in-place') {
    const believed = { have: ledger.synced, owners: ledger.owners, clean: true };
    for (const p of await changedInFolder(env.ports, { ...watched, signal }, believed)) trusted[p] = 0;
  }
  const done = await join();
  if (!('files' in done)) return done;
  const wanted = wantedPieces(watched);
  // Where it was told to stop too late the files have their names all the same.
  return { ...done, times: (await changedAtTarget(env.ports, watched, wanted, undefined)).newest };

  async function join(): Promise<Pick<Assembled, 'files'> | { readonly badPieces: Uint32Array }> {
    const input: Omit<AssemblyInput, 'info'> = {
      location: locationOf(plan, identityIndex(0), false),
      count: members.length,
      owners: ledger.owners,
      trusted,
      wantedFiles: wantedFiles(info, options.filePriorities),
      replace: options.reuse,
    };
    const allTrusted = ledger.placed.isEmpty && trusted.every((one, p) => one === 1 || !ledger.wants(piece(p)));
    if (options.layout === 'in-place' && allTrusted) {
      // Files that lie where they belong are renamed: no payload is read, and a process would take longer to start.
      const renamed = await assemble(
        env.ports,
        { ...input, info, leaveRest: true },
        (part, all) => onProgress(part / all),
        signal,
      );
      return 'files' in renamed ? renamed : { badPieces: Uint32Array.from(renamed.badPieces) };
    }
    const job = {
      type: 'assemble',
      version: MESSAGES_VERSION,
      ...toldOf(info),
      ...input,
    } as const;
    const result = await env.jobs.run(job, onProgress, signal);
    if (result.type === 'assembled') return { files: result.files };
    if (result.type === 'bad-pieces') return { badPieces: result.pieces };
    throw new EnsembleError('invalid-message', `The worker answered an assembly with "${result.type}".`);
  }
}
