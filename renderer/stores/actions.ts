import type { StoreApi } from 'zustand/vanilla';
import { EnsembleError, messageOf } from '../../core/base/errors.ts';
import type { Endpoint } from '../../core/base/endpoint.ts';
import type { IdentityIndex, TorrentKey } from '../../core/base/ids.ts';
import type { BridgeClient, CommandArgs, CommandName, CommandResult } from '../../core/bridge/contract.ts';
import { canPause } from '../../core/engine/can-pause.ts';
import type { DownloadChanges, DownloadState, Links, QueueMove, Reopening } from '../../core/engine/engine.ts';
import type { DownloadView } from '../../core/bridge/views.ts';
import type { Settings } from '../../core/engine/settings.ts';
import { format } from '../format/format.ts';
import { text } from '../texts/en.ts';
import type { BridgeState } from './bridge-store.ts';
import { Few } from './few.ts';
import { canResume } from './list.ts';
import { open, say, sayError, selectAdded } from './ui-store.ts';

/** Commands that are under way at a time, where many downloads are selected. */
const AT_A_TIME = 8;

/** What views can do. A failure becomes a sentence on the screen. */
export interface Actions {
  pause(keys: Iterable<TorrentKey>): void;
  resume(keys: Iterable<TorrentKey>): void;
  reopen(key: TorrentKey, place: Reopening): void;
  move(keys: Iterable<TorrentKey>, output: string): void;
  cancelMove(key: TorrentKey): void;
  /** See `Engine.rename`. */
  rename(key: TorrentKey, path: string, name: string): void;
  remove(keys: Iterable<TorrentKey>, data: boolean): void;
  assemble(key: TorrentKey): void;
  cancelAssembly(key: TorrentKey): void;
  reveal(key: TorrentKey): void;
  openFile(key: TorrentKey, file: number): void;
  /** `name`: what is shown of the file. */
  play(key: TorrentKey, file: number, name: string): void;
  recheck(keys: Iterable<TorrentKey>): void;
  announce(keys: Iterable<TorrentKey>): void;
  setTrackers(key: TorrentKey, tiers: Links['trackers']): void;
  copyMagnets(keys: Iterable<TorrentKey>): void;
  exportTorrent(key: TorrentKey, folder: string): void;
  banPeer(host: string): void;
  addPeers(key: TorrentKey, peers: readonly Endpoint[]): void;
  change(keys: Iterable<TorrentKey>, changes: DownloadChanges): void;
  /** `files`: their `FileView.index`; `priority`: 0 not wanted, to 7. */
  setPriority(key: TorrentKey, files: readonly number[], priority: number): void;
  restartIdentity(key: TorrentKey, identity: IdentityIndex): void;
  /** Moves downloads in the order of the queue. */
  reorder(keys: Iterable<TorrentKey>, to: QueueMove): void;
  /** Runs them outside of the queue, or no more. */
  force(keys: Iterable<TorrentKey>, forced: boolean): void;
  useAlternativeLimits(on: boolean): void;
  startDemo(): void;
  /** Settles when the program has taken them, or has refused them, which the user is told. */
  changeSettings(changes: Partial<Settings>): Promise<void>;
  readFeed(url: string): void;
  copy(content: string): void;
}

export function createActions(client: BridgeClient, bridge: StoreApi<BridgeState>): Actions {
  const few = new Few(AT_A_TIME);
  const ask = async <K extends CommandName>(
    name: K,
    args: CommandArgs<K>,
    then?: (result: CommandResult<K>) => void,
  ): Promise<void> => {
    try {
      const result = await client.call(name, args);
      then?.(result);
    } catch (error) {
      // What the user stopped is no failure.
      const stoppable = name === 'assemble' || name === 'move';
      const stopped = error instanceof EnsembleError && error.code === 'interrupted' && stoppable;
      say({ tone: stopped ? 'plain' : 'bad', message: messageOf(error) });
    }
  };
  const run = <K extends CommandName>(...asked: Parameters<typeof ask<K>>): void => void ask(...asked);
  const chosen = (keys: Iterable<TorrentKey>): readonly DownloadView[] => {
    const wanted = new Set(keys);
    return (bridge.getState().app?.downloads ?? []).filter((one) => wanted.has(one.key));
  };
  /** The same with several downloads; what goes wrong is told once. Resolves to how many it was done with. */
  const each = async <K extends CommandName>(
    name: K,
    downloads: readonly DownloadView[],
    args: (key: TorrentKey) => CommandArgs<K>,
  ): Promise<number> => {
    const failures: string[] = [];
    const one = (key: TorrentKey): Promise<unknown> =>
      few.run(() => client.call(name, args(key))).catch((error: unknown) => failures.push(messageOf(error)));
    await Promise.all(downloads.map(({ key }) => one(key)));
    const [first] = failures;
    const [failed, of] = [failures.length, downloads.length].map(format.count);
    if (first !== undefined)
      say({
        tone: 'bad',
        message: downloads.length === 1 ? first : text.notice.failures(failed ?? '', of ?? '', first),
      });
    return downloads.length - failures.length;
  };
  const copy = (content: string): void => {
    void copyText(content).then(() => say({ tone: 'plain', message: text.notice.copied }));
  };
  return {
    pause: (keys) => void each('pause', chosen(keys).filter(canPause), (key) => ({ key })),
    resume: (keys) => void each('resume', chosen(keys).filter(canResume), (key) => ({ key })),
    reopen: (key, place) => run('reopen', { key, place }),
    move: (keys, output) => void each('move', chosen(keys), (key) => ({ key, output })),
    cancelMove: (key) => run('cancelMove', { key }),
    rename: (key, path, name) => run('rename', { key, path, name }),
    remove: (keys, data) => void each('remove', chosen(keys), (key) => ({ key, data })),
    // The download's state and a notice tell how it ends.
    assemble: (key) => run('assemble', { key }),
    cancelAssembly: (key) => run('cancelAssembly', { key }),
    reveal: (key) => run('reveal', { key }),
    openFile: (key, file) => run('openFile', { key, file }),
    play: (key, file, name) =>
      run('play', { key, file }, (playing) => {
        // Behind a proxy the page may lie below a path.
        if (playing.by === 'page') {
          const { pathname } = new URL(`.${playing.url}`, location.href);
          open({ kind: 'player', name, url: pathname });
        } else if (playing.by === 'browser') say({ tone: 'plain', message: text.player.inBrowser(name) });
      }),
    recheck: (keys) => {
      const downloads = chosen(keys);
      const [first, ...others] = downloads;
      if (first === undefined) return;
      const { recheck, recheckOfMany } = text.notice;
      const several = others.length > 0;
      say({ tone: 'plain', message: several ? recheckOfMany(format.count(downloads.length)) : recheck(first.name) });
      void each('recheck', downloads, (key) => ({ key }));
    },
    announce: (keys) =>
      void each('announce', chosen(keys), (key) => ({ key })).then((done) => {
        const { announced, announcedOfMany } = text.notice;
        if (done > 0) say({ tone: 'plain', message: done === 1 ? announced : announcedOfMany(format.count(done)) });
      }),
    setTrackers: (key, tiers) => run('setTrackers', { key, tiers }),
    copyMagnets: (keys) => {
      const links = chosen(keys).map(({ key }) => few.run(() => client.call('links', { key })));
      Promise.all(links).then((all) => copy(all.map(({ magnet }) => magnet).join('\n')), sayError);
    },
    exportTorrent: (key, folder) =>
      run('exportTorrent', { key, folder }, (path) => say({ tone: 'ok', message: text.notice.exported(path) })),
    banPeer: (host) => run('banPeer', { host }, () => say({ tone: 'plain', message: text.notice.banned(host) })),
    addPeers: (key, peers) =>
      run('addPeers', { key, peers }, () => say({ tone: 'plain', message: text.notice.peerAdded })),
    change: (keys, changes) => void each('change', chosen(keys), (key) => ({ key, changes })),
    setPriority: (key, files, priority) => run('setPriority', { key, files, priority }),
    restartIdentity: (key, identity) =>
      run('restartIdentity', { key, identity }, () =>
        say({ tone: 'plain', message: text.notice.restarted(format.count(identity + 1)) }),
      ),
    reorder: (keys, to) => run('reorder', { keys: [...keys], to }),
    force: (keys, forced) => void each('change', chosen(keys), (key) => ({ key, changes: { forced } })),
    useAlternativeLimits: (on) => run('useAlternativeLimits', { on }),
    startDemo: () => run('startDemo', null, selectAdded),
    changeSettings: (changes) => ask('changeSettings', { changes }),
    readFeed: (url) => run('readFeed', { url }),
    copy,
  };
}

/** Copies a selection as the user would, where the page may not write to the clipboard by itself. */
async function copyText(content: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(content);
  } catch {
    const area = document.createElement('textarea');
    area.value = content;
    area.className = 'visually-hidden';
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

/** Whether its files can be brought to another folder now. */
export function canMove({ state }: Pick<DownloadView, 'state'>): boolean {
  return state !== 'assembling' && state !== 'moving' && state !== 'missing-files';
}

/** States that an assembly cannot begin from. */
const UNASSEMBLED: ReadonlySet<DownloadState> = new Set([
  'assembling',
  'checking',
  'metadata',
  'moving',
  'missing-files',
]);

type Assembled = Pick<DownloadView, 'state' | 'piecesToGo' | 'piecesTotal' | 'result' | 'meeting' | 'options'>;

/** Whether every piece is there, or other machines may give what is missing, and it is not assembled yet. */
export function canAssemble(one: Assembled): boolean {
  if (canCollect(one)) return true;
  return one.piecesTotal > 0 && one.piecesToGo === 0 && one.result === null && !UNASSEMBLED.has(one.state);
}

/** What other machines have may be fetched, which does not happen by itself. */
function canCollect({ meeting, options, piecesToGo, state }: Assembled): boolean {
  const runs = state === 'downloading' || state === 'paused';
  return meeting !== null && runs && options.collect === 'none' && piecesToGo > 0;
}
