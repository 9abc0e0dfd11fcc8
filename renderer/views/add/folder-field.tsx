import { type ReactNode, useState } from 'react';
import { messageOf } from '../../../core/base/errors.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import field from '../../parts/field.module.css';
import { useBridge, useServices } from '../../stores/context.tsx';
import { say } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import styles from './add-form.module.css';
import { FolderBrowser } from './folder-browser.tsx';

/** A folder that is typed, or chosen in the system's dialog or, where there is none, in our own. */
export function FolderField(props: {
  readonly label: string;
  readonly value: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly onChange: (folder: string) => void;
}): ReactNode {
  const { label, value, hint, error, onChange } = props;
  const { client } = useServices();
  const [browsing, setBrowsing] = useState(false);
  const system = useBridge((state) => state.app?.app.shell.folderDialog ?? false);
  const choose = (): void => {
    if (!system) {
      setBrowsing(true);
      return;
    }
    client.call('chooseFolder', { start: value === '' ? null : value }).then(
      (folder) => folder !== null && onChange(folder),
      (failed: unknown) => say({ tone: 'bad', message: messageOf(failed) }),
    );
  };
  return (
    <>
      <Field label={label} hint={hint} error={error}>
        {(ids) => (
          <div className={styles['folder']}>
            <input
              {...ids}
              className={field['input']}
              value={value}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => onChange(event.currentTarget.value)}
            />
            <Button onClick={choose}>{text.add.choose}</Button>
          </div>
        )}
      </Field>
      {browsing && (
        <FolderBrowser
          start={value}
          onClose={() => setBrowsing(false)}
          onChoose={(folder) => {
            onChange(folder);
            setBrowsing(false);
          }}
        />
      )}
    </>
  );
}
