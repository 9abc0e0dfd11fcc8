import * as lab from '../../core/lab/real/payload.ts';

export type { Payload } from '../../core/lab/real/payload.ts';

/** A file of so many MiB of random bytes. */
export const makePayload = (folder: string, mib: number): lab.Payload => lab.makePayload(folder, mib * 2 ** 20);

/** Writes a torrent of that file, with pieces of so many KiB. */
export function makeTorrent(
  payload: lab.Payload,
  pieceKib: number,
  trackers: readonly string[],
  to: string,
  webSeeds: readonly string[] = [],
): string {
  return lab.makeTorrent(payload, to, { pieceLength: pieceKib * 1024, trackers, webSeeds });
}
