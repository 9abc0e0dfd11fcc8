import { type ReactNode, useId } from 'react';
import styles from './choice.module.css';

export interface CheckProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly checked: boolean;
  /** Some but not all of what it stands for is chosen. */
  readonly mixed?: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
  /** It can have the focus, but not be changed. */
  readonly fixed?: boolean;
  readonly tabIndex?: number;
  readonly onFocus?: () => void;
}

/** A checkbox with its name, and below it what it means. */
export function Check(props: CheckProps): ReactNode {
  const { label, hint, checked, mixed = false, onChange, disabled = false, fixed = false, tabIndex, onFocus } = props;
  const id = useId();
  return (
    <div className={styles['check']}>
      <input
        id={id}
        type="checkbox"
        className={styles['box']}
        checked={checked}
        disabled={disabled}
        ref={(element) => {
          if (element) element.indeterminate = mixed;
        }}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        aria-disabled={fixed ? true : undefined}
        tabIndex={tabIndex}
        onFocus={onFocus}
        onChange={(event) => !fixed && onChange(event.currentTarget.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {hint !== undefined && (
        <span id={`${id}-hint`} className={styles['hint']}>
          {hint}
        </span>
      )}
    </div>
  );
}

export interface CardsProps<T extends string> {
  readonly label: string;
  /** Undefined: none is chosen. */
  readonly value: T | undefined;
  readonly onChange: (value: T) => void;
  readonly options: readonly { readonly value: T; readonly name: string; readonly what?: string }[];
  readonly disabled?: boolean;
}

/** One of several, each a card with a sentence on what it does. */
export function Cards<T extends string>({ label, value, onChange, options, disabled }: CardsProps<T>): ReactNode {
  const id = useId();
  return (
    <div role="radiogroup" aria-labelledby={id} className={styles['group']}>
      <div id={id} className={styles['legend']}>
        {label}
      </div>
      <div className={styles['cards']}>
        {options.map((option) => (
          <label key={option.value} className={styles['card']}>
            <input
              type="radio"
              name={id}
              className={styles['radio']}
              checked={option.value === value}
              disabled={disabled}
              onChange={() => onChange(option.value)}
              aria-labelledby={`${id}-${option.value}`}
              aria-describedby={option.what === undefined ? undefined : `${id}-${option.value}-what`}
            />
            <span id={`${id}-${option.value}`} className={styles['name']}>
              {option.name}
            </span>
            {option.what !== undefined && (
              <span id={`${id}-${option.value}-what`} className={styles['what']}>
                {option.what}
              </span>
            )}
          </label>
        ))}
      </div>
    </div>
  );
}
