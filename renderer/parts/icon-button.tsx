import { Tooltip } from '@base-ui/react/tooltip';
import type { ReactNode } from 'react';
import { Button, type ButtonProps } from './button.tsx';
import styles from './button.module.css';
import tips from './tooltip.module.css';

export interface IconButtonProps extends Omit<ButtonProps, 'children'> {
  /** Its name, also shown as a tooltip. */
  readonly label: string;
  readonly icon: ReactNode;
}

/** A button that shows an icon alone; its name stands in a tooltip and for screen readers. */
export function IconButton({ label, className = '', ...rest }: IconButtonProps): ReactNode {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger
        delay={400}
        render={<Button {...rest} aria-label={label} className={`${styles['square']} ${className}`} />}
      />
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6} className={tips['positioner']}>
          <Tooltip.Popup className={tips['popup']}>{label}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
