import type { DownloadOptions, DownloadSnapshot, PieceMapSnapshot, Source } from '../engine/engine.ts';
import { EnsembleError } from '../base/errors.ts';
import { type IdentityIndex, identityIndex, millis } from '../base/ids.ts';
import { DirectoryStore } from '../claims/directory-store.ts';
import { PatientDisk } from '../claims/patient-disk.ts';
import { defaultWorkFolder } from '../coordinator/folder/work-folder.ts';
import { linkedPriorities, namedPeers, namedWebSeeds, type Origin } from '../coordinator/download/source.ts';
import type { StorePlace } from '../base/store-place.ts';
import type { Clock } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';
import type { Info } from '../metainfo/torrent.ts';
import { confined, foldersOf, whereTheyLie } from '../store/confined.ts';
import { agreeOnManifest, type Manifest, meetingFolder, readManifest } from '../store/records/manifest.ts';
import { expectRoom, finish } from './finish.ts';
import { LoneDht, type LoneDhtOptions } from './lone-dht.ts';
import { LoneRun } from './lone-run.ts';
import { meet, type Meeting, takePlace } from './meet.ts';
import { knownOrigin } from './metadata.ts';
import { type LonePorts, loneSetup } from './setup.ts';

/** How often progress is reported: often enough for a display. */
const PROGRESS_PERIOD = millis(200);

/** Whoever takes part in no swarm asks nobody there, and tells nobody. */
const ALONE = { dht: false, lsd: false, pex: false, portMap: false, peers: [], collect: 'here' } as const;
const NO_SOURCES = { trackers: [], webSeeds: [], torrentUrls: [], nodes: [] };

/** One identity alone, with a common directory or a fixed range (A2, A6). */
export interface LoneOptions {
  readonly source: Source;
  /** Undefined: the first place that is free at the server. */
  readonly index?: IdentityIndex;
  /** With a free place: how many machines there are at most; undefined: as the others say, or as many as may be. */
  readonly machines?: number | undefined;
  /** What people call the link by which it leaves, as `options` say it. */
  readonly link?: string | undefined;
  /** False: it fetches nothing from the swarm, only what other machines have. */
  readonly fetch?: false;
  /** Whether what is all here is assembled in the output folder. */
  readonly finish?: boolean;
  /** `identities` is K; where `common` is undefined it fetches its own range, which it leaves below `output`. */
  readonly options: DownloadOptions;
  /** Where it meets those on other machines, in place of a common directory. What it verifies lies below `output`. */
  readonly store?: StorePlace;
  /** When aborted, it leaves the swarm, keeps what is there, and rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly dht?: LoneDhtOptions;
  /** About five times a second. Counts are those of this identity; at a server identities of other machines are there, too. */
  onProgress(snapshot: DownloadSnapshot, map: () => PieceMapSnapshot | undefined): void;
  /** A sentence for people about something that goes wrong without ending it. */
  onWarning?(text: string): void;
}

export interface LoneResult {
  /** The last snapshot. */
  readonly snapshot: DownloadSnapshot;
  /** Absolute folder where its pieces lie, for `ensemble assemble`. */
  readonly folder: string;
  /** Paths of the assembled files; undefined: not all is here, or it was not to be assembled. */
  readonly files?: readonly string[];
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
  const { signal } = lone;
  const warn = (text: string): void => lone.onWarning?.(text);
  const fetches = lone.fetch !== false;
  const first = lone.index ?? identityIndex(0);
  const { info, origin } = await knownOrigin(real, dht, { ...lone, index: first });
  const chosenOptions = optionsOf(lone, origin, info);
  if (fetches) refusePrivate(info, chosenOptions);
  const { layout, selection, output, common } = chosenOptions;
  const ours = defaultWorkFolder(common ?? output, info.name, info.infoHash);
  const folder = common === undefined ? ours : await meetingFolder(real.disk.within(common), common, ours);
  const disk = new PatientDisk({ disk: real.disk, clock: real.clock, folder, onTrouble: warn });
  const ports = { ...real, disk };
  const chosen = await whereTheyLie(real.disk, foldersOf({ workFolder: folder, output }));
  const within = { ...real, disk: confined(disk, { workFolder: folder, output, chosen }) };
  if (lone.finish === true) await expectRoom(within.disk, folder, info, chosenOptions);
  const { infoHash, pieceCount } = info;
  const group = { ports: within, folder, infoHash, pieceCount, selection, signal, warn };
  const meeting = lone.store && { ...group, store: lone.store };
  const place = meeting && lone.index === undefined ? await placeIn(meeting, within.disk, lone.machines) : undefined;
  const index = place?.identity ?? first;
  const options = { ...chosenOptions, identities: place?.count ?? chosenOptions.identities };
  const { identities: count } = options;
  const peers = fetches ? namedPeers(options, { ...origin, info }) : [];
  const own: Manifest = { infoHash, count, layout, selection };
  const { leaseSeconds } = await agreeOnManifest(within.disk, folder, own, `identity-${index}`);
  await place?.sit();
  const met = meeting && (await meet({ ...meeting, count }, index));
  try {
    const store =
      met?.store ??
      new DirectoryStore({
        ...group,
        identity: index,
        pieceFiles: layout === 'pieces',
        expect: (name) => disk.expect(name),
      });
    const agreed = leaseSeconds === undefined ? undefined : millis(leaseSeconds * 1000);
    const held = met?.lease ?? agreed;
    const lease = held === undefined ? {} : { lease: held };
    const { collect, collectRate: limit } = options;
    const exchange = met && { exchange: { store: met.store, collect, limit, fetches, link: lone.link } };
    const { bootId, host } = await real.processFacts.self();
    const machine = `${bootId} ${host}`;
    const sources = fetches ? { webSeeds: namedWebSeeds(origin, info) } : NO_SOURCES;
    const { location, ...rest } = loneSetup(real, { ...origin, ...sources }, options, index, folder);
    const setup = { ...rest, location: { ...location, chosen } };
    const input = { info, setup, options, store, machine, peers, dht, warn, ...lease, ...exchange };
    const alone = await LoneRun.open(ports, input);
    const snapshot = await follow(alone, disk, real.clock, lone).catch((error: unknown) => {
      // Who only stays for others has the whole, and may go at any time.
      if (!signal.aborted || lone.finish !== true || !alone.whole) throw error;
      return alone.snapshot();
    });
    const files = lone.finish === true ? await finish(real, { info, setup, options }) : undefined;
    return { snapshot, folder, ...(files !== undefined && { files }) };
  } finally {
    await met?.part();
  }
}

/** The options as they hold for this identity. */
function optionsOf({ options, store, fetch }: LoneOptions, origin: Origin, info: Info): DownloadOptions {
  const filePriorities = options.filePriorities ?? linkedPriorities(origin, info);
  return {
    ...options,
    // What siblings on other machines have cannot be read here.
    ...(store !== undefined && { share: false }),
    ...(filePriorities !== undefined && { filePriorities }),
    ...(fetch === false && ALONE),
  };
}

/** The place of a machine that was not told which identity it is: in a folder that it had before, with as many others as then. */
async function placeIn(
  meeting: Omit<Meeting, 'count'>,
  disk: Disk,
  machines: number | undefined,
): ReturnType<typeof takePlace> {
  const before = machines ?? (await readManifest(disk, meeting.folder))?.count;
  return takePlace({ ...meeting, count: before });
}

async function follow(
  run: LoneRun,
  disk: PatientDisk,
  clock: Clock,
  { signal, onProgress }: LoneOptions,
): Promise<DownloadSnapshot> {
  const timer = clock.every(PROGRESS_PERIOD, () => onProgress(run.snapshot(), () => run.pieceMap()));
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
  onProgress(last, () => run.pieceMap());
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
