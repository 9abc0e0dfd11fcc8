import type { ReactNode } from 'react';
import type { FieldIds } from './field.tsx';
import styles from './field.module.css';

interface SelectProps<T extends string> extends FieldIds {
  readonly value: T;
  /** Each with what it is called. */
  readonly options: readonly (readonly [T, string])[];
  readonly onChoose: (value: T) => void;
}

/** One of several, in a line that unfolds. */
export function Select<T extends string>({ value, options, onChoose, ...rest }: SelectProps<T>): ReactNode {
  return (
    <select
      {...rest}
      className={styles['select']}
      value={value}
      onChange={({ currentTarget }) => {
        const [chosen] = options.find(([one]) => one === currentTarget.value) ?? [];
        if (chosen !== undefined) onChoose(chosen);
      }}
    >
      {options.map(([one, name]) => (
        <option key={one} value={one}>
          {name}
        </option>
      ))}
    </select>
  );
}
