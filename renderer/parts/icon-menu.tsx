import { Menu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import buttons from './button.module.css';
import { Button } from './button.tsx';
import styles from './menu.module.css';

/** A menu below a button that is an icon alone. `tall`: it may have more lines than the window is high. */
export function IconMenu(props: {
  readonly label: string;
  readonly icon: ReactNode;
  readonly tall?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const { label, icon, tall = false, children } = props;
  return (
    <Menu.Root>
      <Menu.Trigger
        render={
          <Button tone="quiet" className={buttons['square'] ?? ''} aria-label={label} title={label} icon={icon} />
        }
      />
      <Menu.Portal>
        <Menu.Positioner className={styles['positioner']} sideOffset={4} align="end">
          <Menu.Popup className={tall ? `${styles['popup']} ${styles['tall']}` : styles['popup']}>
            {children}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
