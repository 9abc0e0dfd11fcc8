import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import type { LogLine } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import styles from './log-tab.module.css';
import table from './table.module.css';

const words = text.detail.log;
const ROW = 22;

/** What happened, with the newest line at the bottom; follows that unless scrolled away. */
export function LogTab(): ReactNode {
  const lines = useBridge((state) => state.detail?.log);
  if (!lines || lines.length === 0) return <p className={table['empty']}>{words.empty}</p>;
  return <Lines lines={lines} />;
}

function Lines({ lines }: { readonly lines: readonly LogLine[] }): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const follow = useRef(true);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  useEffect(() => {
    if (follow.current) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [lines, virtual]);
  const onScroll = (): void => {
    const element = scroller.current;
    if (element) follow.current = element.scrollHeight - element.scrollTop - element.clientHeight < 2 * ROW;
  };
  return (
    <div
      ref={scroller}
      className={styles['scroll']}
      onScroll={onScroll}
      tabIndex={0}
      role="log"
      aria-label={words.label}
      aria-live="off"
    >
      <div className={styles['lines']} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index];
          if (!line) return null;
          return (
            <div
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className={styles['line']}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <time className={styles['time']} dateTime={new Date(line.time).toISOString()}>
                {format.moment(new Date(line.time))}
              </time>
              <span className={styles[line.level]}>{words.levels[line.level]}</span>
              <span className={styles['message']}>{line.message}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
