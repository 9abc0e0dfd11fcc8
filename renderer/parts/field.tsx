import { type ReactNode, useId } from 'react';
import styles from './field.module.css';

/** Ids that a control takes over from its field. */
export interface FieldIds {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

export interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** A sentence shown below the control, which is marked as wrong. */
  readonly error?: string | undefined;
  readonly children: (ids: FieldIds) => ReactNode;
  /** Label and control in one line. */
  readonly inline?: boolean;
}

/** A label, its control, and below it a hint or what is wrong. */
export function Field({ label, hint, error, children, inline = false }: FieldProps): ReactNode {
  const id = useId();
  const note = error ?? hint;
  const noteId = `${id}-note`;
  return (
    <div className={inline ? styles['inline'] : styles['field']}>
      <label htmlFor={id} className={styles['label']}>
        {label}
      </label>
      {children({
        id,
        'aria-describedby': note === undefined ? undefined : noteId,
        'aria-invalid': error === undefined ? undefined : true,
      })}
      {note !== undefined && (
        <div id={noteId} className={error === undefined ? styles['hint'] : styles['error']}>
          {note}
        </div>
      )}
    </div>
  );
}
