import { identityIndex } from '../base/ids.ts';
import { MESSAGES_VERSION } from '../identity/messages.ts';
import { EnsembleError } from '../base/errors.ts';
import { wantedFiles } from './file-choice.ts';
import { locationOf, type RunPlan } from './run-plan.ts';
import type { WorkerJobs } from './worker-jobs.ts';

/** Joins the pieces in a worker process (A13): the files under their final names, or the pieces that are wrong. */
export async function assembleDownload(
  jobs: WorkerJobs,
  plan: RunPlan,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<{ readonly files: readonly string[] } | { readonly badPieces: Uint32Array }> {
  const { info, ledger, options, members } = plan;
  const trusted = Uint8Array.from({ length: info.pieceCount }, (_, p) => (ledger.synced.has(p) ? 1 : 0));
  const result = await jobs.run(
    {
      type: 'assemble',
      version: MESSAGES_VERSION,
      rawInfo: info.raw,
      location: locationOf(plan, identityIndex(0), false),
      count: members.length,
      owners: ledger.owners,
      trusted,
      wantedFiles: wantedFiles(info, options.filePriorities),
      replace: options.reuse,
    },
    onProgress,
    signal,
  );
  if (result.type === 'assembled') return { files: result.files };
  if (result.type === 'bad-pieces') return { badPieces: result.pieces };
  throw new EnsembleError('invalid-message', `The worker answered an assembly with "${result.type}".`);
}
