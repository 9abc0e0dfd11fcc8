import {
  bytes,
  type BytesPerSecond,
  bytesPerSecond,
  type IdentityIndex,
  type Millis,
  piece,
  UNKNOWN_OWNER,
} from '../../base/ids.ts';
import type {
  DownloadSnapshot,
  FileSnapshot,
  PeerSnapshot,
  PieceMapSnapshot,
  SourceSnapshot,
  TrackerSnapshot,
} from '../../engine/engine.ts';
import { parseProxyUrl, shownProxy } from '../../base/proxy-url.ts';
import { STALLED_AFTER, stallOf } from '../../engine/stall.ts';
import { PIECE } from '../../engine/piece-codes.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Download } from './download.ts';
import { filePriority } from './file-choice.ts';
import type { PieceLedger } from './piece-ledger.ts';
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

/** A download as any front end sees it. */
export function shown({ info, ledger, totals, ...rest }: Shown): DownloadSnapshot {
  const { identities, options } = rest;
  // Their passwords are nobody's business but the identities'.
  const proxies = options.proxies.flatMap((url) => parseProxyUrl(url) ?? []).map(shownProxy);
  const sum = (of: (one: (typeof identities)[number]) => number): number => identities.reduce((n, i) => n + of(i), 0);
  const total = { pieces: info?.pieceCount ?? 0, bytes: info === undefined ? 0 : payloadLength(info) };
  const pieces = ledger?.pieces ?? { have: 0, wanted: total.pieces, wantedHave: 0 };
  const held = ledger?.bytes ?? { have: 0, wanted: total.bytes };
  return {
    ...rest,
    options: proxies.length === 0 ? options : { ...options, proxies },
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
    return member.snapshot(now, pid, run?.desk.claimed(member.index) ?? 0, ledger?.fetchedBy(member.index) ?? 0);
  });
  const snapshot = shown({
    key: download.key,
    infoHash: torrent.infoHash,
    ...hashFields(torrent.id),
    name: torrent.name,
    state: download.state,
    added: download.added,
    info: torrent.info,
    ledger,
    totals: stats.totals,
    duplicatePieces: run?.desk.duplicates ?? 0,
    hashFailures: run?.hashFailures ?? 0,
    identities,
    options: download.options,
    active: stats.active,
    seeded: stats.seeding.seeded,
    place,
  });
  const stall = stallOf({
    state: download.state,
    idle: stats.idle,
    identities: identities.map(({ state }) => state),
    peers: snapshot.peers,
    useful: sumOf(download, 'useful'),
    choking: sumOf(download, 'choking'),
    trackers: stats.idle < STALLED_AFTER ? [] : trackerSnapshots(download, now),
    limit: mostDown,
  });
  const { finished } = download;
  const { trackerHosts } = torrent;
  return {
    ...snapshot,
    rate: { ...snapshot.rate, up: bytesPerSecond(snapshot.rate.up + download.web.recent(now).up) },
    ...torrent.origin.facts,
    ...(queued === undefined ? {} : { queued }),
    ...(trackerHosts.length === 0 ? {} : { trackerHosts }),
    ...(finished === undefined ? {} : { finished }),
    ...(timeLeft === undefined ? {} : { timeLeft }),
    ...(stall === undefined ? {} : { stall }),
    ...(work.fraction === undefined ? {} : { work: work.fraction }),
    ...(error === undefined ? {} : { error }),
    ...(result === undefined ? {} : { result, pieces: { ...snapshot.pieces, toGo: 0 } }),
  };
}

function sumOf({ members }: Download, what: 'useful' | 'choking'): number {
  return members.reduce((sum, { status }) => sum + (status?.[what] ?? 0), 0);
}

/** Undefined while the metadata is not there. */
export function pieceMapSnapshot(download: Download): PieceMapSnapshot | undefined {
  const { ledger, run } = download.crew;
  const { info } = download.torrent;
  if (info === undefined) return undefined;
  const pieces = new Uint8Array(info.pieceCount).fill(PIECE.missing);
  if (ledger !== undefined) {
    const { present, placed, owners } = ledger;
    for (let p = 0; p < pieces.length; p++) {
      const owner = owners[p] ?? UNKNOWN_OWNER;
      if (present.has(p)) pieces[p] = owner < download.members.length ? owner : PIECE.fromBefore;
      else if (placed.has(p)) pieces[p] = PIECE.fromBefore;
      else if (!ledger.wants(piece(p))) pieces[p] = PIECE.unwanted;
    }
  }
  const begun: number[] = [];
  for (const { index, status } of download.members) {
    status?.begun.forEach((p, i) => {
      if (pieces[p] !== PIECE.missing && pieces[p] !== PIECE.fetching) return;
      pieces[p] = PIECE.fetching;
      begun.push(p, index, status.begunFill[i] ?? 0);
    });
  }
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
