import { useEffect } from 'react';
import type { StoreApi } from 'zustand/vanilla';
import type { Events, MenuAction } from '../../../core/bridge/contract.ts';
import { type Actions, canAssemble } from '../../stores/actions.ts';
import type { BridgeState } from '../../stores/bridge-store.ts';
import { useBridge, useServices } from '../../stores/context.tsx';
import { setAppearance } from '../../stores/theme.ts';
import { offer, open, say, selectOnly, ui } from '../../stores/ui-store.ts';
import { format } from '../../format/format.ts';
import { text } from '../../texts/en.ts';
import { offeredSource } from './intake.ts';

/** Follows what the program sends besides its state, and keeps the window's choices in step with the list. */
export function useProgram(): void {
  const { client, bridge, actions } = useServices();
  const appearance = useBridge((state) => state.app?.settings.appearance ?? 'system');
  useEffect(() => setAppearance(appearance), [appearance]);
  useEffect(() => {
    const stops = [
      client.on('notice', (notice) => showNotice(notice)),
      client.on('offer', ({ source, fileName }) => offer([offeredSource(source, fileName)], true)),
      client.on('menu', ({ action }) => carryOut(action, bridge, actions)),
      bridge.subscribe((now, before) => {
        if (now.app?.downloads !== before.app?.downloads) followList(now, before);
      }),
    ];
    followList(bridge.getState(), undefined);
    const seen = (): void => {
      void client.call('setVisible', { visible: !document.hidden }).catch(() => undefined);
    };
    document.addEventListener('visibilitychange', seen);
    return () => {
      document.removeEventListener('visibilitychange', seen);
      for (const stop of stops) stop();
    };
  }, [client, bridge, actions]);
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

/** Keeps some download shown: a new one, else the first; removed ones are no longer selected. */
function followList(now: BridgeState, before: BridgeState | undefined): void {
  const downloads = now.app?.downloads ?? [];
  const known = new Set(downloads.map((one) => one.key));
  const { current, selected } = ui.getState();
  const old = before?.app && new Set(before.app.downloads.map((one) => one.key));
  const added = old && downloads.findLast((one) => !old.has(one.key));
  if (added) {
    selectOnly(added.key);
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
  const { selected, current } = ui.getState();
  const chosen = [...selected];
  const download = bridge.getState().app?.downloads.find((one) => one.key === current);
  switch (action) {
    case 'add':
      document.getElementById('add-file')?.click();
      break;
    case 'paste':
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
      ui.setState({ selected: new Set(bridge.getState().app?.downloads.map((one) => one.key)) });
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
