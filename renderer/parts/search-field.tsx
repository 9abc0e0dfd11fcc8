import { Search } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './search-field.module.css';

/** A field for what is searched for; Escape empties it. `hint`: what stands in it while it is empty, where the label is too long; `className`: how wide it is. */
export function SearchField(props: {
  readonly id?: string;
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly className: string | undefined;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const { id, label, hint = label, value, className, onChange } = props;
  return (
    <label className={`${styles['field']} ${className ?? ''}`}>
      <Search aria-hidden="true" />
      <input
        id={id}
        type="search"
        placeholder={hint}
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && onChange('')}
      />
    </label>
  );
}
