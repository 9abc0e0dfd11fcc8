import type { DownloadOptions, DownloadSnapshot, Source } from '../engine/engine.ts';
import { EnsembleError } from '../base/errors.ts';
import { type IdentityIndex, millis } from '../base/ids.ts';
import { DirectoryStore } from '../claims/directory-store.ts';
import { PatientDisk } from '../claims/patient-disk.ts';
import { defaultWorkFolder } from '../coordinator/folder/work-folder.ts';
import {
  linkedPriorities,
  namedPeers,
  namedWebSeeds,
  type Origin,
  readSource,
} from '../coordinator/download/source.ts';
import type { StorePlace } from '../base/store-place.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import type { Clock } from '../ports/clock.ts';
import { withSources } from '../metainfo/named-sources.ts';
import type { Info } from '../metainfo/torrent.ts';
import { confined, foldersOf, whereTheyLie } from '../store/confined.ts';
import { agreeOnManifest, type Manifest, meetingFolder } from '../store/records/manifest.ts';
import { LoneDht, type LoneDhtOptions } from './lone-dht.ts';
import { LoneRun } from './lone-run.ts';
import { meet } from './meet.ts';
import { fetchMetadata } from './metadata.ts';
import { type LonePorts, loneSetup } from './setup.ts';

/** How often progress is reported: often enough for a display. */
const PROGRESS_PERIOD = millis(200);

/** One identity alone, with a common directory or a fixed range (A2, A6). */
export interface LoneOptions {
  readonly source: Source;
  readonly index: IdentityIndex;
  /** `identities` is K; where `common` is undefined it fetches its own range, which it leaves below `output`. */
  readonly options: DownloadOptions;
  /** Where it meets those on other machines, in place of a common directory. What it verifies lies below `output`. */
  readonly store?: StorePlace;
  /** When aborted, it leaves the swarm, keeps what is there, and rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly dht?: LoneDhtOptions;
  /** About five times a second. Counts are those of this identity. */
  onProgress(snapshot: DownloadSnapshot): void;
  /** A sentence for people about something that goes wrong without ending it. */
  onWarning?(text: string): void;
}

export interface LoneResult {
  /** The last snapshot. */
  readonly snapshot: DownloadSnapshot;
  /** Absolute folder where its pieces lie, for `ensemble assemble`. */
  readonly folder: string;
}

/** Runs one identity in this process, without a coordinator: resolves when its share is done and it has left. */
export async function runLone(real: LonePorts, lone: LoneOptions): Promise<LoneResult> {
  const dht = new LoneDht(real, lone.dht);
  await dht.start();
  try {
    return await run(real, dht, lone);
  } finally {
    await dht.close();
  }
}

async function run(real: LonePorts, dht: LoneDht, lone: LoneOptions): Promise<LoneResult> {
  const { index, signal } = lone;
  const warn = (text: string): void => lone.onWarning?.(text);
  const given = readSource(lone.source);
  const setupIn = (folder: string, named: Origin): DownloadSetup => loneSetup(real, named, lone.options, index, folder);
  const fetched = (): ReturnType<typeof fetchMetadata> =>
    fetchMetadata(real, dht, setupIn(lone.options.output, given), namedPeers(lone.options, given), signal);
  const { info, named } = given.info === undefined ? await fetched() : { info: given.info };
  const origin = named === undefined ? given : withSources(given, named);
  const filePriorities = lone.options.filePriorities ?? linkedPriorities(origin, info);
  // What siblings on other machines have cannot be read here.
  const sharing = lone.store === undefined ? {} : { share: false };
  const options = { ...lone.options, ...sharing, ...(filePriorities === undefined ? {} : { filePriorities }) };
  const peers = namedPeers(options, { ...origin, info });
  refusePrivate(info, options);
  const { identities: count, layout, selection, output, common } = options;
  const ours = defaultWorkFolder(common ?? output, info.name, info.infoHash);
  const folder = common === undefined ? ours : await meetingFolder(real.disk.within(common), common, ours);
  const disk = new PatientDisk({ disk: real.disk, clock: real.clock, folder, onTrouble: warn });
  const ports = { ...real, disk };
  const own: Manifest = { infoHash: info.infoHash, count, layout, selection };
  const chosen = await whereTheyLie(real.disk, foldersOf({ workFolder: folder, output }));
  const within = { ...real, disk: confined(disk, { workFolder: folder, output, chosen }) };
  const { leaseSeconds } = await agreeOnManifest(within.disk, folder, own, `identity-${index}`);
  const place = { ports: within, folder, infoHash: info.infoHash, pieceCount: info.pieceCount, identity: index };
  const met = lone.store && (await meet({ ...place, count, selection, store: lone.store, signal, warn }));
  const store =
    met?.store ??
    new DirectoryStore({ ...place, pieceFiles: layout === 'pieces', expect: (name) => disk.expect(name) });
  const agreed = leaseSeconds === undefined ? undefined : millis(leaseSeconds * 1000);
  const held = met?.lease ?? agreed;
  const lease = held === undefined ? {} : { lease: held };
  const { bootId, host } = await real.processFacts.self();
  const machine = `${bootId} ${host}`;
  const { location, ...rest } = setupIn(folder, { ...origin, webSeeds: namedWebSeeds(origin, info) });
  const setup = { ...rest, location: { ...location, chosen } };
  try {
    const alone = await LoneRun.open(ports, { info, setup, options, store, machine, peers, dht, warn, ...lease });
    const snapshot = await follow(alone, disk, real.clock, lone);
    return { snapshot, folder };
  } finally {
    await met?.part();
  }
}

async function follow(
  run: LoneRun,
  disk: PatientDisk,
  clock: Clock,
  { signal, onProgress }: LoneOptions,
): Promise<DownloadSnapshot> {
  const timer = clock.every(PROGRESS_PERIOD, () => onProgress(run.snapshot()));
  try {
    await new Promise<void>((resolve, reject) => {
      const aborted = (): void => reject(signal.reason as Error);
      if (signal.aborted) aborted();
      signal.addEventListener('abort', aborted, { once: true });
      run.ended.then(resolve, reject);
    });
  } finally {
    timer.cancel();
    if (signal.aborted) disk.hurry();
    await run.close(signal.aborted);
  }
  const last = run.snapshot();
  onProgress(last);
  return last;
}

function refusePrivate(info: Info, options: DownloadOptions): void {
  if (!info.private || options.identities === 1 || options.allowPrivate) return;
  throw new EnsembleError(
    'private',
    `${info.name} is a private torrent: its tracker may ban those who join with several identities. ` +
      `Confirm that ${options.identities} are meant with --allow-private.`,
  );
}
