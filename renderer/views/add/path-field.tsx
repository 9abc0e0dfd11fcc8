import type { ReactNode } from 'react';
import { isWholePath } from '../../../core/base/whole-path.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { TextInput } from '../../parts/text-input.tsx';
import { useBridge, useServices } from '../../stores/context.tsx';
import { sayError } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import styles from './add-form.module.css';
import { useFolderChoice } from './use-folder-choice.tsx';

/** A file or folder that is typed, or chosen: a file in the system's dialog alone. */
export function PathField(props: {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly onChange: (path: string) => void;
  /** What the user has picked, rather than typed; by default as `onChange`. */
  readonly onChosen?: (path: string) => void;
}): ReactNode {
  const { label, value, placeholder, hint, error, onChange, onChosen = onChange } = props;
  const { client } = useServices();
  const desktop = useBridge((state) => state.app?.app.shell.folderDialog ?? false);
  const { choose, browser } = useFolderChoice(value, onChosen);
  const file = (): void => {
    const start = isWholePath(value.trim()) ? value.trim() : null;
    client.call('chooseFile', { start }).then((chosen) => chosen !== null && onChosen(chosen), sayError);
  };
  return (
    <>
      <Field label={label} hint={hint} error={error}>
        {(ids) => (
          <div className={styles['folder']}>
            <TextInput {...ids} placeholder={placeholder} value={value} onText={onChange} />
            <Button onClick={choose}>{text.add.folderButton}</Button>
            {desktop && <Button onClick={file}>{text.add.fileButton}</Button>}
          </div>
        )}
      </Field>
      {browser}
    </>
  );
}
