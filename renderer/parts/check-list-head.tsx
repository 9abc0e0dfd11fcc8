import type { ReactNode } from 'react';
import { format } from '../format/format.ts';
import { text } from '../texts/en.ts';
import styles from './check-list.module.css';
import { Check } from './choice.tsx';

/** Above a list of checkboxes: all of them at once, and whether only those are shown that cannot be chosen. */
export function CheckListHead(props: {
  readonly label: string;
  /** How many can be chosen, and how many of these are. */
  readonly open: number;
  readonly chosen: number;
  /** Nothing can be chosen now. */
  readonly fixed?: boolean;
  readonly onAll: (chosen: boolean) => void;
  readonly leftOut: number;
  readonly onlyLeftOut: boolean;
  readonly onOnlyLeftOut: (only: boolean) => void;
  /** Stands to the right. */
  readonly children?: ReactNode;
}): ReactNode {
  const { label, open, chosen, fixed = false, onAll, leftOut, onlyLeftOut, onOnlyLeftOut, children } = props;
  return (
    <div className={styles['head']}>
      <Check
        label={label}
        checked={chosen > 0}
        mixed={chosen > 0 && chosen < open}
        disabled={open === 0 || fixed}
        onChange={onAll}
      />
      {leftOut > 0 && (
        <Check
          label={text.onlyLeftOut(leftOut, format.count(leftOut))}
          checked={onlyLeftOut}
          onChange={onOnlyLeftOut}
        />
      )}
      {children}
    </div>
  );
}
