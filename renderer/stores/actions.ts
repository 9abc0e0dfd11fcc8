import type { StoreApi } from 'zustand/vanilla';
import { EnsembleError, messageOf } from '../../core/base/errors.ts';
import type { Endpoint } from '../../core/base/endpoint.ts';
import type { IdentityIndex, TorrentKey } from '../../core/base/ids.ts';
import type { BridgeClient, CommandArgs, CommandName, CommandResult } from '../../core/bridge/contract.ts';
import type { DownloadChanges, DownloadState, Links, Reopening } from '../../core/engine/engine.ts';
import type { DownloadView } from '../../core/bridge/views.ts';
import type { Settings } from '../../core/engine/settings.ts';
import { format } from '../format/format.ts';
import { text } from '../texts/en.ts';
import type { BridgeState } from './bridge-store.ts';
import { canResume } from './list.ts';
import { open, say, selectOnly } from './ui-store.ts';

/** What views can do. A failure becomes a sentence on the screen. */
export interface Actions {
  pause(keys: Iterable<TorrentKey>): void;
  resume(keys: Iterable<TorrentKey>): void;
  reopen(key: TorrentKey, place: Reopening): void;
  move(keys: Iterable<TorrentKey>, output: string): void;
  cancelMove(key: TorrentKey): void;
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
  copyMagnet(key: TorrentKey): void;
  exportTorrent(key: TorrentKey, folder: string): void;
  banPeer(host: string): void;
  addPeers(key: TorrentKey, peers: readonly Endpoint[]): void;
  change(key: TorrentKey, changes: DownloadChanges): void;
  /** `file`: its `FileView.index`; `priority`: 0 not wanted, to 7. */
  setPriority(key: TorrentKey, file: number, priority: number): void;
  restartIdentity(key: TorrentKey, identity: IdentityIndex): void;
  startDemo(): void;
  changeSettings(changes: Partial<Settings>): void;
  copy(content: string): void;
}

export function createActions(client: BridgeClient, bridge: StoreApi<BridgeState>): Actions {
  const run = <K extends CommandName>(
    name: K,
    args: CommandArgs<K>,
    then?: (result: CommandResult<K>) => void,
  ): void => {
    client.call(name, args).then(then, (error: unknown) => {
      // What the user stopped is no failure.
      const stoppable = name === 'assemble' || name === 'move';
      const stopped = error instanceof EnsembleError && error.code === 'interrupted' && stoppable;
      say({ tone: stopped ? 'plain' : 'bad', message: messageOf(error) });
    });
  };
  const each = (keys: Iterable<TorrentKey>, act: (download: DownloadView) => void): void => {
    const wanted = new Set(keys);
    for (const download of bridge.getState().app?.downloads ?? []) if (wanted.has(download.key)) act(download);
  };
  const copy = (content: string): void => {
    void copyText(content).then(() => say({ tone: 'plain', message: text.notice.copied }));
  };
  return {
    pause: (keys) => each(keys, (one) => canPause(one) && run('pause', { key: one.key })),
    resume: (keys) => each(keys, (one) => canResume(one) && run('resume', { key: one.key })),
    reopen: (key, place) => run('reopen', { key, place }),
    move: (keys, output) => each(keys, ({ key }) => run('move', { key, output })),
    cancelMove: (key) => run('cancelMove', { key }),
    remove: (keys, data) => each(keys, ({ key }) => run('remove', { key, data })),
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
    recheck: (keys) =>
      each(keys, ({ key, name }) => {
        say({ tone: 'plain', message: text.notice.recheck(name) });
        run('recheck', { key });
      }),
    announce: (keys) =>
      each(keys, ({ key }) => run('announce', { key }, () => say({ tone: 'plain', message: text.notice.announced }))),
    setTrackers: (key, tiers) => run('setTrackers', { key, tiers }),
    copyMagnet: (key) => run('links', { key }, ({ magnet }) => copy(magnet)),
    exportTorrent: (key, folder) =>
      run('exportTorrent', { key, folder }, (path) => say({ tone: 'ok', message: text.notice.exported(path) })),
    banPeer: (host) => run('banPeer', { host }, () => say({ tone: 'plain', message: text.notice.banned(host) })),
    addPeers: (key, peers) =>
      run('addPeers', { key, peers }, () => say({ tone: 'plain', message: text.notice.peerAdded })),
    change: (key, changes) => run('change', { key, changes }),
    setPriority: (key, file, priority) => run('setPriority', { key, files: [file], priority }),
    restartIdentity: (key, identity) =>
      run('restartIdentity', { key, identity }, () =>
        say({ tone: 'plain', message: text.notice.restarted(format.count(identity + 1)) }),
      ),
    startDemo: () => run('startDemo', null, (key) => selectOnly(key)),
    changeSettings: (changes) => run('changeSettings', { changes }),
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

export function canPause({ state, options }: Pick<DownloadView, 'state' | 'options'>): boolean {
  // A download that waits for its assembly may upload meanwhile.
  if (state === 'complete') return options.seed.kind !== 'never';
  return (
    state === 'downloading' || state === 'seeding' || state === 'queued' || state === 'metadata' || state === 'checking'
  );
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

/** Whether every piece is there, and it is not assembled yet. */
export function canAssemble(one: Pick<DownloadView, 'state' | 'piecesToGo' | 'piecesTotal' | 'result'>): boolean {
  return one.piecesTotal > 0 && one.piecesToGo === 0 && one.result === null && !UNASSEMBLED.has(one.state);
}
