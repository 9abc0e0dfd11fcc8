import type { BytesPatch, DetailPatch, StatePatch } from '../patches.ts';
import { HISTORY_SAMPLES, LOG_LINES } from '../patches.ts';
import type { AppState, Detail, DetailPart, DownloadView, History, LogLine } from '../views.ts';

/** The state after a patch. Unchanged parts stay the same objects, so that views of them need not be drawn again. */
export function mergeState(state: AppState, patch: StatePatch): AppState {
  if (patch.downloads.length === 0 && patch.removed.length === 0) return { ...state, ...patch.state };
  const removed = new Set(patch.removed);
  const changed = new Map(patch.downloads.map((one) => [one.key, one]));
  const downloads = state.downloads
    .filter((one) => !removed.has(one.key))
    .map((one) => {
      const change = changed.get(one.key);
      changed.delete(one.key);
      return change === undefined ? one : { ...one, ...change };
    });
  // The patches that are left are new downloads, with all their fields.
  for (const one of changed.values()) downloads.push(one as DownloadView);
  return { ...state, ...patch.state, downloads };
}

/** A detail of which nothing is known yet. */
export function emptyDetail(key: Detail['key']): Detail {
  return {
    key,
    map: null,
    identities: null,
    peers: null,
    sources: null,
    files: null,
    fileState: null,
    history: null,
    log: null,
  };
}

/** The detail after a patch. Arrays of numbers are new objects where they changed, so that they can be compared with `===`. */
export function mergeDetail(before: Detail | undefined, patch: DetailPatch): Detail {
  const detail = before === undefined || patch.seq === 0 ? emptyDetail(patch.key) : before;
  const { pieces, availability, begun } = patch;
  const map =
    pieces === undefined && availability === undefined && begun === undefined
      ? detail.map
      : {
          pieces: mergeBytes(detail.map?.pieces, pieces),
          availability: mergeBytes(detail.map?.availability, availability),
          begun: begun ?? detail.map?.begun ?? new Uint32Array(0),
        };
  return {
    key: patch.key,
    map,
    identities: patch.identities ?? detail.identities,
    peers: patch.peers ?? detail.peers,
    sources: patch.sources ?? detail.sources,
    files: patch.files ?? detail.files,
    fileState: patch.fileState ?? detail.fileState,
    history: patch.history === undefined ? detail.history : appendHistory(detail.history, patch.history),
    log: patch.log === undefined ? detail.log : appendLog(detail.log, patch.log),
  };
}

/** The same detail without the parts that are not watched any more. */
export function keepParts(detail: Detail, parts: readonly DetailPart[]): Detail {
  const kept = new Set<DetailPart>(parts);
  return {
    key: detail.key,
    map: kept.has('map') ? detail.map : null,
    identities: kept.has('identities') ? detail.identities : null,
    peers: kept.has('peers') ? detail.peers : null,
    sources: kept.has('sources') ? detail.sources : null,
    files: kept.has('files') ? detail.files : null,
    fileState: kept.has('files') ? detail.fileState : null,
    history: kept.has('history') ? detail.history : null,
    log: kept.has('log') ? detail.log : null,
  };
}

/** What changed from one array to another, with ranges that lie close together joined. Undefined: nothing. */
export function diffBytes(before: Uint8Array | undefined, after: Uint8Array): BytesPatch | undefined {
  const { length } = after;
  if (before === undefined || before.length !== length) {
    return { length, ranges: Uint32Array.of(0, length), bytes: after.slice() };
  }
  const ranges: number[] = [];
  let total = 0;
  let start = -1;
  let end = -1;
  for (let i = 0; i < length; i++) {
    if (before[i] === after[i]) continue;
    if (start >= 0 && i - end > JOIN) {
      ranges.push(start, end - start);
      total += end - start;
      start = i;
    } else if (start < 0) start = i;
    end = i + 1;
  }
  if (start < 0) return undefined;
  ranges.push(start, end - start);
  total += end - start;
  const bytes = new Uint8Array(total);
  let at = 0;
  for (let r = 0; r < ranges.length; r += 2) {
    const from = ranges[r] ?? 0;
    const size = ranges[r + 1] ?? 0;
    bytes.set(after.subarray(from, from + size), at);
    at += size;
  }
  return { length, ranges: Uint32Array.from(ranges), bytes };
}

/** A range costs 8 bytes of its own, so that sending a gap of up to this length along is cheaper. */
const JOIN = 8;

function mergeBytes(before: Uint8Array | undefined, patch: BytesPatch | undefined): Uint8Array {
  if (patch === undefined) return before ?? new Uint8Array(0);
  const out = before?.length === patch.length ? before.slice() : new Uint8Array(patch.length);
  let at = 0;
  for (let r = 0; r + 1 < patch.ranges.length; r += 2) {
    const start = patch.ranges[r] ?? 0;
    const size = patch.ranges[r + 1] ?? 0;
    if (start + size > out.length || at + size > patch.bytes.length) break;
    out.set(patch.bytes.subarray(at, at + size), start);
    at += size;
  }
  return out;
}

function appendHistory(before: History | null, more: History): History {
  if (before === null || before.identities !== more.identities) return more;
  const { identities } = more;
  const drop = Math.max(0, before.times.length + more.times.length - HISTORY_SAMPLES);
  const times = new Float64Array(before.times.length - drop + more.times.length);
  times.set(before.times.subarray(drop));
  times.set(more.times, before.times.length - drop);
  const join = (a: Float32Array, b: Float32Array): Float32Array => {
    const out = new Float32Array(times.length * identities);
    out.set(a.subarray(drop * identities));
    out.set(b, a.length - drop * identities);
    return out;
  };
  return { identities, times, down: join(before.down, more.down), up: join(before.up, more.up) };
}

function appendLog(before: readonly LogLine[] | null, more: readonly LogLine[]): readonly LogLine[] {
  return [...(before ?? []), ...more].slice(-LOG_LINES);
}
