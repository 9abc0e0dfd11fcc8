import { toldOf } from '../../metainfo/known-info.ts';
import { EnsembleError } from '../../base/errors.ts';
import { identityIndex, piece } from '../../base/ids.ts';
import { MESSAGES_VERSION } from '../../identity/messages.ts';
import type { DownloadEnv } from '../download-env.ts';
import { locationOf } from '../run/run-plan.ts';
import type { PrepareInput } from './prepare-input.ts';

/** Files with final names, or a working folder, where each piece lies with its owner. */
type Place = { readonly where: 'target' } | { readonly where: 'folder'; readonly owners: Uint8Array };

/** Has a worker read pieces; resolves to one byte for each piece of the torrent, 1 where it was read and is right. */
export async function readPieces(
  { jobs }: Pick<DownloadEnv, 'jobs'>,
  input: PrepareInput,
  pieces: Uint32Array,
  place: Place,
): Promise<Uint8Array> {
  const { info, geometry, options } = input;
  const job = {
    type: 'recheck',
    version: MESSAGES_VERSION,
    ...toldOf(info),
    location: locationOf(input, identityIndex(0), place.where === 'target'),
    count: options.identities,
    pieces,
    ...(place.where === 'folder' ? { owners: place.owners } : {}),
  } as const;
  const bytes = pieces.reduce((sum, p) => sum + geometry.pieceSize(piece(p)), 0);
  const result = await input.away(() => jobs.recheck(job, bytes, input.progress, input.signal));
  if (result.type !== 'rechecked' || result.good.length !== info.pieceCount) {
    throw new EnsembleError('invalid-message', `The worker answered a recheck with "${result.type}" of another form.`);
  }
  return result.good;
}
