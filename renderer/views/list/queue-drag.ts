import { type DragEvent, useState } from 'react';
import type { TorrentKey } from '../../../core/base/ids.ts';
import { useActions, useUi } from '../../stores/context.tsx';
import { ui } from '../../stores/ui-store.ts';
import { choose } from './selection.ts';

/** What is dragged are rows of the list, and not files. */
const ROWS = 'application/x-ensemble-rows';

/** Whether rows are dragged. */
export const dragsRows = (event: { readonly dataTransfer: DataTransfer | null }): boolean =>
  event.dataTransfer?.types.includes(ROWS) === true;

interface DragProps {
  readonly draggable?: true;
  /** Where what is dragged would go. */
  readonly 'data-drop'?: Side;
  onDragStart?(event: DragEvent): void;
  onDragOver?(event: DragEvent): void;
  onDragLeave?(): void;
  onDrop?(event: DragEvent): void;
  onDragEnd?(): void;
}

type Side = 'above' | 'below';

/** Rows that are in the order of the queue are moved in it by dragging. */
export function useQueueDrag(order: readonly TorrentKey[]): (key: TorrentKey) => DragProps {
  const inQueue = useUi((state) => state.sort === 'place');
  const reverse = useUi((state) => state.reverse);
  const actions = useActions();
  const [over, setOver] = useState<{ readonly key: TorrentKey; readonly side: Side }>();
  if (!inQueue) return () => ({});
  return (key) => ({
    draggable: true,
    ...(over?.key === key ? { 'data-drop': over.side } : {}),
    onDragStart: ({ dataTransfer }) => {
      if (!ui.getState().selected.has(key)) choose(order, key, { toggle: false, extend: false });
      dataTransfer.setData(ROWS, '');
      dataTransfer.effectAllowed = 'move';
    },
    onDragOver: (event) => {
      if (!dragsRows(event)) return;
      event.preventDefault();
      const side = sideOf(event);
      if (over?.key !== key || over.side !== side) setOver({ key, side });
    },
    onDragLeave: () => setOver(undefined),
    onDrop: (event) => {
      if (!dragsRows(event)) return;
      event.preventDefault();
      setOver(undefined);
      const before = (sideOf(event) === 'above') !== reverse;
      actions.reorder(ui.getState().selected, before ? { before: key } : { after: key });
    },
    onDragEnd: () => setOver(undefined),
  });
}

function sideOf({ currentTarget, clientY }: DragEvent): Side {
  const { top, height } = currentTarget.getBoundingClientRect();
  return clientY < top + height / 2 ? 'above' : 'below';
}
