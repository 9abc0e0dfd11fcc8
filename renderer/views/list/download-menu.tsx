import { ContextMenu } from '@base-ui/react/context-menu';
import {
  FileDown,
  FolderOpen,
  FolderOutput,
  Hash,
  Link2,
  PackageCheck,
  Pause,
  Play,
  Radio,
  RefreshCw,
  Route,
  SlidersHorizontal,
  TextCursorInput,
  Trash2,
  UserPlus,
  Waypoints,
  X,
} from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { TorrentKey } from '../../../core/base/ids.ts';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { canPause } from '../../../core/engine/can-pause.ts';
import { type MenuEntry, MenuLines } from '../../parts/menu.tsx';
import menu from '../../parts/menu.module.css';
import { type Actions, canAssemble, canMove } from '../../stores/actions.ts';
import { useActions, useBridge } from '../../stores/context.tsx';
import { canResume } from '../../stores/list.ts';
import { open, ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { queueLines } from './queue-lines.tsx';
import { useDownloads } from './use-listed.ts';

/** What can be done with the downloads that were selected when the menu opened: one that comes meanwhile is selected, but not meant. */
export function DownloadMenu(props: {
  /** It opens at this element; what is selected afterwards is meant. */
  readonly onOpen: (at: EventTarget | null) => void;
  /** The list, with the menu's trigger. */
  readonly children: ReactNode;
}): ReactNode {
  const { onOpen, children } = props;
  const [meant, setMeant] = useState<ReadonlySet<TorrentKey>>(new Set());
  return (
    <ContextMenu.Root
      onOpenChange={(opens, { event }) => {
        if (!opens) return;
        onOpen(event.target);
        setMeant(ui.getState().selected);
      }}
    >
      {children}
      <ContextMenu.Portal>
        <ContextMenu.Positioner className={menu['positioner']}>
          <ContextMenu.Popup className={menu['popup']}>
            <MeantLines meant={meant} />
          </ContextMenu.Popup>
        </ContextMenu.Positioner>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}

/** Apart from the menu, so that it is worked out only while that is open. */
function MeantLines({ meant }: { readonly meant: ReadonlySet<TorrentKey> }): ReactNode {
  const downloads = useDownloads().filter((one) => meant.has(one.key));
  const showsFiles = useBridge((state) => state.app?.app.shell.showsFiles ?? false);
  const actions = useActions();
  return <MenuLines entries={downloadEntries(downloads, actions, showsFiles)} />;
}

/** The lines for some downloads; what makes sense for one alone is left out for several. */
export function downloadEntries(
  downloads: readonly DownloadView[],
  actions: Actions,
  showsFiles: boolean,
): readonly MenuEntry[] {
  const words = text.list.menu;
  const keys = downloads.map((one) => one.key);
  const [first] = downloads;
  const single = downloads.length === 1 ? first : undefined;
  const entries: MenuEntry[] = [
    { label: words.resume, icon: <Play />, disabled: !downloads.some(canResume), act: () => actions.resume(keys) },
    { label: words.pause, icon: <Pause />, disabled: !downloads.some(canPause), act: () => actions.pause(keys) },
    queueLines(downloads, actions),
    'separator',
  ];
  if (single && single.result !== null && showsFiles) {
    entries.push({ label: words.reveal, icon: <FolderOpen />, act: () => actions.reveal(single.key) });
  } else if (single && (single.options.identities > 1 || canAssemble(single))) {
    const ready = canAssemble(single);
    entries.push({
      label: words.assemble,
      icon: <PackageCheck />,
      disabled: !ready,
      act: () => actions.assemble(single.key),
    });
  }
  entries.push(
    { label: words.recheck, icon: <RefreshCw />, act: () => actions.recheck(keys) },
    {
      label: words.move,
      icon: <FolderOutput />,
      disabled: !downloads.some(canMove),
      act: () => open({ kind: 'move', keys: downloads.filter(canMove).map((one) => one.key) }),
    },
    { label: words.announce, icon: <Radio />, act: () => actions.announce(keys) },
  );
  entries.push({ label: words.options, icon: <SlidersHorizontal />, act: () => open({ kind: 'options', keys }) });
  if (single) {
    const { key, name } = single;
    entries.push(
      {
        label: words.rename,
        icon: <TextCursorInput />,
        disabled: single.piecesTotal === 0,
        act: () => open({ kind: 'rename', key, path: '', name }),
      },
      { label: words.trackers, icon: <Waypoints />, act: () => open({ kind: 'trackers', key: single.key }) },
      { label: words.ways, icon: <Route />, act: () => open({ kind: 'ways', key: single.key }) },
      { label: words.peer, icon: <UserPlus />, act: () => open({ kind: 'peer', key: single.key }) },
    );
  }
  entries.push(
    'separator',
    ...hashLines(downloads).map(([label, hashes]) => ({
      label,
      icon: <Hash />,
      act: () => actions.copy(hashes()),
    })),
    {
      label: single ? words.copyMagnet : words.copyMagnets,
      icon: <Link2 />,
      act: () => actions.copyMagnets(keys),
    },
  );
  if (single) {
    entries.push({
      label: words.exportTorrent,
      icon: <FileDown />,
      disabled: single.piecesTotal === 0,
      act: () => open({ kind: 'export', key: single.key }),
    });
  }
  entries.push(
    'separator',
    { label: words.remove, icon: <X />, keys: 'Del', danger: true, act: () => open({ kind: 'remove', keys }) },
    {
      label: words.removeData,
      icon: <Trash2 />,
      keys: 'Shift+Del',
      danger: true,
      act: () => open({ kind: 'remove', keys, data: true }),
    },
  );
  return entries;
}

/** The words for their info-hashes, and these, one a line: a hybrid has two. */
function hashLines(downloads: readonly DownloadView[]): (readonly [string, () => string])[] {
  const words = text.list.menu;
  const [one, ...others] = downloads;
  if (one === undefined || others.length > 0)
    return [[words.copyHashes, () => downloads.map(({ infoHash }) => infoHash).join('\n')]];
  const { infoHash, infoHashV1: v1, infoHashV2: v2 } = one;
  if (v1 === null || v2 === null) return [[words.copyHash, () => infoHash]];
  return [
    [words.copyHashV1, () => v1],
    [words.copyHashV2, () => v2],
  ];
}
