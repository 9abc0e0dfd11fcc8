import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { DownloadSnapshot, Engine } from '../engine/engine.ts';
import { ordinaryOptions } from '../engine/download-options.ts';
import { NO_WAYS } from '../engine/tuning.ts';
import { EnsembleError } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import { NodeClock } from '../node/clock.ts';
import type { Clock } from '../ports/clock.ts';
import type { EntryScripts } from './entry-scripts.ts';
import { createEngine } from './coordinator.ts';
import { sameFiles, startLocalSwarm } from './local-swarm.ts';
import { temporaryFolder } from './system-folders.ts';

const MEBIBYTES = 64;
const SEEDS = 6;
const UPLOAD_RATE = 2 * 1024 * 1024;
const IDENTITIES = 4;
/** A demonstration that takes longer than this has failed. */
const TIME_LIMIT = 120_000;
/** Milliseconds between looks at the download. */
const PERIOD = millis(200);

export interface DemoOptions {
  /** When aborted, everything ends, and the demonstration rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** A sentence at each step. */
  onStep(text: string): void;
  onProgress(snapshot: DownloadSnapshot, engine: Engine): void;
}

export interface DemoResult {
  readonly snapshot: DownloadSnapshot;
  /** Whether the assembled file is byte for byte the generated one. */
  readonly identical: boolean;
  readonly seconds: number;
}

/** A real multi-identity download that needs nobody else: local tracker and seeds, four identities, assembly, comparison. */
export async function runDemo(scripts: EntryScripts, options: DemoOptions): Promise<DemoResult> {
  const folder = await temporaryFolder('ensemble-demo-');
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    options.onStep(
      `Generating ${MEBIBYTES} MiB and starting a tracker and ${SEEDS} seeds on this machine, each with an upload of 2 MiB/s`,
    );
    const engine = await createEngine(scripts);
    undo.push(() => engine.close());
    // All should be ready before the swarm is, or the first one would be connected with most of the few seeds.
    engine.prepare(IDENTITIES);
    const swarm = await startLocalSwarm({ folder, mebibytes: MEBIBYTES, seeds: SEEDS, uploadRate: UPLOAD_RATE });
    undo.push(() => swarm.close());
    options.signal.throwIfAborted();
    options.onStep(`Starting ${IDENTITIES} identities, each a process and a client of its own`);
    const output = path.join(folder, 'download');
    await mkdir(output);
    const clock = new NodeClock();
    const started = clock.now();
    const key = await engine.add(
      { kind: 'torrent', data: swarm.torrent },
      ordinaryOptions(output, { identities: IDENTITIES, bind: ['127.0.0.1'], ...NO_WAYS }),
    );
    const snapshot = await finished(engine, key, options, clock);
    const seconds = Math.round(clock.now() - started) / 1000;
    options.onStep('Comparing the assembled file with the generated one');
    const [result] = snapshot.result ?? [];
    const identical = result !== undefined && (await sameFiles(result, swarm.payload));
    return { snapshot, identical, seconds };
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

function finished(
  engine: Engine,
  key: DownloadSnapshot['key'],
  options: DemoOptions,
  clock: Clock,
): Promise<DownloadSnapshot> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      timer.cancel();
      options.signal.removeEventListener('abort', aborted);
    };
    const aborted = (): void => {
      stop();
      reject(options.signal.reason as Error);
    };
    const started = clock.now();
    const timer = clock.every(PERIOD, () => {
      const snapshot = engine.download(key);
      if (snapshot === undefined) return;
      options.onProgress(snapshot, engine);
      if (snapshot.state === 'done') {
        stop();
        resolve(snapshot);
      } else if (snapshot.error !== undefined) {
        stop();
        reject(new EnsembleError(snapshot.error.code, snapshot.error.message));
      } else if (clock.now() - started > TIME_LIMIT) {
        stop();
        reject(
          new EnsembleError(
            'timed-out',
            `The demonstration has not ended after ${TIME_LIMIT / 1000} s; it normally takes less than 20.`,
          ),
        );
      }
    });
    options.signal.addEventListener('abort', aborted);
  });
}
