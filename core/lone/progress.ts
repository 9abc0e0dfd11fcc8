import { toldOf } from '../metainfo/known-info.ts';
import { Bitfield } from '../base/bitfield.ts';
import { counted } from '../base/counted.ts';
import { piece as pieceIndex, UNKNOWN_OWNER } from '../base/ids.ts';
import type { ClaimStore } from '../claims/claim-store.ts';
import { changedInFolder } from '../coordinator/download/changed-files.ts';
import { piecePriorities } from '../coordinator/download/file-choice.ts';
import type { DownloadOptions } from '../engine/engine.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import { recordLost } from '../store/records/journal.ts';
import { recheck } from '../store/layouts/recheck.ts';
import { loadState } from '../store/records/state.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import { maybeWritten, recordFound } from './lost-record.ts';
import type { LonePorts } from './setup.ts';

interface LoneProgress {
  readonly setup: DownloadSetup;
  readonly info: Info;
  readonly options: DownloadOptions;
  readonly store: ClaimStore;
  /** Whether it fetches pieces from the swarm; undefined: it does. */
  readonly exchange?: { readonly fetches: boolean };
  warn(text: string): void;
}

/**
 * Completes a setup with what lies in the working folder. Pieces of this identity are read again if an unclean end left them in
 * doubt or they lie in files that somebody else changed; where its own records are damaged or gone, so is all that it may have
 * written. Siblings check their own pieces.
 */
export async function withProgress(
  ports: LonePorts,
  { setup, info, options, store, warn, exchange }: LoneProgress,
): Promise<DownloadSetup> {
  const { identity, location, count } = setup;
  const { infoHash, pieceCount } = info;
  const { workFolder } = location;
  const state = await loadState(ports.disk, { workFolder, infoHash, pieceCount, identity });
  const geometry = new Geometry(info);
  const isOwn = (piece: number): boolean => (state.owners[piece] ?? UNKNOWN_OWNER) === identity;
  const unsynced = state.unsynced.filter(isOwn);
  const have = new Bitfield(pieceCount);
  for (const p of state.have.indexes()) if (isOwn(p)) have.add(p);
  for (const piece of unsynced) have.delete(piece);
  // With the layout `in-place` all write to the same files, so that any sibling may have been the last.
  const writer = options.layout === 'in-place' ? undefined : identity;
  const believed = { have, owners: state.owners, clean: false, writer };
  const watched = { info, geometry, options, workFolder, chosen: location.chosen, warn };
  const changed = await changedInFolder(ports, watched, believed);
  const doubtful = [...unsynced, ...changed];
  const known = { info, geometry, options, have: state.have };
  const lost = state.damaged ? await maybeWritten(ports.disk, store, setup, known) : [];
  if (doubtful.length + lost.length > 0) {
    for (const piece of lost) state.owners[piece] = identity;
    const pieces = Uint32Array.from([...doubtful, ...lost]);
    const good = await recheck(ports, { info, geometry, location, count, pieces, owners: state.owners }, () => {});
    const bad = doubtful.filter((piece) => good[piece] !== 1);
    await recordLost(ports.disk, workFolder, infoHash, pieceCount, bad);
    for (const piece of bad) state.have.delete(piece);
    for (const piece of lost) {
      if (good[piece] === 1) state.have.add(piece);
      else state.owners[piece] = UNKNOWN_OWNER;
    }
  }
  if (state.damaged) {
    const own = [...state.have.indexes()].filter(isOwn).map(pieceIndex);
    await recordFound(ports.disk, setup, info, own);
    // Nothing is said of an identity that is new here.
    const what = `The record of what identity ${identity} has was damaged or gone`;
    if (own.length > 0) warn(`${what}: ${counted(own.length, 'piece')} found by reading what lies there.`);
  }
  const fetches = exchange?.fetches ?? true;
  const priorities = piecePriorities(info, geometry, options);
  const missing = fetches ? PieceShare.open : PieceShare.unwanted;
  const shares = new Uint8Array(pieceCount);
  for (let p = 0; p < pieceCount; p++) {
    if (state.have.has(pieceIndex(p))) shares[p] = PieceShare.present;
    else shares[p] = priorities !== undefined && priorities[p] === 0 ? PieceShare.unwanted : missing;
  }
  return {
    ...setup,
    ...toldOf(info),
    hashes: info.id,
    shares,
    ...(priorities === undefined ? {} : { priorities }),
    owners: state.owners,
    begun: state.begun.filter(({ piece }) => !state.have.has(piece)),
  };
}
