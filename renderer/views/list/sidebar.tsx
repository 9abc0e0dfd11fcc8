import { ArrowDownUp, PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import { Menu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import { format } from '../../format/format.ts';
import { Button } from '../../parts/button.tsx';
import buttons from '../../parts/button.module.css';
import { IconButton } from '../../parts/icon-button.tsx';
import menu from '../../parts/menu.module.css';
import { useUi } from '../../stores/context.tsx';
import { filterCounts, FILTERS, type ListFilter, SORTS, type SortKey } from '../../stores/list.ts';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { DownloadsGrid } from './downloads-grid.tsx';
import styles from './sidebar.module.css';
import { useDownloads } from './use-listed.ts';

/** The list with its filters and order; in a narrow window a rail that unfolds. */
export function Sidebar({ narrow }: { readonly narrow: boolean }): ReactNode {
  const unfolded = useUi((state) => state.listOpen);
  const rail = narrow && !unfolded;
  return (
    <aside className={`${styles['side']} ${rail ? styles['rail'] : ''} ${narrow && unfolded ? styles['over'] : ''}`}>
      <div className={styles['top']}>
        {!rail && <Filters />}
        {!rail && <SortMenu />}
        {narrow && (
          <IconButton
            tone="quiet"
            label={unfolded ? text.toolbar.closeList : text.toolbar.openList}
            icon={unfolded ? <PanelLeftClose /> : <PanelLeftOpen />}
            aria-expanded={unfolded}
            onClick={() => ui.setState({ listOpen: !unfolded })}
          />
        )}
      </div>
      <DownloadsGrid narrow={rail} />
    </aside>
  );
}

function Filters(): ReactNode {
  const downloads = useDownloads();
  const filter = useUi((state) => state.filter);
  const counts = filterCounts(downloads);
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
  return filter === 'stalled' || filter === 'failed' ? count === 0 : all === 0;
}

function SortMenu(): ReactNode {
  const sort = useUi((state) => state.sort);
  const reverse = useUi((state) => state.reverse);
  const label = `${text.list.sort}: ${text.list.sorts[sort]}`;
  return (
    <Menu.Root>
      <Menu.Trigger
        render={
          <Button
            tone="quiet"
            className={buttons['square'] ?? ''}
            aria-label={label}
            title={label}
            icon={<ArrowDownUp />}
          />
        }
      />
      <Menu.Portal>
        <Menu.Positioner className={menu['positioner']} sideOffset={4} align="end">
          <Menu.Popup className={menu['popup']}>
            <Menu.RadioGroup value={sort} onValueChange={(value: SortKey) => ui.setState({ sort: value })}>
              {SORTS.map((one) => (
                <Menu.RadioItem key={one} value={one} className={menu['item']} closeOnClick>
                  <span className={menu['icon']}>
                    <Menu.RadioItemIndicator>✓</Menu.RadioItemIndicator>
                  </span>
                  {text.list.sorts[one]}
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
            <Menu.Separator className={menu['separator']} />
            <Menu.CheckboxItem
              className={menu['item']}
              checked={reverse}
              onCheckedChange={(checked) => ui.setState({ reverse: checked })}
            >
              <span className={menu['icon']}>
                <Menu.CheckboxItemIndicator>✓</Menu.CheckboxItemIndicator>
              </span>
              {text.list.descending}
            </Menu.CheckboxItem>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
