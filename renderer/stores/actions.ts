import type { StoreApi } from 'zustand/vanilla';
import { EnsembleError, messageOf } from '../../core/base/errors.ts';
import type { IdentityIndex, InfoHash } from '../../core/base/ids.ts';
import type { BridgeClient, CommandArgs, CommandName, CommandResult } from '../../core/bridge/contract.ts';
import type { DownloadChanges, DownloadState } from '../../core/engine/engine.ts';
import type { DownloadView } from '../../core/bridge/views.ts';
import type { Settings } from '../../core/engine/settings.ts';
import { format } from '../format/format.ts';
import { text } from '../texts/en.ts';
import type { BridgeState } from './bridge-store.ts';
import { canResume } from './list.ts';
import { say, selectOnly } from './ui-store.ts';

/** What views can do. A failure becomes a sentence on the screen. */
export interface Actions {
  pause(infoHashes: Iterable<InfoHash>): void;
  resume(infoHashes: Iterable<InfoHash>): void;
  remove(infoHashes: Iterable<InfoHash>, data: boolean): void;
  assemble(infoHash: InfoHash): void;
  cancelAssembly(infoHash: InfoHash): void;
  reveal(infoHash: InfoHash): void;
  openFile(infoHash: InfoHash, file: number): void;
  recheck(infoHashes: Iterable<InfoHash>): void;
  announce(infoHashes: Iterable<InfoHash>): void;
  change(infoHash: InfoHash, changes: DownloadChanges): void;
  /** `file`: its `FileView.index`; `priority`: 0 not wanted, to 7. */
  setPriority(infoHash: InfoHash, file: number, priority: number): void;
  restartIdentity(infoHash: InfoHash, identity: IdentityIndex): void;
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
      // An assembly that the user stopped is no failure.
      const stopped = error instanceof EnsembleError && error.code === 'interrupted' && name === 'assemble';
      say({ tone: stopped ? 'plain' : 'bad', message: messageOf(error) });
    });
  };
  const each = (infoHashes: Iterable<InfoHash>, act: (download: DownloadView) => void): void => {
    const wanted = new Set(infoHashes);
    for (const download of bridge.getState().app?.downloads ?? []) if (wanted.has(download.infoHash)) act(download);
  };
  return {
    pause: (infoHashes) => each(infoHashes, (one) => canPause(one) && run('pause', { infoHash: one.infoHash })),
    resume: (infoHashes) => each(infoHashes, (one) => canResume(one) && run('resume', { infoHash: one.infoHash })),
    remove: (infoHashes, data) => each(infoHashes, ({ infoHash }) => run('remove', { infoHash, data })),
    // How it ends is told by the download's state, and by a notice.
    assemble: (infoHash) => run('assemble', { infoHash }),
    cancelAssembly: (infoHash) => run('cancelAssembly', { infoHash }),
    reveal: (infoHash) => run('reveal', { infoHash }),
    openFile: (infoHash, file) => run('openFile', { infoHash, file }),
    recheck: (infoHashes) =>
      each(infoHashes, ({ infoHash, name }) => {
        say({ tone: 'plain', message: text.notice.recheck(name) });
        run('recheck', { infoHash });
      }),
    announce: (infoHashes) =>
      each(infoHashes, ({ infoHash }) =>
        run('announce', { infoHash }, () => say({ tone: 'plain', message: text.notice.announced })),
      ),
    change: (infoHash, changes) => run('change', { infoHash, changes }),
    setPriority: (infoHash, file, priority) => run('setPriority', { infoHash, files: [file], priority }),
    restartIdentity: (infoHash, identity) =>
      run('restartIdentity', { infoHash, identity }, () =>
        say({ tone: 'plain', message: text.notice.restarted(format.count(identity + 1)) }),
      ),
    startDemo: () => run('startDemo', null, (infoHash) => selectOnly(infoHash)),
    changeSettings: (changes) => run('changeSettings', { changes }),
    copy: (content) => {
      void copyText(content).then(() => say({ tone: 'plain', message: text.notice.copied }));
    },
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
  return state === 'downloading' || state === 'seeding' || state === 'metadata' || state === 'checking';
}

/** States that an assembly cannot begin from. */
const UNASSEMBLED: ReadonlySet<DownloadState> = new Set(['assembling', 'checking', 'metadata', 'missing-files']);

/** Whether every piece is there, and it is not assembled yet. */
export function canAssemble(one: Pick<DownloadView, 'state' | 'piecesToGo' | 'piecesTotal' | 'result'>): boolean {
  return one.piecesTotal > 0 && one.piecesToGo === 0 && one.result === null && !UNASSEMBLED.has(one.state);
}
