import type { ReactNode } from 'react';
import { Field } from '../../parts/field.tsx';
import { Select } from '../../parts/select.tsx';
import { text } from '../../texts/en.ts';

/** One of the categories, or none, where there are any; one that is gone stays to be seen while it is chosen. */
export function CategorySelect(props: {
  readonly value: string;
  readonly categories: readonly string[];
  readonly onChange: (category: string) => void;
}): ReactNode {
  const { value, categories, onChange } = props;
  const names = new Set([...categories, ...(value === '' ? [] : [value])]);
  // There is nothing to choose.
  if (names.size === 0) return null;
  return (
    <Field label={text.options.category}>
      {(ids) => (
        <Select
          {...ids}
          value={value}
          options={[['', text.settings.watched.noCategory], ...[...names].map((name) => [name, name] as const)]}
          onChoose={onChange}
        />
      )}
    </Field>
  );
}
