import type { ReactNode } from 'react';
import { ContextMenu } from '@base-ui/react/context-menu';
import styles from './menu.module.css';

/** A line of a menu; `separator` is one. */
export type MenuEntry =
  | 'separator'
  | {
      readonly label: string;
      readonly icon?: ReactNode;
      readonly keys?: string;
      readonly disabled?: boolean;
      readonly danger?: boolean;
      readonly act: () => void;
    };

/** The lines of a menu, the same in a context menu and below a button. */
export function MenuLines({ entries }: { readonly entries: readonly MenuEntry[] }): ReactNode {
  return entries.map((entry, at) =>
    entry === 'separator' ? (
      // Entries do not change their order while the menu is open.
      <ContextMenu.Separator key={at} className={styles['separator']} />
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
