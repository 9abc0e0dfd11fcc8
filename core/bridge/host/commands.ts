import { EnsembleError } from '../../base/errors.ts';
import { type TorrentKey, piece } from '../../base/ids.ts';
import { isPlayable } from '../../base/media-type.ts';
import type { CommandArgs, CommandName, CommandResult } from '../contract.ts';
import { type DownloadOptions, ordinaryOptions } from '../../engine/download-options.ts';
import { rulesAtNewAddresses } from '../../engine/feeds.ts';
import { LIST_RULES, type ListRules } from '../../engine/list-rules.ts';
import type { FilterReport } from '../../base/filter-text.ts';
import { MAX_BANNED, MAX_RECENT, type Settings, type WatchFolder } from '../../engine/settings.ts';
import type { Ways } from '../../engine/statuses.ts';
import { ALL_WAYS, NO_WAYS } from '../../engine/tuning.ts';
import { NORMAL } from '../../engine/values.ts';
import type { AllTime } from './all-time.ts';
import type { Feeds } from './feeds.ts';
import type { Makings } from './makings.ts';
import { lineOf, lookOf } from '../looks.ts';
import type { LimitSwitch } from './limit-switch.ts';
import { downloadOf, type HostModel } from './model.ts';
import type { FolderService, HostServices, ImportService, ShellService } from './services.ts';
import { usualWay } from './usual-way.ts';

/** Commands that only concern the connection of one window, which carries them out itself. */
export type ConnectionCommand = 'subscribe' | 'watch' | 'setVisible';
type HostCommand = Exclude<CommandName, ConnectionCommand>;

/** Every other command, carried out on checked arguments. */
export type CommandTable = {
  readonly [K in HostCommand]: (args: CommandArgs<K>) => Promise<CommandResult<K>>;
};

/** Most peers of one piece that a window is told. */
const MAX_SOURCES = 16;
const DEMO_IDENTITIES = 4;

/** What all downloads' ways to peers depend on. */
const WAY_SETTINGS = Object.keys(ALL_WAYS) as readonly (keyof Ways)[];
/** What the engine is told of the list as a whole. */
const RULE_SETTINGS = Object.keys(LIST_RULES) as readonly (keyof ListRules)[];
/** What the nodes that all downloads share depend on. */
const DHT_SETTINGS = ['dht', 'dhtBootstrap', 'dhtAlways', 'links', 'bind', 'proxies', 'port'] as const;

/** What decides who is kept out. */
const BARRING = ['ipFilter', 'banned'] as const;

export function commandTable(
  services: HostServices,
  model: HostModel,
  limits: LimitSwitch,
  allTime: AllTime,
  { feeds, makings }: { readonly feeds: Feeds; readonly makings: Makings },
): CommandTable {
  const { engine, settings, folders, demo, shell } = services;
  const done = async (work: Promise<unknown> | void): Promise<null> => {
    await work;
    model.forget();
    return null;
  };
  const bar = async (now: Pick<Settings, 'ipFilter' | 'banned'>): Promise<FilterReport> => {
    const { ranges, report } = await services.readBarred(now);
    engine.setBarred(ranges);
    return report;
  };
  let added: Promise<unknown> = Promise.resolve();
  const endDemo = async (): Promise<void> => {
    model.setDemo('off');
    await demo.stop();
  };
  return {
    list: () => {
      const all = engine.downloads().map(lineOf);
      return Promise.resolve(all.sort((a, b) => a.place - b.place));
    },
    look: async ({ key, parts }) => {
      await Promise.resolve();
      return lookOf(engine, downloadOf(services, key), parts);
    },
    settings: () => Promise.resolve(settings.current),
    fetchTorrent: ({ url }) => services.fetchTorrent(url, usualWay(services)),
    preview: async ({ source }) => {
      const { chooses = false, ...preview } = await services.preview(source);
      const there = engine.download(preview.key) !== undefined;
      return { ...preview, present: there && !chooses, more: there && chooses };
    },
    add: async ({ source, options }) => {
      const chosen = ordinaryOptions(options.output, options);
      // Several come into the list in the order in which they were added, however long each folder takes to look at.
      const before = added;
      const permitted = folders.permit(options.output);
      added = Promise.allSettled([before, permitted]);
      await before;
      const output = await permitted;
      const key = await engine.add(source, { ...chosen, output });
      const recentFolders = [output, ...settings.current.recentFolders.filter((one) => one !== output)];
      // The download runs: if the folder cannot be remembered, that is no reason to report a failure.
      await settings.change({ recentFolders: recentFolders.slice(0, MAX_RECENT) }).catch(() => undefined);
      model.forget();
      return key;
    },
    pause: ({ key }) => done(engine.pause(key)),
    resume: ({ key }) => done(engine.resume(key)),
    reopen: async ({ key, place }) => {
      const permitted = 'output' in place ? { ...place, output: await folders.permit(place.output) } : place;
      return done(engine.reopen(key, permitted));
    },
    move: async ({ key, output }) => done(engine.move(key, await folders.permit(output))),
    cancelMove: async ({ key }) => done(engine.cancelMove(key)),
    rename: ({ key, path, name }) => engine.rename(key, path, name),
    remove: async ({ key, data }) => {
      const ofDemo = model.isDemo(key);
      await engine.remove(key, { data: data || ofDemo });
      if (ofDemo) await endDemo();
      return done();
    },
    assemble: ({ key }) => engine.assemble(key),
    cancelAssembly: async ({ key }) => done(engine.cancelAssembly(key)),
    recheck: ({ key }) => done(engine.recheck(key)),
    change: ({ key, changes }) => done(engine.change(key, changes)),
    setPriority: async ({ key, files, priority }) => {
      const { fileSlots, options } = downloadOf(services, key);
      const chosen = new Set(files);
      const filePriorities = Array.from({ length: fileSlots }, (_, file) =>
        chosen.has(file) ? priority : (options.filePriorities?.[file] ?? NORMAL),
      );
      return done(engine.change(key, { filePriorities }));
    },
    reorder: async ({ keys, to }) => done(engine.reorder(keys, to)),
    links: async ({ key }) => {
      await Promise.resolve();
      downloadOf(services, key);
      return engine.links(key) ?? { magnet: '', trackers: [] };
    },
    setTrackers: ({ key, tiers }) => done(engine.setTrackers(key, tiers)),
    exportTorrent: async ({ key, folder }) => {
      const { name } = downloadOf(services, key);
      const data = engine.torrentFile(key);
      if (data === undefined) throw new EnsembleError('usage', `The details of ${name} have not come yet.`);
      return folders.keep(folder, `${name}.torrent`, data);
    },
    announce: async ({ key }) => done(engine.announce(key)),
    addPeers: async ({ key, peers }) => done(engine.addPeers(key, peers)),
    pieceSource: ({ key, piece: index }) =>
      Promise.resolve(engine.pieceSource(key, piece(index)).slice(0, MAX_SOURCES)),
    dhtNodes: () => Promise.resolve(engine.dhtNodes()),
    restartIdentity: async ({ key, identity }) => done(engine.restartIdentity(key, identity)),
    startDemo: async () => {
      if (model.state.demo !== 'off') throw new EnsembleError('in-use', 'The local swarm is running already.');
      model.setDemo('starting');
      try {
        // Identities that are ready before the swarm get the same number of its seeds each.
        engine.prepare(DEMO_IDENTITIES);
        const { key, source, output } = await demo.start();
        model.setDemo('on', key);
        await engine.add(source, demoOptions(output, settings.current.assemble));
        return key;
      } catch (error) {
        await endDemo();
        throw error;
      }
    },
    stopDemo: async () => {
      for (const { key, demo: ofDemo } of model.state.downloads) {
        if (ofDemo) await engine.remove(key, { data: true });
      }
      await endDemo();
      return null;
    },
    importCandidates: ({ folder, output }) => importerOf(services).look(folder, output),
    importTorrents: async ({ folder, ...how }) => {
      const taken = await importerOf(services).take(folder, how);
      model.forget();
      return taken;
    },
    makeTorrent: (asked) => makings.make(asked),
    cancelMaking: () => done(makings.cancel()),
    saveTorrent: ({ folder, name, data }) => folders.keep(folder, torrentName(name), data),
    chooseFile: async ({ start }) => needed(shell).chooseFile(start),
    readFeed: ({ url }) => done(feeds.read(url)),
    feedItems: (asked) => feeds.items(asked),
    takeItem: ({ feed, id }) => feeds.choose(feed, id),
    useAlternativeLimits: async ({ on }) => done(limits.use(on)),
    paths: async () => {
      const found = await services.paths(settings.current.gateways);
      const links = engine.linkStates();
      const seen = new Map(links.map(({ address, outside }) => [address, outside]));
      // Of nodes of the DHT many answer, each for itself.
      for (const { address, externalAddress } of engine.dhtNodes()) {
        if (externalAddress !== undefined) seen.set(address, externalAddress);
      }
      const paths = found.paths.map((path) => ({ ...path, outside: seen.get(path.address) ?? null }));
      return { ...found, paths, links };
    },
    statistics: () => Promise.resolve(allTime.now),
    readFilter: () => bar(settings.current),
    banPeer: async ({ host }) => {
      const { banned } = settings.current;
      if (!banned.includes(host)) await settings.change({ banned: [...banned, host].slice(-MAX_BANNED) });
      await bar(settings.current);
      return done();
    },
    changeSettings: async ({ changes: asked }) => {
      const { folder, ipFilter, watchFolders } = asked;
      const feedRules =
        asked.feeds === undefined
          ? asked.feedRules
          : rulesAtNewAddresses(asked.feedRules ?? settings.current.feedRules, settings.current.feeds, asked.feeds);
      const http = asked.http && (await servedBy(services, asked.http));
      const changes = {
        ...asked,
        ...(folder !== undefined && { folder: await folders.permit(folder) }),
        ...(watchFolders !== undefined && { watchFolders: await permitted(folders, watchFolders) }),
        ...(feedRules !== undefined && {
          feedRules: await Promise.all(feedRules.map((rule) => permittedOutput(folders, rule))),
        }),
        ...(http !== undefined && { http }),
        ...(ipFilter !== undefined && { ipFilter: ipFilter && (await folders.permit(ipFilter)) }),
      };
      // A list that cannot be read is not kept.
      if (BARRING.some((name) => changes[name] !== undefined)) await bar({ ...settings.current, ...changes });
      await settings.change(changes);
      limits.look();
      if (RULE_SETTINGS.some((name) => changes[name] !== undefined)) engine.setRules(settings.current);
      // Before what uses them.
      if (changes.linkProfiles !== undefined) engine.setLinks(changes.linkProfiles);
      if (DHT_SETTINGS.some((name) => changes[name] !== undefined)) engine.setDht(settings.current);
      if (WAY_SETTINGS.some((name) => changes[name] !== undefined)) engine.setWays(settings.current);
      return done();
    },
    folderInfo: ({ folder }) => folders.info(folder),
    browse: ({ folder }) => folders.browse(folder),
    chooseFolder: ({ start }) => needed(shell).chooseFolder(start),
    reveal: async ({ key, file }) => done(needed(shell).reveal(resultOf(services, key, file ?? 0))),
    play: async ({ key, file }) => {
      const found = engine.files(key).find(({ index }) => index === file);
      if (found === undefined || !isPlayable(found.path)) {
        throw new EnsembleError('usage', `${found?.path ?? `File ${file + 1}`} is no film and no music.`);
      }
      return services.player.play(key, file);
    },
    openFile: async ({ key, file }) => done(needed(shell).openFile(assembledFile(services, key, file))),
  };
}

/** Rejects where one of them may not be seen or used. */
function permitted(folders: FolderService, watched: readonly WatchFolder[]): Promise<readonly WatchFolder[]> {
  return Promise.all(
    watched.map(async (one) => permittedOutput(folders, { ...one, folder: await folders.permit(one.folder) })),
  );
}

async function permittedOutput<T extends { readonly output?: string }>(folders: FolderService, one: T): Promise<T> {
  return one.output === undefined ? one : { ...one, output: await folders.permit(one.output) };
}

/** Serves files as a window wants it; the secret that the paths follow from stays the same unless it gives another one. */
async function servedBy({ serving, settings }: HostServices, http: Settings['http']): Promise<Settings['http']> {
  const { secret } = settings.current.http;
  const wanted = secret === undefined ? http : { secret, ...http };
  return serving === undefined ? wanted : serving.set(wanted);
}

function importerOf({ importer }: HostServices): ImportService {
  if (importer !== undefined) return importer;
  throw new EnsembleError('usage', 'This program keeps no list of downloads.');
}

/** Nothing else is written than what is called a torrent file. */
function torrentName(name: string): string {
  return `${name.replace(/\.torrent$/i, '')}.torrent`;
}

function needed(shell: ShellService | undefined): ShellService {
  if (shell !== undefined) return shell;
  throw new EnsembleError('usage', 'Only the desktop application can do this, on the computer where it runs.');
}

/** Path of an assembled file: windows name files by number, never by path. */
function resultOf(services: HostServices, key: TorrentKey, file: number): string {
  const { result, name } = downloadOf(services, key);
  if (result === undefined) throw new EnsembleError('usage', `${name} is not assembled yet.`);
  const path = result[file];
  if (path === undefined) throw new EnsembleError('usage', `${name} has no file ${file + 1}.`);
  return path;
}

/** Path of an assembled file by its number in the torrent, as not all files need be wanted. */
function assembledFile(services: HostServices, key: TorrentKey, file: number): string {
  const { result, name, options } = downloadOf(services, key);
  const path = services.engine.files(key).find(({ index }) => index === file)?.path;
  const absolute = `${options.output}/${path ?? ''}`;
  if (result?.includes(absolute) !== true) throw new EnsembleError('usage', `${path ?? name} is not assembled yet.`);
  return absolute;
}

function demoOptions(output: string, assemble: boolean): DownloadOptions {
  return ordinaryOptions(output, { identities: DEMO_IDENTITIES, bind: ['127.0.0.1'], assemble, ...NO_WAYS });
}
