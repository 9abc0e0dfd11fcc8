import { Slider as Base } from '@base-ui/react/slider';
import type { ReactNode } from 'react';
import styles from './slider.module.css';

/** Chooses a whole number by dragging or with arrow keys. */
export function Slider(props: {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly label: string;
  readonly onChange: (value: number) => void;
}): ReactNode {
  const { value, min, max, label, onChange } = props;
  return (
    <Base.Root value={value} min={min} max={max} onValueChange={onChange} className={styles['root']}>
      <Base.Control className={styles['control']}>
        <Base.Track className={styles['track']}>
          <Base.Indicator className={styles['done']} />
          <Base.Thumb className={styles['thumb']} aria-label={label} />
        </Base.Track>
      </Base.Control>
    </Base.Root>
  );
}
