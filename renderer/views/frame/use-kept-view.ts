import { useEffect } from 'react';
import type { ViewChoices } from '../../../core/engine/settings.ts';
import { useBridge, useServices } from '../../stores/context.tsx';
import { readColumns } from '../../stores/columns.ts';
import { FILTERS } from '../../stores/list.ts';
import { isSortKey } from '../../stores/sort.ts';
import { LAYOUTS, TABS, ui, type UiState } from '../../stores/ui-store.ts';

/** After this pause in changes they are kept, in milliseconds. */
const PAUSE = 400;

/** The list's filter, order and shape and the detail's tab are as they were when a window was last open. */
export function useKeptView(): void {
  const { client } = useServices();
  const known = useBridge((state) => state.app !== undefined);
  const { bridge } = useServices();
  useEffect(() => {
    if (!known) return;
    ui.setState(readView(bridge.getState().app?.settings.view ?? {}));
    let timer: ReturnType<typeof setTimeout> | undefined;
    let kept = JSON.stringify(viewOf(ui.getState()));
    const stop = ui.subscribe((now) => {
      const view = viewOf(now);
      const text = JSON.stringify(view);
      if (text === kept) return;
      kept = text;
      clearTimeout(timer);
      // A window that is closed before has little to lose.
      timer = setTimeout(() => void client.call('changeSettings', { changes: { view } }).catch(() => undefined), PAUSE);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [known, client, bridge]);
}

function viewOf({ filter, sort, reverse, tab, layout, columns, detailHeight: detail }: UiState): ViewChoices {
  return { filter, sort, reverse, tab, layout, columns, detail };
}

/** Those choices that this window knows. */
export function readView(view: ViewChoices): Partial<UiState> {
  const filter = FILTERS.find((one) => one === view.filter);
  const layout = LAYOUTS.find((one) => one === view.layout);
  const tab = TABS.find((one) => one === view.tab);
  return {
    ...(filter && { filter }),
    ...(isSortKey(view.sort) && { sort: view.sort }),
    ...(layout && { layout }),
    ...(view.columns && { columns: readColumns(view.columns) }),
    ...(view.detail !== undefined && { detailHeight: view.detail }),
    ...(tab && { tab }),
    ...(view.reverse !== undefined && { reverse: view.reverse }),
  };
}
