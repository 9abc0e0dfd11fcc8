import type { InputHTMLAttributes, ReactNode } from 'react';
import styles from './field.module.css';

export interface NumberInputProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onChange' | 'type'> {
  /** What is typed; text, so that it may be incomplete on the way. */
  readonly value: string;
  readonly onText: (text: string) => void;
  /** After it, like `kB/s`. */
  readonly unit?: string;
}

/** A field for a number. */
export function NumberInput({ value, onText, unit, className = '', ...rest }: NumberInputProps): ReactNode {
  const input = (
    <input
      {...rest}
      type="number"
      className={`${styles['input']} ${styles['number']} ${className}`}
      value={value}
      onChange={(event) => onText(event.currentTarget.value)}
    />
  );
  if (unit === undefined) return input;
  return (
    <span className={styles['withUnit']}>
      {input}
      <span>{unit}</span>
    </span>
  );
}
