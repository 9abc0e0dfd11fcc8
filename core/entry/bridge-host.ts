import { access, constants, rm } from 'node:fs/promises';
import path from 'node:path';
import { EnsembleError } from '../base/errors.ts';
import type { CommandName } from '../bridge/contract.ts';
import { defaultSettings } from '../engine/settings.ts';
import type { Engine, Source } from '../engine/engine.ts';
import { GUEST_COMMANDS } from '../bridge/host/guest-commands.ts';
import { BridgeHost } from '../bridge/host/host.ts';
import type {
  DemoService,
  DropService,
  FeedService,
  HostServices,
  PlayerService,
  ServingService,
  SettingsKeeper,
  ShellService,
  StatisticsKeeper,
  StoryKeeper,
} from '../bridge/host/services.ts';
import { torrentKey } from '../base/ids.ts';
import { packFiles } from '../base/packed-files.ts';
import { parseMagnet } from '../metainfo/magnet.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import { NodeClock } from '../node/clock.ts';
import { NodeDisk } from '../node/disk.ts';
import { localTime } from '../node/local-time.ts';
import { NodeInterfaces } from '../node/interfaces.ts';
import { LinkKinds } from '../ports/link-kinds.ts';
import { openDrops } from './dropped-files.ts';
import { openFeeds } from './feeds.ts';
import { readBarred } from './filter-file.ts';
import { fetchTorrentFile } from './fetch-torrent.ts';
import { type VisibleFolders, openFolders } from './folders.ts';
import { type LocalSwarm, startLocalSwarm } from './local-swarm.ts';
import { openPaths, rarely } from './paths.ts';
import { openImportService } from './import-service.ts';
import { openMaker } from './maker.ts';
import { openSettings } from './settings-file.ts';
import { openStatistics } from './statistics.ts';
import { openStories } from './stories.ts';
import { homeFolder, temporaryFolder } from './system-folders.ts';
import { VERSION } from './version.ts';
import { versionOf } from '../metainfo/torrent-id.ts';

/** The local swarm of the UI: large enough to watch, small enough to be done soon. */
const DEMO = { mebibytes: 128, seeds: 6, uploadRate: 1024 * 1024 } as const;

export interface BridgeHostOptions {
  readonly engine: Engine;
  readonly choices: UserChoices;
  readonly player: PlayerService;
  /** Undefined: files are not served to others, whatever the settings say. */
  readonly serving?: ServingService;
  /** What the desktop does for its windows; undefined: windows are pages of a browser. */
  readonly shell?: ShellService;
  /** Whether windows may say which programs run, besides the desktop's; see `AppView`. */
  readonly mayRunPrograms?: boolean;
  /** See HostServices. */
  readonly allowed?: ReadonlySet<CommandName>;
}

/** What the user and whoever started the program chose: settings, and the folders that windows may use. */
export interface UserChoices {
  readonly settings: SettingsKeeper;
  readonly folders: VisibleFolders;
  /** Undefined: they end with the program. */
  readonly stories?: StoryKeeper;
  /** Undefined: what is counted ends with the program. */
  readonly statistics?: StatisticsKeeper;
  /** Undefined: no folder is watched. */
  readonly drops?: DropService;
  /** Undefined: no feed is read. */
  readonly feeds?: FeedService;
}

/**
 * Read before the engine starts, which begins with these limits and ways to peers. `stateFolder` is absolute. `roots`: absolute folders that
 * everything has to lie below; none: anywhere. `stateHeld`: see CoordinatorOptions. Rejects where settings are damaged or
 * newer, or a root is none.
 */
export async function openChoices(
  stateFolder: string,
  stateHeld: () => Promise<boolean>,
  roots: readonly string[] = [],
): Promise<UserChoices> {
  const disk = new NodeDisk();
  const folders = await openFolders(disk, roots);
  const folder = folders.roots[0] ?? (await usersFolder());
  const settings = await openSettings(disk, stateFolder, defaultSettings(folder), folders, stateHeld);
  return {
    folders,
    settings,
    stories: openStories(stateFolder, stateHeld),
    drops: openDrops(stateFolder, stateHeld),
    feeds: openFeeds(stateFolder, stateHeld),
    statistics: await openStatistics(disk, stateFolder, stateHeld),
  };
}

/** Builds the program's end of the bridge on this machine. */
export function createBridgeHost({
  engine,
  choices,
  player,
  serving,
  shell,
  allowed,
  ...given
}: BridgeHostOptions): BridgeHost {
  const { folders, settings, stories, drops, feeds, statistics } = choices;
  const interfaces = new NodeInterfaces();
  const kinds = new LinkKinds(interfaces);
  const clock = new NodeClock();
  return new BridgeHost({
    engine,
    clock,
    app: {
      version: VERSION,
      shell: {
        kind: shell === undefined ? 'browser' : 'desktop',
        platform: process.platform,
        showsFiles: shell !== undefined,
        folderDialog: shell !== undefined,
      },
      roots: folders.roots,
      mayRunPrograms: given.mayRunPrograms ?? shell !== undefined,
    },
    settings,
    folders,
    ...(stories === undefined ? {} : { stories }),
    ...(drops === undefined ? {} : { drops }),
    ...(feeds === undefined ? {} : { feeds }),
    ...(statistics === undefined ? {} : { statistics }),
    ...(shell === undefined ? {} : { shell }),
    // Whoever may do little makes no torrents, and takes none over.
    ...(allowed === undefined
      ? { maker: openMaker(), importer: openImportService(engine, settings, folders) }
      : { allowed }),
    demo: demoService(),
    player,
    ...(serving === undefined ? {} : { serving }),
    addresses: () => interfaces.list().map((own) => ({ ...own, kind: kinds.of(own) })),
    paths: rarely(openPaths(), () => clock.now()),
    readBarred,
    localTime,
    fetchTorrent: (url, way, innermost, signal) => fetchTorrentFile(url, way, signal, innermost),
    preview: (source) => previewOf(engine, source),
  });
}

/** The end of the bridge of a command that has one download and no list of them: there are no settings to change, and nothing can be added. */
export function createGuestBridge(engine: Engine): BridgeHost {
  const no = (): Promise<never> =>
    Promise.reject(new EnsembleError('usage', 'This program keeps no list of downloads.'));
  const folders = { roots: [], info: no, browse: no, permit: no, keep: no };
  return createBridgeHost({
    engine,
    choices: { settings: { current: defaultSettings(path.resolve('/')), change: no }, folders },
    player: { play: no },
    allowed: GUEST_COMMANDS,
  });
}

/** The user's folder for downloads, else the home folder. */
export async function usersFolder(): Promise<string> {
  const home = homeFolder();
  const downloads = path.join(home, 'Downloads');
  return access(downloads, constants.W_OK).then(
    () => downloads,
    () => home,
  );
}

async function previewOf(engine: Engine, source: Source): ReturnType<HostServices['preview']> {
  if (source.kind === 'torrent') return engine.describe(source.data);
  const { id, infoHash, name, trackers, only } = parseMagnet(source.link);
  return {
    key: id.key,
    infoHash,
    version: versionOf(id),
    name: name ?? infoHash,
    length: null,
    pieceLength: null,
    pieceCount: null,
    files: packFiles([]),
    fileCount: 0,
    fileSlots: 0,
    private: false,
    trackers: trackers.flat().length,
    comment: null,
    notes: [],
    renamed: { count: 0, first: [] },
    chooses: only !== undefined,
  };
}

/** Tracker, seeds and files of the local swarm, in a folder of their own that is removed with them. */
function demoService(): DemoService {
  let running: { readonly folder: string; readonly swarm: LocalSwarm } | undefined;
  return {
    start: async () => {
      const folder = await temporaryFolder('ensemble-try-');
      try {
        const swarm = await startLocalSwarm({ folder, ...DEMO });
        running = { folder, swarm };
        const data = new Uint8Array(swarm.torrent);
        const { infoHash } = parseTorrent(data).info;
        return { key: torrentKey(infoHash), source: { kind: 'torrent', data }, output: path.join(folder, 'download') };
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    },
    stop: async () => {
      const ending = running;
      running = undefined;
      if (ending === undefined) return;
      await ending.swarm.close();
      await rm(ending.folder, { recursive: true, force: true });
    },
  };
}
