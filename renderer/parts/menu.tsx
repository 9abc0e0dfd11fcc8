import type { ReactNode } from 'react';
import { ChevronRight } from 'lucide-react';
import { ContextMenu } from '@base-ui/react/context-menu';
import styles from './menu.module.css';

/** A line of a menu that does something. */
export interface MenuLine {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly keys?: string;
  readonly disabled?: boolean;
  readonly danger?: boolean;
  readonly act: () => void;
}

/** What a menu shows: lines, menus of their own, and separators between them. */
export type MenuEntry =
  | 'separator'
  | MenuLine
  | {
      readonly label: string;
      readonly icon?: ReactNode;
      readonly disabled?: boolean;
      readonly lines: readonly MenuEntry[];
    };

/** The lines of a menu, the same in a context menu and below a button. */
export function MenuLines({ entries }: { readonly entries: readonly MenuEntry[] }): ReactNode {
  return entries.map((entry, at) =>
    entry === 'separator' ? (
      // Entries do not change their order while the menu is open.
      <ContextMenu.Separator key={at} className={styles['separator']} />
    ) : 'lines' in entry ? (
      <ContextMenu.SubmenuRoot key={entry.label} disabled={entry.disabled ?? false}>
        <ContextMenu.SubmenuTrigger className={styles['item']}>
          <span className={styles['icon']}>{entry.icon}</span>
          {entry.label}
          <ChevronRight className={styles['more']} aria-hidden="true" />
        </ContextMenu.SubmenuTrigger>
        <ContextMenu.Portal>
          <ContextMenu.Positioner className={styles['positioner']}>
            <ContextMenu.Popup className={styles['popup']}>
              <MenuLines entries={entry.lines} />
            </ContextMenu.Popup>
          </ContextMenu.Positioner>
        </ContextMenu.Portal>
      </ContextMenu.SubmenuRoot>
    ) : (
      <ContextMenu.Item
        key={entry.label}
        className={`${styles['item']} ${entry.danger ? styles['danger'] : ''}`}
        disabled={entry.disabled ?? false}
        onClick={entry.act}
      >
        <span className={styles['icon']}>{entry.icon}</span>
        {entry.label}
        {entry.keys !== undefined && (
          <kbd className={styles['keys']} aria-hidden="true">
            {entry.keys}
          </kbd>
        )}
      </ContextMenu.Item>
    ),
  );
}
