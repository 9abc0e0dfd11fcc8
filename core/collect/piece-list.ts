import { type InfoHash, piece as pieceIndex, type PieceIndex } from '../base/ids.ts';

/** Most pieces that one request asks for. */
export const MOST_PIECES = 512;
/** Most characters of their list: MOST_PIECES numbers of six digits each, and a comma. */
const MOST_TEXT = MOST_PIECES * 7;
const FORM = /^\/([0-9a-f]{40}|[0-9a-f]{64})\/([0-9,-]+)$/;
const RUN = /^(0|[1-9]\d{0,7})(?:-([1-9]\d{0,7}))?$/;

/** The path of a request for these pieces, ascending, whose bytes follow one another in the answer: `/<info-hash>/3,7,19-25`. */
export function piecesPath(infoHash: InfoHash, pieces: readonly PieceIndex[]): string {
  const runs: [number, number][] = [];
  for (const piece of pieces) {
    const last = runs.at(-1);
    if (last?.[1] === piece - 1) last[1] = piece;
    else runs.push([piece, piece]);
  }
  return `/${infoHash}/${runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')}`;
}

/** The pieces that are asked for; undefined where the path is none of this torrent, or asks for what cannot be. */
export function piecesAsked(path: string, infoHash: InfoHash, pieceCount: number): PieceIndex[] | undefined {
  const [, hash, list = ''] = FORM.exec(path.slice(0, MOST_TEXT + 100)) ?? [];
  if (hash !== infoHash || list.length > MOST_TEXT) return undefined;
  const out: PieceIndex[] = [];
  for (const run of list.split(',')) {
    const [, first, last = first] = RUN.exec(run) ?? [];
    if (first === undefined || Number(last) < Number(first) || Number(last) >= pieceCount) return undefined;
    // Ascending: none is asked for twice.
    if (Number(first) <= (out.at(-1) ?? -1) || out.length + Number(last) - Number(first) + 1 > MOST_PIECES)
      return undefined;
    for (let p = Number(first); p <= Number(last); p++) out.push(pieceIndex(p));
  }
  return out;
}
