import type { InputHTMLAttributes, ReactNode } from 'react';
import styles from './field.module.css';

interface TextInputProps extends Omit<
  InputHTMLAttributes<HTMLInputElement>,
  'value' | 'onChange' | 'type' | 'className'
> {
  /** `password`: what is typed is not shown. */
  readonly type?: 'text' | 'password';
  readonly value: string;
  readonly onText: (text: string) => void;
}

/** A field for a name, a path, an address and the like: nothing completes or corrects it. */
export function TextInput({ type = 'text', value, onText, ...rest }: TextInputProps): ReactNode {
  return (
    <input
      autoComplete="off"
      spellCheck={false}
      {...rest}
      type={type}
      className={styles['input']}
      value={value}
      onChange={(event) => onText(event.currentTarget.value)}
    />
  );
}
