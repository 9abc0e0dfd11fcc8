import {
  bytes,
  type BytesPerSecond,
  bytesPerSecond,
  type IdentityIndex,
  millis,
  type Millis,
  piece,
} from '../../base/ids.ts';
import type {
  DownloadOptions,
  DownloadSnapshot,
  FileSnapshot,
  IdentitySnapshot,
  PeerSnapshot,
  PieceMapSnapshot,
  SourceSnapshot,
  TrackerSnapshot,
} from '../../engine/engine.ts';
import { parseProxyUrl, shownProxy } from '../../base/proxy-url.ts';
import { STALLED_AFTER, stallOf, waitsForMachines } from '../../engine/stall.ts';
import { PIECE } from '../../engine/piece-codes.ts';
import { shownChoice } from '../../base/store-place.ts';
import type { Machines } from '../run/machines.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Download } from './download.ts';
import { filePriority } from './file-choice.ts';
import type { PieceLedger } from './piece-ledger.ts';
import { codesOf, markBegun } from './piece-map.ts';
import { payloadLength } from '../../metainfo/payload-length.ts';
import { hashFields } from '../../metainfo/torrent-id.ts';

/** What is to be shown of a download, whoever shares it out. */
export interface Shown extends Pick<
  DownloadSnapshot,
  | 'key'
  | 'infoHash'
  | 'infoHashV1'
  | 'infoHashV2'
  | 'name'
  | 'state'
  | 'added'
  | 'duplicatePieces'
  | 'hashFailures'
  | 'identities'
  | 'options'
  | 'active'
  | 'seeded'
  | 'place'
> {
  readonly info: Info | undefined;
  readonly ledger: PieceLedger | undefined;
  /** Payload bytes. */
  readonly totals: { readonly downloaded: number; readonly uploaded: number; readonly wasted: number };
}

/** A snapshot that is being made. Thousands are asked for at once: to copy one into another, as spreading does, takes longer than all else. */
type Made = { -readonly [K in keyof DownloadSnapshot]: DownloadSnapshot[K] };

/** A download as any front end sees it. */
export function shown(what: Shown): Made {
  const { info, ledger, totals, identities, options, infoHashV1, infoHashV2 } = what;
  const sum = (of: (one: (typeof identities)[number]) => number): number => identities.reduce((n, i) => n + of(i), 0);
  const total = { pieces: info?.pieceCount ?? 0, bytes: info === undefined ? 0 : payloadLength(info) };
  const pieces = ledger?.pieces ?? { have: 0, wanted: total.pieces, wantedHave: 0 };
  const held = ledger?.bytes ?? { have: 0, wanted: total.bytes };
  const made: Made = {
    key: what.key,
    infoHash: what.infoHash,
    name: what.name,
    state: what.state,
    added: what.added,
    duplicatePieces: what.duplicatePieces,
    hashFailures: what.hashFailures,
    identities,
    active: what.active,
    seeded: what.seeded,
    place: what.place,
    options: shownOptions(options),
    pieces: {
      have: pieces.have,
      wanted: pieces.wanted,
      total: total.pieces,
      toGo: pieces.wanted - pieces.wantedHave,
    },
    pieceLength: info?.pieceLength ?? 0,
    files: info?.files.filter((file) => !file.padding).length ?? 0,
    fileSlots: info?.files.length ?? 0,
    private: info?.private ?? false,
    bytes: { have: held.have, wanted: held.wanted, total: total.bytes },
    rate: { down: bytesPerSecond(sum((i) => i.rate.down)), up: bytesPerSecond(sum((i) => i.rate.up)) },
    peers: sum((i) => i.peers),
    downloaded: bytes(totals.downloaded),
    uploaded: bytes(totals.uploaded),
    wasted: bytes(totals.wasted),
  };
  if (infoHashV1 !== undefined) made.infoHashV1 = infoHashV1;
  if (infoHashV2 !== undefined) made.infoHashV2 = infoHashV2;
  return made;
}

/** Without passwords, which are nobody's business but the identities'. */
function shownOptions(options: DownloadOptions): DownloadOptions {
  const { proxies, together } = options;
  if (proxies.length === 0 && together === undefined) return options;
  return {
    ...options,
    proxies: proxies.flatMap((url) => parseProxyUrl(url) ?? []).map(shownProxy),
    ...(together !== undefined && { together: shownChoice(together) }),
  };
}

/** A download of a coordinator. `mostDown`: the lowest limit that holds for it; 0: none. */
export function downloadSnapshot(
  download: Download,
  now: Millis,
  mostDown: BytesPerSecond,
  pidOf: (identity: IdentityIndex) => number | undefined,
  { place, queued }: Pick<DownloadSnapshot, 'place' | 'queued'>,
): DownloadSnapshot {
  const { crew, work, error, stats, torrent } = download;
  const { ledger, run } = crew;
  const { result } = download.files;
  const timeLeft = download.state === 'downloading' ? stats.timeLeft(mostDown) : undefined;
  const identities = download.members.map((member) => {
    const running = member.taking || member.phase === 'leaving';
    const pid = running ? pidOf(member.index) : undefined;
    return member.snapshot(now, pid, run?.claimed(member.index) ?? 0, ledger?.fetchedBy(member.index) ?? 0);
  });
  const { machines } = run ?? {};
  const made = shown({
    key: download.key,
    infoHash: torrent.infoHash,
    ...hashFields(torrent.id),
    name: torrent.name,
    state: download.state,
    added: download.added,
    info: torrent.info,
    ledger,
    totals: stats.totals,
    duplicatePieces: run?.duplicates ?? 0,
    hashFailures: run?.hashFailures ?? 0,
    identities,
    options: download.options,
    active: stats.active(now),
    seeded: stats.seeding.seeded,
    place,
  });
  const { state } = download;
  // Thousands of seeds wait for nothing.
  const idle = state === 'downloading' || state === 'metadata' ? stats.idle : millis(0);
  const stall = stallOf({
    state,
    idle,
    identities: identities.map(({ state }) => state),
    fetches: download.members.some(({ fetches }) => fetches),
    peers: made.peers,
    useful: sumOf(download, 'useful'),
    choking: sumOf(download, 'choking'),
    trackers: idle >= STALLED_AFTER ? trackerSnapshots(download, now) : [],
    limit: mostDown,
  });
  const { finished } = download;
  const { trackerHosts } = torrent;
  const { comment, createdBy, created } = torrent.origin.facts ?? {};
  const { down: collected, up: given } = machines?.rate ?? { down: 0, up: 0 };
  made.rate = {
    down: bytesPerSecond(made.rate.down + collected),
    up: bytesPerSecond(made.rate.up + given + download.web.recent(now).up),
  };
  if (machines !== undefined) {
    made.identities = withMachines(identities, machines);
    made.meeting = machines.snapshot;
  }
  if (comment !== undefined) made.comment = comment;
  if (createdBy !== undefined) made.createdBy = createdBy;
  if (created !== undefined) made.created = created;
  if (queued !== undefined) made.queued = queued;
  if (trackerHosts.length > 0) made.trackerHosts = trackerHosts;
  if (finished !== undefined) made.finished = finished;
  if (timeLeft !== undefined) made.timeLeft = timeLeft;
  if (stall !== undefined && !waitsForMachines(made.meeting)) made.stall = stall;
  if (work.fraction !== undefined) made.work = work.fraction;
  if (error !== undefined) made.error = error;
  if (result !== undefined) {
    made.result = result;
    made.pieces = { ...made.pieces, toGo: 0 };
  }
  return made;
}

/** What came from other machines lies here, but was fetched by them. */
function withMachines(own: readonly IdentitySnapshot[], machines: Machines): IdentitySnapshot[] {
  const others = machines.identities;
  const ours = own.map((one) => ({ ...one, held: machines.held ?? one.held }));
  return [...ours, ...others].sort((a, b) => a.index - b.index);
}

function sumOf({ members }: Download, what: 'useful' | 'choking'): number {
  return members.reduce((sum, { status }) => sum + (status?.[what] ?? 0), 0);
}

/** Undefined while the metadata is not there. */
export function pieceMapSnapshot(download: Download): PieceMapSnapshot | undefined {
  const { ledger, run } = download.crew;
  const { info } = download.torrent;
  if (info === undefined) return undefined;
  const pieces =
    ledger === undefined
      ? new Uint8Array(info.pieceCount).fill(PIECE.missing)
      : codesOf(ledger, download.members.length);
  const begun = markBegun(pieces, download.members);
  begun.push(...(run?.machines?.mark(pieces) ?? []));
  let availability: Uint16Array | undefined;
  return {
    key: download.key,
    pieces,
    begun: Uint32Array.from(begun),
    // Computed on access, as it is a sum over all identities.
    get availability() {
      return (availability ??= run?.availability.total(download.members) ?? new Uint16Array(info.pieceCount));
    },
  };
}

/** Empty while the metadata is not there; padding is left out. */
export function fileSnapshots(download: Download): FileSnapshot[] {
  const { options } = download;
  const { ledger } = download.crew;
  const { info, geometry } = download.torrent;
  if (info === undefined || geometry === undefined) return [];
  return info.files.flatMap((file, index) => {
    if (file.padding) return [];
    const range = geometry.piecesOf(index);
    let have = 0;
    if (range !== undefined && ledger !== undefined) {
      for (let p: number = range.first; p <= range.last; p++) {
        if (!ledger.present.has(p) && !ledger.placed.has(p)) continue;
        const start = Math.max(file.offset, geometry.pieceOffset(piece(p)));
        const end = Math.min(file.offset + file.length, geometry.pieceOffset(piece(p)) + geometry.pieceSize(piece(p)));
        have += end - start;
      }
    }
    const priority = filePriority(info, options.filePriorities, index);
    const pieces = range === undefined ? {} : { pieces: { first: range.first, last: range.last } };
    return [{ index, path: file.path.join('/'), length: file.length, ...pieces, have, priority }];
  });
}

export function sourceSnapshots({ members }: Pick<Download, 'members'>, now: Millis): SourceSnapshot[] {
  return members.flatMap((member) => member.sources(now).map((source) => ({ ...source, identity: member.index })));
}

export function trackerSnapshots(download: Pick<Download, 'members'>, now: Millis): TrackerSnapshot[] {
  return sourceSnapshots(download, now).flatMap((source) =>
    source.kind === 'tracker' ? source.trackers.map((one) => ({ ...one, identity: source.identity })) : [],
  );
}

export function peerSnapshots(download: Download): PeerSnapshot[] {
  return download.members.flatMap(({ index, peerList }) => peerList.map((peer) => ({ ...peer, identity: index })));
}
