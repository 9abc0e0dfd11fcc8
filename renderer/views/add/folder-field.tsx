import type { ReactNode } from 'react';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { TextInput } from '../../parts/text-input.tsx';
import { text } from '../../texts/en.ts';
import styles from './add-form.module.css';
import { useFolderChoice } from './use-folder-choice.tsx';

/** A folder that is typed, or chosen in the system's dialog or, where there is none, in our own. */
export function FolderField(props: {
  readonly label: string;
  readonly value: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly onChange: (folder: string) => void;
}): ReactNode {
  const { label, value, hint, error, onChange } = props;
  const { choose, browser } = useFolderChoice(value, onChange);
  return (
    <>
      <Field label={label} hint={hint} error={error}>
        {(ids) => (
          <div className={styles['folder']}>
            <TextInput {...ids} value={value} onText={onChange} />
            <Button onClick={choose}>{text.add.choose}</Button>
          </div>
        )}
      </Field>
      {browser}
    </>
  );
}
