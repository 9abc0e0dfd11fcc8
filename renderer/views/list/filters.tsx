import { type ReactNode, useMemo } from 'react';
import { format } from '../../format/format.ts';
import { useUi } from '../../stores/context.tsx';
import { filterCounts, FILTERS, type ListFilter } from '../../stores/list.ts';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import styles from './filters.module.css';
import { useDownloads } from './use-listed.ts';

/** Which states are listed. */
export function Filters(): ReactNode {
  const downloads = useDownloads();
  const filter = useUi((state) => state.filter);
  const counts = useMemo(() => filterCounts(downloads), [downloads]);
  return (
    <div role="radiogroup" aria-label={text.list.filter} className={styles['filters']}>
      {FILTERS.map((one) =>
        isHidden(one, counts[one], downloads.length) && one !== filter ? null : (
          <label key={one} className={styles['filter']}>
            <input type="radio" name="filter" checked={one === filter} onChange={() => ui.setState({ filter: one })} />
            {text.list.filters[one]} {format.count(counts[one])}
          </label>
        ),
      )}
    </div>
  );
}

/** Those of trouble are there when there is some. */
function isHidden(filter: ListFilter, count: number, all: number): boolean {
  if (filter === 'all') return false;
  return filter === 'queued' || filter === 'stalled' || filter === 'failed' ? count === 0 : all === 0;
}
