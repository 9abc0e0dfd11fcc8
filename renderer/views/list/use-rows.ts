import { type KeyboardEvent, type MouseEvent, useRef } from 'react';
import { flushSync } from 'react-dom';
import type { TorrentKey } from '../../../core/base/ids.ts';
import { useActions, useUi } from '../../stores/context.tsx';
import { open, ui } from '../../stores/ui-store.ts';
import { useQueueDrag } from './queue-drag.ts';
import { QUEUE_KEYS } from './queue-lines.tsx';
import { choose, chooseAll, rowAfter } from './selection.ts';

/** What keys and the pointer do in a grid of downloads, and which of its rows are selected. */
export interface Rows {
  readonly selected: ReadonlySet<TorrentKey>;
  readonly current: TorrentKey | undefined;
  onKeyDown(event: KeyboardEvent): void;
  /** The menu opens at this element: it is about the row there, alone where that is not selected. */
  onMenu(at: EventTarget | null): void;
  /** What stands on each row. */
  props(key: TorrentKey): RowProps;
}

interface RowProps extends ReturnType<ReturnType<typeof useQueueDrag>> {
  ref(element: HTMLElement | null): void;
  readonly role: 'row';
  readonly 'aria-selected': boolean;
  readonly tabIndex: number;
  onClick(event: MouseEvent): void;
}

/** `order`: the rows from first to last. */
export function useRows(order: readonly TorrentKey[]): Rows {
  const selected = useUi((state) => state.selected);
  const current = useUi((state) => state.current);
  const actions = useActions();
  const drag = useQueueDrag(order);
  const rows = useRef(new Map<TorrentKey, HTMLElement>());
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = event.altKey ? QUEUE_KEYS[event.key] : undefined;
    const to = rowAfter(order, current, event.key);
    if (move !== undefined) {
      event.preventDefault();
      if (selected.size > 0) actions.reorder(selected, move);
    } else if (to !== undefined) {
      event.preventDefault();
      // The focus is there before the next key comes, as that may open the menu of the row that has it.
      flushSync(() => {
        // With Ctrl the keyboard goes on alone, to what the space bar selects too.
        if ((event.ctrlKey || event.metaKey) && !event.shiftKey) ui.setState({ current: to });
        else choose(order, to, { toggle: false, extend: event.shiftKey });
      });
      rows.current.get(to)?.focus({ preventScroll: true });
    } else if (event.key === 'Enter' && current !== undefined) {
      if (!selected.has(current)) choose(order, current, { toggle: false, extend: false });
      ui.setState({ inDetail: true });
    } else if (event.key === ' ' && current !== undefined) {
      event.preventDefault();
      choose(order, current, { toggle: true, extend: false });
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      chooseAll(order);
    } else if (event.key === 'Delete' && selected.size > 0) {
      open({ kind: 'remove', keys: [...selected], data: event.shiftKey });
    } else if (event.key === 'Escape') {
      ui.setState({ selected: new Set(current === undefined ? [] : [current]) });
    }
  };
  const onPress = (event: MouseEvent, key: TorrentKey): void => {
    const toggle = event.ctrlKey || event.metaKey || ui.getState().selecting;
    choose(order, key, { toggle, extend: event.shiftKey });
    // In a narrow window the list lies over what was chosen.
    if (!toggle && !event.shiftKey) ui.setState({ listOpen: false, inDetail: true });
  };
  return {
    selected,
    current,
    onKeyDown,
    onMenu: (at) => {
      const [key] = [...rows.current].find(([, row]) => at instanceof Node && row.contains(at)) ?? [];
      if (key !== undefined && !ui.getState().selected.has(key)) choose(order, key, { toggle: false, extend: false });
    },
    props: (key) => ({
      ...drag(key),
      ref: (element) => {
        if (element) rows.current.set(key, element);
        else rows.current.delete(key);
      },
      role: 'row',
      'aria-selected': selected.has(key),
      tabIndex: key === current ? 0 : -1,
      onClick: (event) => onPress(event, key),
    }),
  };
}
