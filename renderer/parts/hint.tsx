import { Tooltip } from '@base-ui/react/tooltip';
import { type ReactNode, useId, useState } from 'react';
import styles from './hint.module.css';
import tips from './tooltip.module.css';

export interface HintProps {
  /** What is always shown. */
  readonly children: ReactNode;
  /** What it means and what to do: in a tooltip when it is pointed at, focused or pressed, and for screen readers. */
  readonly meaning: string;
  readonly className?: string;
}

/** A word that explains itself. */
export function Hint({ children, meaning, className = '' }: HintProps): ReactNode {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <Tooltip.Root open={open} onOpenChange={setOpen}>
      <Tooltip.Trigger
        delay={200}
        closeOnClick={false}
        render={
          <button
            type="button"
            className={`${styles['hint']} ${className}`}
            aria-describedby={id}
            onClick={(event) => {
              // What it stands in may be pressed too, such as a row; and a finger cannot point.
              event.stopPropagation();
              setOpen(true);
            }}
          />
        }
      >
        {children}
      </Tooltip.Trigger>
      <span id={id} hidden>
        {meaning}
      </span>
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6} className={tips['positioner']}>
          <Tooltip.Popup className={`${tips['popup']} ${styles['popup']}`}>{meaning}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
