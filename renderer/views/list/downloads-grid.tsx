import { useVirtualizer } from '@tanstack/react-virtual';
import { ContextMenu } from '@base-ui/react/context-menu';
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useRef } from 'react';
import type { TorrentKey } from '../../../core/base/ids.ts';
import { useUi } from '../../stores/context.tsx';
import { open, ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { DownloadMenu } from './download-menu.tsx';
import { DownloadRow } from './download-row.tsx';
import styles from './downloads-grid.module.css';
import { choose, chooseAll, rowAfter } from './selection.ts';
import { useListed } from './use-listed.ts';

const ROW_HEIGHT = 75;

/** The list of downloads: a grid of one column in which several rows may be selected. */
export function DownloadsGrid({ narrow }: { readonly narrow: boolean }): ReactNode {
  const downloads = useListed();
  const selected = useUi((state) => state.selected);
  const current = useUi((state) => state.current);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRef(new Map<TorrentKey, HTMLElement>());
  const order = downloads.map((one) => one.key);
  const at = current === undefined ? -1 : order.indexOf(current);
  const virtual = useVirtualizer({
    count: downloads.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
    getItemKey: (index) => order[index] ?? index,
  });
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at);
  }, [at, virtual]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const to = rowAfter(order, current, event.key);
    if (to !== undefined) {
      event.preventDefault();
      choose(order, to, { toggle: false, extend: event.shiftKey });
      requestAnimationFrame(() => rows.current.get(to)?.focus());
    } else if (event.key === 'Enter' && current !== undefined) {
      ui.setState({ inDetail: true });
    } else if (event.key === ' ' && current !== undefined) {
      event.preventDefault();
      choose(order, current, { toggle: true, extend: false });
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      chooseAll(order);
    } else if (event.key === 'Delete' && selected.size > 0) {
      open({ kind: 'remove', keys: [...selected] });
    } else if (event.key === 'Escape') {
      ui.setState({ selected: new Set(current === undefined ? [] : [current]) });
    }
  };
  const onPress = (event: MouseEvent, key: TorrentKey): void => {
    const toggle = event.ctrlKey || event.metaKey;
    choose(order, key, { toggle, extend: event.shiftKey });
    // In a narrow window the list lies over what was chosen.
    if (!toggle && !event.shiftKey) ui.setState({ listOpen: false, inDetail: true });
  };
  const onContextMenu = (key: TorrentKey): void => {
    if (!ui.getState().selected.has(key)) choose(order, key, { toggle: false, extend: false });
  };

  if (downloads.length === 0 && ui.getState().search !== '')
    return <p className={styles['none']}>{text.list.noMatch}</p>;
  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger
        ref={scroller}
        className={styles['grid']}
        role="grid"
        aria-label={text.list.label}
        aria-multiselectable="true"
        aria-rowcount={downloads.length}
        aria-colcount={1}
        tabIndex={at < 0 && downloads.length > 0 ? 0 : -1}
        onKeyDown={onKeyDown}
      >
        <div className={styles['rows']} role="presentation" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const download = downloads[item.index];
            if (!download) return null;
            const { key, name } = download;
            const isSelected = selected.has(key);
            return (
              <div
                key={key}
                ref={(element) => {
                  if (element) rows.current.set(key, element);
                  else rows.current.delete(key);
                }}
                className={`${styles['row']} ${narrow ? styles['narrow'] : ''}`}
                style={{ transform: `translateY(${item.start}px)`, height: item.size }}
                role="row"
                aria-label={name}
                aria-selected={isSelected}
                aria-rowindex={item.index + 1}
                tabIndex={key === current ? 0 : -1}
                onClick={(event) => onPress(event, key)}
                onContextMenu={() => onContextMenu(key)}
              >
                <div role="gridcell" className={styles['cell']}>
                  <DownloadRow download={download} narrow={narrow} />
                </div>
              </div>
            );
          })}
        </div>
      </ContextMenu.Trigger>
      <DownloadMenu />
    </ContextMenu.Root>
  );
}
