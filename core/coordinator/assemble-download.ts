import { identityIndex, piece } from '../base/ids.ts';
import { MESSAGES_VERSION } from '../identity/messages.ts';
import { EnsembleError } from '../base/errors.ts';
import { wantedFiles } from './file-choice.ts';
import { locationOf, type RunPlan } from './run-plan.ts';
import { assemble } from '../assembly/assemble.ts';
import type { AssemblyInput } from '../assembly/work.ts';
import type { DownloadEnv } from './download-env.ts';

/**
 * Joins the pieces (A13), in a worker process unless there is nothing to read: the files under their final names,
 * or the pieces that are wrong.
 */
export async function assembleDownload(
  env: Pick<DownloadEnv, 'jobs' | 'ports'>,
  plan: RunPlan,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<{ readonly files: readonly string[] } | { readonly badPieces: Uint32Array }> {
  const { info, ledger, options, members } = plan;
  const trusted = Uint8Array.from({ length: info.pieceCount }, (_, p) => (ledger.synced.has(p) ? 1 : 0));
  const input: Omit<AssemblyInput, 'info'> = {
    location: locationOf(plan, identityIndex(0), false),
    count: members.length,
    owners: ledger.owners,
    trusted,
    wantedFiles: wantedFiles(info, options.filePriorities),
    replace: options.reuse,
  };
  if (options.layout === 'in-place' && trusted.every((one, p) => one === 1 || !ledger.wants(piece(p)))) {
    // Files that lie where they belong are renamed: no payload is read, and a process would take longer to start.
    const done = await assemble(env.ports, { ...input, info }, (part, all) => onProgress(part / all), signal);
    return 'files' in done ? done : { badPieces: Uint32Array.from(done.badPieces) };
  }
  const job = { type: 'assemble', version: MESSAGES_VERSION, rawInfo: info.raw, ...input } as const;
  const result = await env.jobs.run(job, onProgress, signal);
  if (result.type === 'assembled') return { files: result.files };
  if (result.type === 'bad-pieces') return { badPieces: result.pieces };
  throw new EnsembleError('invalid-message', `The worker answered an assembly with "${result.type}".`);
}
