import { type ReactNode, useRef, useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import field from '../../parts/field.module.css';
import { text } from '../../texts/en.ts';
import { takeText } from './intake.ts';
import styles from './dialogs.module.css';

/** Takes a magnet link. */
export function PasteDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [link, setLink] = useState('');
  const [wrong, setWrong] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const submit = (): void => {
    if (takeText(link)) return;
    setWrong(true);
    input.current?.focus();
  };
  return (
    <Dialog
      open
      width="narrow"
      onClose={onClose}
      title={text.paste.title}
      initialFocus={input}
      onSubmit={submit}
      footer={
        <>
          <span className={styles['space']} />
          <Button onClick={onClose}>{text.cancel}</Button>
          <Button type="submit" tone="primary">
            {text.paste.next}
          </Button>
        </>
      }
    >
      <Field label={text.paste.label} hint={text.paste.hint} error={wrong ? text.refuse.noLink : undefined}>
        {(ids) => (
          <input
            {...ids}
            ref={input}
            className={field['input']}
            value={link}
            spellCheck={false}
            placeholder="magnet:?xt=urn:btih:…"
            onChange={(event) => {
              setLink(event.currentTarget.value);
              setWrong(false);
            }}
          />
        )}
      </Field>
    </Dialog>
  );
}
