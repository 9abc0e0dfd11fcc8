import { ArrowDown, ArrowDownToLine, ArrowUp, ArrowUpToLine, Check, ListOrdered, Zap } from 'lucide-react';
import type { DownloadView } from '../../../core/bridge/views.ts';
import type { QueueMove } from '../../../core/engine/engine.ts';
import type { MenuEntry } from '../../parts/menu.tsx';
import type { Actions } from '../../stores/actions.ts';
import { text } from '../../texts/en.ts';

const words = text.order;

/** Keys with Alt that move the selected downloads in the queue. */
export const QUEUE_KEYS: Readonly<Record<string, Extract<QueueMove, string>>> = {
  Home: 'top',
  ArrowUp: 'up',
  ArrowDown: 'down',
  End: 'bottom',
};
const ICONS = { top: <ArrowUpToLine />, up: <ArrowUp />, down: <ArrowDown />, bottom: <ArrowDownToLine /> } as const;
const SHOWN = { top: 'Alt+Home', up: 'Alt+↑', down: 'Alt+↓', bottom: 'Alt+End' } as const;

/** What can be done with some downloads in the queue. */
export function queueLines(downloads: readonly DownloadView[], actions: Actions): MenuEntry {
  const keys = downloads.map(({ key }) => key);
  const forced = downloads.length > 0 && downloads.every(({ options }) => options.forced);
  return {
    label: words.menu,
    icon: <ListOrdered />,
    lines: [
      ...(['top', 'up', 'down', 'bottom'] as const).map((to) => ({
        label: words[to],
        icon: ICONS[to],
        keys: SHOWN[to],
        act: () => actions.reorder(keys, to),
      })),
      'separator',
      {
        label: forced ? words.unforce : words.force,
        icon: forced ? <Check /> : <Zap />,
        act: () => actions.force(keys, !forced),
      },
    ],
  };
}
