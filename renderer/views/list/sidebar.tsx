import { PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../../parts/icon-button.tsx';
import { useUi } from '../../stores/context.tsx';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { usePhone } from '../frame/use-narrow.ts';
import { DownloadsGrid } from './downloads-grid.tsx';
import { Filters } from './filters.tsx';
import { LabelChips, LabelMenu } from './label-menu.tsx';
import { SelectButton, SelectionBar } from './selection-bar.tsx';
import styles from './sidebar.module.css';
import { SortMenu } from './sort-menu.tsx';

/** The list with its filters and order; in a narrow window a rail that unfolds. */
export function Sidebar({ narrow }: { readonly narrow: boolean }): ReactNode {
  const unfolded = useUi((state) => state.listOpen);
  const rail = narrow && !unfolded;
  const phone = usePhone();
  const selecting = useUi((state) => state.selecting) && phone;
  return (
    <aside className={`${styles['side']} ${rail ? styles['rail'] : ''} ${narrow && unfolded ? styles['over'] : ''}`}>
      <div className={styles['top']}>
        {!rail && (
          <>
            <Filters />
            <LabelMenu />
            <SortMenu />
            {phone && <SelectButton />}
          </>
        )}
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
      {!rail && <LabelChips />}
      {selecting && <SelectionBar />}
      <DownloadsGrid narrow={rail} />
    </aside>
  );
}
