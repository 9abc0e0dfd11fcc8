import { EnsembleError } from '../../base/errors.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import type { Info } from '../../metainfo/torrent.ts';

/** Throws EnsembleError('private') for several identities on a private torrent (BEP 27), unless that was confirmed (A18). */
export function checkPrivate(info: Info, options: DownloadOptions): void {
  const alone = options.identities === 1 && options.together === undefined;
  if (!info.private || alone || options.allowPrivate) return;
  if (options.together !== undefined) {
    throw new EnsembleError(
      'private',
      `${info.name} is a private torrent: its tracker may ban those who join from several machines. ` +
        'Fetch it alone, or confirm that they are meant (--allow-private).',
    );
  }
  throw new EnsembleError(
    'private',
    `${info.name} is a private torrent: its tracker may ban those who join with several identities. ` +
      `Use one identity, or confirm that ${options.identities} are meant (--allow-private).`,
  );
}
