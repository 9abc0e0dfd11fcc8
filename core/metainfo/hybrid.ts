import { EnsembleError } from '../base/errors.ts';
import { totalLength } from './content-v1.ts';
import { shownPath } from './renamed.ts';
import type { TorrentFile } from './torrent.ts';

/**
 * The files of a hybrid: those of version 1, padding included, with the roots of version 2. Both halves must describe the same files
 * in the same places (BEP 52, "upgrade path"). Throws EnsembleError('invalid-torrent') that names the first file that differs.
 */
export function joinHalves(v1: readonly TorrentFile[], v2: readonly TorrentFile[], pieceLength: number): TorrentFile[] {
  let at = 0;
  const joined = v1.map((file): TorrentFile => {
    if (file.padding) return file;
    const other = v2[at++];
    if (other === undefined || !isSameFile(file, other)) throw differs(file, other);
    const { root } = other;
    return root === undefined ? file : { ...file, root };
  });
  const more = v2[at];
  if (more !== undefined) throw differs(undefined, more);
  // Only so much may follow the last file as fills its last piece: some makers put it there, some do not.
  const total = totalLength(v1);
  const end = v2.reduce((most, { offset, length }) => (length === 0 ? most : Math.max(most, offset + length)), 0);
  if (total !== end && total !== Math.ceil(end / pieceLength) * pieceLength) {
    throw new EnsembleError(
      'invalid-torrent',
      `The torrent's halves of version 1 and 2 differ: one has ${total} bytes, the other ${end}.`,
    );
  }
  return joined;
}

function isSameFile(a: TorrentFile, b: TorrentFile): boolean {
  if (a.length !== b.length || (a.length > 0 && a.offset !== b.offset)) return false;
  // Nothing of an empty file but that it is there matters to either half.
  return a.length === 0 || shownName(a) === shownName(b);
}

function shownName({ path, own = path }: TorrentFile): string {
  return own.join('/');
}

function differs(a: TorrentFile | undefined, b: TorrentFile | undefined): EnsembleError {
  const describe = (file: TorrentFile | undefined): string =>
    file === undefined
      ? 'no further file'
      : `"${shownPath(file.own ?? file.path)}" with ${file.length} bytes from byte ${file.offset} on`;
  return new EnsembleError(
    'invalid-torrent',
    `The torrent's halves of version 1 and 2 do not describe the same files: ${describe(a)} in one, ${describe(b)} in the other.`,
  );
}
