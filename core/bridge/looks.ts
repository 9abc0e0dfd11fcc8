import type { DownloadOptions } from '../engine/download-options.ts';
import type {
  DownloadSnapshot,
  Engine,
  FileSnapshot,
  Links,
  PieceMapSnapshot,
  TrackerSnapshot,
} from '../engine/engine.ts';

// What clients are told that ask once and follow nothing, such as commands: the engine's snapshots, cut to what was asked for.

const IN_SHORT = [
  'key',
  'infoHash',
  'infoHashV1',
  'infoHashV2',
  'name',
  'state',
  'added',
  'finished',
  'place',
  'queued',
  'bytes',
  'rate',
  'peers',
  'timeLeft',
  'downloaded',
  'uploaded',
  'work',
  'stall',
  'error',
] as const satisfies readonly (keyof DownloadSnapshot)[];
const OPTIONS_IN_SHORT = [
  'output',
  'category',
  'tags',
  'identities',
] as const satisfies readonly (keyof DownloadOptions)[];

/** A download as a list shows it. */
export type DownloadLine = Pick<DownloadSnapshot, (typeof IN_SHORT)[number]> & {
  readonly options: Pick<DownloadOptions, (typeof OPTIONS_IN_SHORT)[number]>;
};

/** What may be large, and is told where it is asked for. */
export const LOOK_PARTS = ['map', 'files', 'trackers', 'result'] as const;
export type LookPart = (typeof LOOK_PARTS)[number];

export interface Look {
  /** Without priorities of files; with `result` where that was asked for. */
  readonly download: DownloadSnapshot;
  readonly map?: PieceMapSnapshot;
  readonly files?: readonly FileSnapshot[];
  readonly trackers?: { readonly tiers: Links['trackers']; readonly known: readonly TrackerSnapshot[] };
}

export function lineOf(snapshot: DownloadSnapshot): DownloadLine {
  return { ...picked(snapshot, IN_SHORT), options: picked(snapshot.options, OPTIONS_IN_SHORT) };
}

export function lookOf(
  engine: Pick<Engine, 'pieceMap' | 'files' | 'trackers' | 'links'>,
  { result, ...snapshot }: DownloadSnapshot,
  parts: readonly LookPart[],
): Look {
  const { key } = snapshot;
  const { filePriorities: _, names: __, ...options } = snapshot.options;
  const map = parts.includes('map') ? engine.pieceMap(key) : undefined;
  return {
    download: { ...snapshot, options, ...(parts.includes('result') && result !== undefined ? { result } : {}) },
    ...(map === undefined ? {} : { map }),
    ...(parts.includes('files') ? { files: engine.files(key) } : {}),
    ...(parts.includes('trackers')
      ? { trackers: { tiers: engine.links(key)?.trackers ?? [], known: engine.trackers(key) } }
      : {}),
  };
}

/** Those of these fields that are there. */
function picked<T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]])) as Pick<
    T,
    K
  >;
}
