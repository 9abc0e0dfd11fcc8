import type { DownloadSnapshot } from '../engine/engine.ts';
import { LIMIT_MODE, limitOf } from './seeding.ts';

/** `status` of a torrent (`tr_torrent_activity`). */
export const STATUS = {
  stopped: 0,
  waitsToCheck: 1,
  checking: 2,
  waitsToDownload: 3,
  downloading: 4,
  waitsToSeed: 5,
  seeding: 6,
} as const;

/**
 * What it does. As long as its files have not got their names it counts as checking: other programs take a torrent that is stopped
 * or seeds and lacks nothing for finished, and move its files.
 */
export function statusOf({ state, options, pieces }: Pick<DownloadSnapshot, 'state' | 'options' | 'pieces'>): number {
  switch (state) {
    case 'metadata':
    case 'downloading':
      return STATUS.downloading;
    case 'checking':
    case 'assembling':
    case 'moving':
      return STATUS.checking;
    case 'complete':
      return options.assemble ? STATUS.checking : STATUS.stopped;
    case 'seeding':
      return STATUS.seeding;
    case 'queued':
      return pieces.total > 0 && pieces.toGo === 0 ? STATUS.waitsToSeed : STATUS.waitsToDownload;
    case 'paused':
    case 'done':
    case 'failed':
    case 'missing-files':
      return STATUS.stopped;
    default:
      return state satisfies never;
  }
}

/** `error`: 0 none, 1 a tracker warns, 2 a tracker fails, 3 something here. */
export function errorOf({ error, stall }: Pick<DownloadSnapshot, 'error' | 'stall'>): {
  readonly code: number;
  readonly message: string;
} {
  if (error !== undefined) return { code: 3, message: error.message };
  if (stall?.kind === 'tracker') return { code: 2, message: stall.message };
  return { code: 0, message: '' };
}

/** No estimate can be made, or none is needed. */
export const ETA_NONE = -1;
export const ETA_UNKNOWN = -2;

/** `eta`: seconds until it is complete, or, while it seeds to a ratio, until that is reached. `ratio`: that of all torrents, if there is one. */
export function etaOf(download: DownloadSnapshot, ratio: number | undefined): number {
  const { state, timeLeft, options, rate, downloaded, uploaded, bytes } = download;
  if (timeLeft !== undefined) return Math.ceil(timeLeft / 1000);
  if (state === 'downloading' || state === 'metadata') return ETA_UNKNOWN;
  const { mode, limit } = limitOf(options.seed, 'ratio', ratio ?? 0);
  const holds = mode === LIMIT_MODE.own || (mode === LIMIT_MODE.global && ratio !== undefined);
  if (state !== 'seeding' || !holds) return ETA_NONE;
  const toGo = limit * (downloaded > 0 ? downloaded : bytes.have) - uploaded;
  if (toGo <= 0) return 0;
  return rate.up > 0 ? Math.ceil(toGo / rate.up) : ETA_UNKNOWN;
}

/** `uploadRatio`: -1 where nothing came or went yet. */
export function ratioOf({ downloaded, uploaded, bytes }: DownloadSnapshot): number {
  const base = downloaded > 0 ? downloaded : bytes.have;
  if (base > 0) return uploaded / base;
  return uploaded > 0 ? -2 : -1;
}
