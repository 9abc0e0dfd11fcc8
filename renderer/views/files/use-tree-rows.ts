import { type ComponentProps, type KeyboardEvent, type MouseEvent, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { TreeNode } from './tree.ts';

/** Which rows of a tree are chosen, and what keys and the pointer do there. */
export interface TreeRows {
  readonly chosen: ReadonlySet<string>;
  /** Where the keyboard stands; -1: nowhere yet. */
  readonly at: number;
  props(index: number): ComponentProps<'tr'>;
}

const PAGE = 8;

/** `rows`: the visible nodes, of which `closed` are folded. */
export function useTreeRows(
  rows: readonly TreeNode[],
  closed: ReadonlySet<string>,
  fold: (node: TreeNode) => void,
  rename: (node: TreeNode) => void,
): TreeRows {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [anchor, setAnchor] = useState<string>();
  const [current, setCurrent] = useState<string>();
  const elements = useRef(new Map<string, HTMLElement>());
  const at = rows.findIndex(({ key }) => key === current);

  const choose = (index: number, how: { readonly toggle: boolean; readonly extend: boolean }): void => {
    const node = rows[index];
    if (node === undefined) return;
    setCurrent(node.key);
    const from = rows.findIndex(({ key }) => key === anchor);
    if (how.extend && from >= 0) {
      const range = rows.slice(Math.min(from, index), Math.max(from, index) + 1);
      setChosen(new Set(range.map(({ key }) => key)));
      return;
    }
    setAnchor(node.key);
    const next = new Set(how.toggle ? chosen : []);
    if (!how.toggle || !next.delete(node.key)) next.add(node.key);
    setChosen(next);
  };
  const go = (index: number, extend: boolean): void => {
    const to = Math.min(rows.length - 1, Math.max(0, index));
    // The focus is there before the next key comes.
    flushSync(() => choose(to, { toggle: false, extend }));
    elements.current.get(rows[to]?.key ?? '')?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>, index: number): void => {
    const node = rows[index];
    // The controls in a row have keys of their own.
    if (event.target !== event.currentTarget || node === undefined) return;
    const open = node.folder && !closed.has(node.key);
    const parent = rows.findLastIndex((one, i) => i < index && one.depth < node.depth);
    const acts: Readonly<Record<string, () => void>> = {
      ArrowDown: () => go(index + 1, event.shiftKey),
      ArrowUp: () => go(index - 1, event.shiftKey),
      PageDown: () => go(index + PAGE, event.shiftKey),
      PageUp: () => go(index - PAGE, event.shiftKey),
      Home: () => go(0, event.shiftKey),
      End: () => go(rows.length - 1, event.shiftKey),
      ArrowRight: () => (node.folder && !open ? fold(node) : go(index + 1, false)),
      ArrowLeft: () => (open ? fold(node) : parent >= 0 && go(parent, false)),
      F2: () => rename(node),
      ' ': () => choose(index, { toggle: true, extend: false }),
      ...((event.ctrlKey || event.metaKey) && { a: () => setChosen(new Set(rows.map(({ key }) => key))) }),
    };
    const act = acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  const onClick = (event: MouseEvent<HTMLElement>, index: number): void => {
    if (event.target instanceof Element && event.target.closest('button, select') !== null) return;
    choose(index, { toggle: event.ctrlKey || event.metaKey, extend: event.shiftKey });
  };
  return {
    chosen,
    at,
    props: (index) => {
      const node = rows[index];
      if (node === undefined) return {};
      return {
        ref: (element) => {
          if (element) elements.current.set(node.key, element);
          else elements.current.delete(node.key);
        },
        'aria-label': node.name,
        'aria-level': node.depth + 1,
        ...(node.folder && { 'aria-expanded': !closed.has(node.key) }),
        'aria-selected': chosen.has(node.key),
        tabIndex: index === Math.max(0, at) ? 0 : -1,
        onContextMenu: () => setCurrent(node.key),
        onFocus: (event) => event.target === event.currentTarget && setCurrent(node.key),
        onClick: (event) => onClick(event, index),
        onKeyDown: (event) => onKeyDown(event, index),
      };
    },
  };
}
