import type { ReactNode } from 'react';
import { text } from '../texts/en.ts';
import { Button } from './button.tsx';
import styles from './dialog.module.css';

/** The foot of a dialog that asks: what leaves everything as it is, and what does what the dialog is about. */
export function DialogActions(props: {
  readonly onCancel: () => void;
  readonly confirm: string;
  readonly tone?: 'primary' | 'danger';
  readonly disabled?: boolean;
}): ReactNode {
  const { onCancel, confirm, tone = 'primary', disabled } = props;
  return (
    <>
      <span className={styles['space']} />
      <Button onClick={onCancel}>{text.cancel}</Button>
      <Button type="submit" tone={tone} disabled={disabled}>
        {confirm}
      </Button>
    </>
  );
}
