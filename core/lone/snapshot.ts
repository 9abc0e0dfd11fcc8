import type { Endpoint } from '../base/endpoint.ts';
import { bytes, bytesPerSecond, type Millis } from '../base/ids.ts';
import type { DownloadOptions, DownloadSnapshot } from '../engine/engine.ts';
import type { SwarmStatus } from '../engine/statuses.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import { PieceShare, type ShareMap } from '../strategy/pieces/share-map.ts';

/** The state of an identity without a coordinator. */
export interface LoneStanding {
  readonly info: Info;
  readonly setup: DownloadSetup;
  readonly options: DownloadOptions;
  readonly share: ShareMap;
  readonly status: SwarmStatus | undefined;
  /** Where it listens. */
  readonly endpoint: Endpoint | undefined;
  /** Whether its share is done. */
  readonly done: boolean;
  /** How many pieces it verified in this run, and how many that are there came from it in any run. */
  readonly pieces: number;
  readonly held: number;
  readonly hashFailures: number;
  /** When it began, Unix milliseconds, and how long it has been at work. */
  readonly added: Millis;
  readonly active: Millis;
}

/** Shows it as a download with one identity. */
export function loneSnapshot(now: LoneStanding): DownloadSnapshot {
  const { info, setup, share, status, endpoint, done, active } = now;
  const total = info.pieceCount;
  const present = share.count(PieceShare.present);
  const wanted = total - share.count(PieceShare.unwanted);
  const { pieceLength } = new Geometry(info);
  const size = (n: number): number => Math.min(info.length, n * pieceLength);
  const none = bytesPerSecond(0);
  const rate = { down: status?.down ?? none, up: status?.up ?? none };
  const moved = {
    downloaded: status?.downloaded ?? bytes(0),
    uploaded: status?.uploaded ?? bytes(0),
    wasted: status?.wasted ?? bytes(0),
  };
  return {
    key: setup.key,
    infoHash: info.infoHash,
    name: info.name,
    state: done ? 'complete' : 'downloading',
    added: now.added,
    pieces: { have: present, wanted, total, toGo: Math.max(0, wanted - present) },
    pieceLength: info.pieceLength,
    files: info.files.filter((file) => !file.padding).length,
    fileSlots: info.files.length,
    private: info.private,
    bytes: { have: size(present), wanted: size(wanted), total: info.length },
    rate,
    peers: status?.peers ?? 0,
    ...moved,
    duplicatePieces: 0,
    hashFailures: now.hashFailures,
    identities: [
      {
        index: setup.identity,
        state: done ? 'left' : status?.state === 'no-address' ? 'no-address' : 'downloading',
        ...(endpoint === undefined ? {} : { address: endpoint.host, port: endpoint.port }),
        pieces: now.pieces,
        held: now.held,
        rate,
        ...moved,
        peers: status?.peers ?? 0,
        seeds: status?.seeds ?? 0,
        claimed: 0,
        reachability: status?.reachability ?? { kind: 'unknown' },
        active,
        restarts: 0,
      },
    ],
    options: now.options,
    active,
  };
}
