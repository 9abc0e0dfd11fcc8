import { type ReactNode, useRef, useState } from 'react';
import { Dialog } from '../../parts/dialog.tsx';
import { DialogActions } from '../../parts/dialog-actions.tsx';
import { Field } from '../../parts/field.tsx';
import field from '../../parts/field.module.css';
import { text } from '../../texts/en.ts';
import { takeText } from './intake.ts';

/** Takes magnet links. */
export function PasteDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [link, setLink] = useState('');
  const [wrong, setWrong] = useState<string>();
  const input = useRef<HTMLTextAreaElement>(null);
  const submit = (): void => {
    const problem = takeText(link);
    if (problem === undefined) return;
    setWrong(problem);
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
      footer={<DialogActions onCancel={onClose} confirm={text.paste.next} />}
    >
      <Field label={text.paste.label} hint={text.paste.hint} error={wrong}>
        {(ids) => (
          <textarea
            {...ids}
            ref={input}
            rows={3}
            className={`${field['input']} ${field['area']}`}
            value={link}
            spellCheck={false}
            placeholder="magnet:?xt=urn:btih:…"
            onKeyDown={(event) => {
              // Each line is a link, and Enter means that the last of them is there.
              if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
              event.preventDefault();
              event.currentTarget.form?.requestSubmit();
            }}
            onChange={(event) => {
              setLink(event.currentTarget.value);
              setWrong(undefined);
            }}
          />
        )}
      </Field>
    </Dialog>
  );
}
