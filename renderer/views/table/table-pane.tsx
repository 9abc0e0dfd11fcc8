import { PanelBottomClose, PanelBottomOpen } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from 'react';
import { IconButton } from '../../parts/icon-button.tsx';
import { useUi } from '../../stores/context.tsx';
import { ui, USUAL_HEIGHT } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { Filters } from '../list/filters.tsx';
import { LabelChips, LabelMenu } from '../list/label-menu.tsx';
import { ColumnsMenu } from './columns-menu.tsx';
import { DownloadsTable } from './downloads-table.tsx';
import { dragging } from './dragging.ts';
import styles from './table-pane.module.css';

/** Percent of the height that table and detail each have at least. */
const LEAST = 15;
const STEP = 5;
const bounded = (height: number): number => Math.round(Math.min(100 - LEAST, Math.max(LEAST, height)));

/** The downloads as a table, and below it one of them in full. */
export function TablePane({ children }: { readonly children: ReactNode }): ReactNode {
  const height = useUi((state) => state.detailHeight);
  const pane = useRef<HTMLDivElement>(null);
  const hidden = height === 0;
  return (
    <div ref={pane} className={styles['pane']}>
      <div className={styles['bar']}>
        <Filters />
        <LabelChips />
        <LabelMenu />
        <ColumnsMenu />
        <IconButton
          tone="quiet"
          label={hidden ? text.table.showDetail : text.table.hideDetail}
          icon={hidden ? <PanelBottomOpen /> : <PanelBottomClose />}
          onClick={() => ui.setState({ detailHeight: hidden ? USUAL_HEIGHT : 0 })}
        />
      </div>
      <DownloadsTable />
      {!hidden && (
        <>
          <Split height={height} pane={pane} />
          <div className={styles['detail']} style={{ height: `${height}%` }}>
            {children}
          </div>
        </>
      )}
    </div>
  );
}

/** What lies between table and detail, and is moved to share the height out. */
function Split(props: { readonly height: number; readonly pane: { readonly current: HTMLElement | null } }): ReactNode {
  const { height, pane } = props;
  const onPointerDown = (event: PointerEvent<HTMLElement>): void => {
    const to = (_by: number, _x: number, y: number): void => {
      const box = pane.current?.getBoundingClientRect();
      if (box) ui.setState({ detailHeight: bounded((100 * (box.bottom - y)) / box.height) });
    };
    dragging(event, { move: to, end: () => undefined });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    ui.setState({ detailHeight: bounded(height + by) });
  };
  return (
    <div
      className={styles['split']}
      role="separator"
      aria-orientation="horizontal"
      aria-label={text.table.split}
      aria-valuenow={height}
      aria-valuemin={LEAST}
      aria-valuemax={100 - LEAST}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  );
}
