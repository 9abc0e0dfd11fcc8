/** A file of a torrent, as it is shown before the torrent is added. `index`: its place among all files, padding too. */
export interface ListedFile {
  readonly index: number;
  readonly path: readonly string[];
  readonly length: number;
}

/** Files as three arrays, which go between processes in no time, however many they are. */
export interface PackedFiles {
  readonly indexes: Uint32Array;
  readonly lengths: Float64Array;
  /** UTF-8: the parts of each path after a slash each, each file ended by a zero byte; no name holds either. */
  readonly paths: Uint8Array;
}

export function packFiles(files: readonly ListedFile[]): PackedFiles {
  return {
    indexes: Uint32Array.from(files, ({ index }) => index),
    lengths: Float64Array.from(files, ({ length }) => length),
    paths: new TextEncoder().encode(files.map(({ path }) => `${path.join('/')}\0`).join('')),
  };
}

export function unpackFiles({ indexes, lengths, paths }: PackedFiles): ListedFile[] {
  const texts = new TextDecoder('utf-8', { ignoreBOM: true }).decode(paths).split('\0');
  return Array.from(indexes, (index, i) => ({
    index,
    path: (texts[i] ?? '').split('/'),
    length: lengths[i] ?? 0,
  }));
}
