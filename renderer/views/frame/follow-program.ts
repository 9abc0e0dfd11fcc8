import type { StoreApi } from 'zustand/vanilla';
import type { Events, MenuAction } from '../../../core/bridge/contract.ts';
import { type Actions, canAssemble } from '../../stores/actions.ts';
import type { BridgeState } from '../../stores/bridge-store.ts';
import type { Services } from '../../stores/context.tsx';
import { listed } from '../../stores/list.ts';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { offer, open, say, selectOnly, shownIn, ui } from '../../stores/ui-store.ts';
import { format } from '../../format/format.ts';
import { text } from '../../texts/en.ts';
import { chooseAll, keepTapped } from '../list/selection.ts';
import { offeredSource } from './intake.ts';

/** Follows what the program sends besides its state, and keeps the window's choices in step with the list, as long as there is the page. */
export function followProgram({ client, bridge, actions }: Services): void {
  client.on('notice', (notice) => showNotice(notice));
  client.on('offer', ({ source, fileName }) => offer([offeredSource(source, fileName)], true));
  client.on('menu', ({ action }) => carryOut(action, bridge, actions));
  bridge.subscribe((now, before) => {
    if (now.app?.downloads !== before.app?.downloads) followList(now.app?.downloads ?? []);
  });
  ui.subscribe((now, before) => {
    if (now.awaited !== undefined && now.awaited !== before.awaited) followList(bridge.getState().app?.downloads ?? []);
  });
}

function showNotice({ kind, key, message }: Events['notice']): void {
  const tone = kind === 'failed' || kind === 'error' ? 'bad' : 'ok';
  say({
    tone,
    message,
    ...(kind === 'assembled' && key !== null ? { reveal: key } : {}),
    ...(kind !== 'error' && { group: { kind, summary: (count) => text.notice.groups[kind](format.count(count)) } }),
  });
}

/**
 * Keeps some download shown: one that was added here, else the first, unless taps select; removed ones are no longer selected. What
 * comes by itself (a feed, a watched folder, another window) does not take the place of what somebody is at.
 */
function followList(downloads: readonly DownloadView[]): void {
  const { awaited, current, selected, selecting } = ui.getState();
  if (selecting) return keepTapped(downloads.map((one) => one.key));
  const known = new Set(downloads.map((one) => one.key));
  if (awaited !== undefined && known.has(awaited)) {
    selectOnly(awaited);
  } else if (current === undefined || !known.has(current)) {
    selectOnly(downloads[0]?.key);
    // On a phone another one would take the place of what was removed.
    ui.setState({ inDetail: false });
  } else if ([...selected].some((one) => !known.has(one))) {
    ui.setState({ selected: new Set([...selected].filter((one) => known.has(one))) });
  }
}

/** A choice in the native menu. */
export function carryOut(action: MenuAction, bridge: StoreApi<BridgeState>, actions: Actions): void {
  const { selected } = ui.getState();
  const chosen = [...selected];
  const shown = shownIn(ui.getState());
  const download = bridge.getState().app?.downloads.find((one) => one.key === shown);
  switch (action) {
    case 'add':
      document.getElementById('add-file')?.click();
      break;
    case 'paste':
    case 'create':
    case 'import':
    case 'settings':
    case 'about':
      open({ kind: action });
      break;
    case 'pause':
      actions.pause(chosen);
      break;
    case 'resume':
      actions.resume(chosen);
      break;
    case 'remove':
      if (chosen.length > 0) open({ kind: 'remove', keys: chosen });
      break;
    case 'select-all':
      chooseAll(listed(bridge.getState().app?.downloads ?? [], ui.getState()).map(({ key }) => key));
      break;
    case 'find':
      document.getElementById('search')?.focus();
      break;
    case 'assemble':
      if (download && canAssemble(download)) actions.assemble(download.key);
      break;
    case 'show-in-folder':
      if (download?.result) actions.reveal(download.key);
      break;
  }
}
