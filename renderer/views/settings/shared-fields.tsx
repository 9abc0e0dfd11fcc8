import type { ReactNode } from 'react';
import { Field } from '../../parts/field.tsx';
import { NumberInput } from '../../parts/number-input.tsx';
import { TextInput } from '../../parts/text-input.tsx';
import { text } from '../../texts/en.ts';
import own from './edited-list.module.css';
import styles from './settings-dialog.module.css';

/** The name of an entry. What refers to an entry knows it by its name: one that `is` there keeps it. */
export function NameField(props: {
  readonly label: string;
  readonly is: boolean;
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (change: { readonly name: string }) => void;
}): ReactNode {
  const { label, is, value, error, onChange } = props;
  return (
    <Field label={label} error={error}>
      {(ids) => <TextInput {...ids} readOnly={is} value={value} onText={(name) => onChange({ name })} />}
    </Field>
  );
}

interface Limits {
  readonly down: string;
  readonly up: string;
}

/** The limits of an entry, and below them what they mean, or what is wrong with them. */
export function LimitFields(props: {
  readonly words: Limits & { readonly limitHint: string };
  readonly value: Limits;
  readonly error: string | undefined;
  readonly onChange: (change: Partial<Limits>) => void;
}): ReactNode {
  const { words, value, error, onChange } = props;
  return (
    <>
      <div className={styles['columns']}>
        {(['down', 'up'] as const).map((name) => (
          <Field key={name} inline label={words[name]}>
            {(ids) => (
              <NumberInput
                {...ids}
                min={0}
                unit={text.add.unit}
                value={value[name]}
                onText={(typed) => onChange({ [name]: typed })}
              />
            )}
          </Field>
        ))}
      </div>
      <p className={error === undefined ? styles['hint'] : own['error']}>{error ?? words.limitHint}</p>
    </>
  );
}
