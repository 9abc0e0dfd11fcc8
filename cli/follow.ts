import { EnsembleError } from '../core/base/errors.ts';
import { millis } from '../core/base/ids.ts';
import type { TorrentKey } from '../core/base/ids.ts';
import type { DownloadSnapshot, Engine } from '../core/engine/engine.ts';
import type { Context } from './context.ts';
import { NoPeers } from './output/no-peers.ts';
import type { Reporter } from './output/reporter.ts';

/** How often the piece map is asked for (ms): less often than frames are drawn, as it may be large. */
const MAP_PERIOD = 1000;
const LARGE_MAP = 20_000;

interface FollowOptions {
  readonly engine: Engine;
  readonly key: TorrentKey;
  readonly reporter: Reporter;
  /** It is one of several, and tells what concerns it alone. */
  readonly oneOfSeveral?: boolean;
  /** Asked at each look; true ends the display. */
  ended(snapshot: DownloadSnapshot): boolean;
}

/**
 * Shows a download until `ended` says so. Rejects with the download's own error where it has failed, and with
 * the signal's reason where that is aborted.
 */
export function follow(context: Context, options: FollowOptions): Promise<DownloadSnapshot> {
  const { engine, key, reporter, oneOfSeveral = false, ended } = options;
  const { clock } = context.backend;
  let map: ReturnType<Engine['pieceMap']>;
  let mapAt = Number.NEGATIVE_INFINITY;
  let state: DownloadSnapshot['state'] | undefined;
  const noPeers = new NoPeers();
  const ways = () => ({ trackers: engine.trackers(key), dhtNodes: engine.dhtNodes() });
  const currentMap = () => {
    const now = clock.now();
    if (map === undefined || map.pieces.length < LARGE_MAP || now - mapAt >= MAP_PERIOD) {
      map = engine.pieceMap(key);
      mapAt = now;
    }
    return map;
  };
  return new Promise<DownloadSnapshot>((resolve, reject) => {
    const look = () => {
      try {
        const snapshot = engine.download(key);
        if (snapshot === undefined) throw new EnsembleError('interrupted', 'The download was removed.');
        ({ state } = snapshot);
        reporter.progress(snapshot, currentMap);
        const why = noPeers.look(snapshot, ways, clock.now());
        if (why !== undefined) reporter.message(why);
        if (snapshot.state === 'failed' || snapshot.state === 'missing-files') {
          throw new EnsembleError(snapshot.error?.code ?? 'disk', snapshot.error?.message ?? 'The download failed.');
        }
        if (ended(snapshot)) finish(() => resolve(snapshot));
      } catch (error) {
        finish(() => reject(error));
      }
    };
    const timer = clock.every(millis(reporter.period), look);
    // A new state is looked at as soon as it is reported, so that a choice made when the metadata is there comes before the
    // download acts.
    const unlisten = engine.onEvent((event) => {
      const concerns = event.key === key || (event.key === undefined && !oneOfSeveral);
      if (event.type === 'log' && event.level !== 'info' && concerns) reporter.message(event.message);
      if (event.type === 'changed' && event.key === key && engine.download(key)?.state !== state) look();
    });
    const abort = () => finish(() => reject(context.signal.reason));
    let over = false;
    function finish(settle: () => void): void {
      if (over) return;
      over = true;
      timer.cancel();
      unlisten();
      context.signal.removeEventListener('abort', abort);
      settle();
    }
    context.signal.addEventListener('abort', abort);
    if (context.signal.aborted) abort();
    else look();
  });
}

/** The same context whose signal is also aborted, with EnsembleError('timed-out'), after `seconds`. */
export function withTimeout(
  context: Context,
  seconds: number | undefined,
  sentence = `Not done after ${seconds} s. What is there is kept: the same command goes on from it.`,
): { context: Context; cancel: () => void } {
  if (seconds === undefined) return { context, cancel: () => {} };
  const late = new AbortController();
  const timer = context.backend.clock.after(millis(seconds * 1000), () =>
    late.abort(new EnsembleError('timed-out', sentence)),
  );
  return {
    context: { ...context, signal: AbortSignal.any([context.signal, late.signal]) },
    cancel: () => timer.cancel(),
  };
}
