import { type ReactNode, useState } from 'react';
import { COLLECT_MODES } from '../../../core/base/choices.ts';
import { X } from 'lucide-react';
import { format } from '../../format/format.ts';
import { Cards, Check } from '../../parts/choice.tsx';
import { Field } from '../../parts/field.tsx';
import { IconButton } from '../../parts/icon-button.tsx';
import { NumberInput } from '../../parts/number-input.tsx';
import { TextInput } from '../../parts/text-input.tsx';
import { text } from '../../texts/en.ts';
import styles from './add-form.module.css';
import { type MachinesForm, MOST_TEXT, type ReadText } from './machines-form.ts';

const words = text.machines;
const COLLECTS = COLLECT_MODES.map((value) => ({ value, ...words.collects[value] }));

/** Whether other machines fetch parts of it, and where they meet. */
export function MachinesChoice(props: {
  readonly form: MachinesForm;
  /** By field. */
  readonly errors: Readonly<Record<'address' | 'user' | 'limit', string | undefined>>;
  readonly onChange: (form: MachinesForm) => void;
}): ReactNode {
  const { form, errors, onChange } = props;
  const change = (changes: Partial<MachinesForm>): void => onChange({ ...form, ...changes });
  return (
    <div className={styles['apart']}>
      <Check label={words.with} hint={words.withHint} checked={form.on} onChange={(on) => change({ on })} />
      {form.on && (
        <div role="group" aria-label={words.with} className={styles['machines']}>
          <Field label={words.address} hint={words.addressHint} error={errors.address}>
            {(ids) => (
              <TextInput
                {...ids}
                placeholder="nats://10.0.0.1/film"
                value={form.address}
                onText={(address) => change({ address })}
              />
            )}
          </Field>
          <div className={styles['columns']}>
            <Field label={words.user} error={errors.user}>
              {(ids) => <TextInput {...ids} value={form.user} onText={(user) => change({ user })} />}
            </Field>
            <Field label={words.password}>
              {(ids) => (
                <TextInput {...ids} type="password" value={form.password} onText={(password) => change({ password })} />
              )}
            </Field>
            <TextFile
              label={words.creds}
              most={MOST_TEXT.creds}
              value={form.creds}
              onRead={(creds) => change({ creds })}
            />
            <TextFile label={words.ca} most={MOST_TEXT.ca} value={form.ca} onRead={(ca) => change({ ca })} />
          </div>
          <Cards
            label={words.collect}
            value={form.collect}
            options={COLLECTS}
            onChange={(collect) => change({ collect })}
          />
          <Field label={words.limit} hint={words.limitHint} error={errors.limit}>
            {(ids) => (
              <NumberInput
                {...ids}
                min={0}
                unit={text.add.unit}
                value={form.limit}
                onText={(limit) => change({ limit })}
              />
            )}
          </Field>
          <p className={styles['hint']}>{words.one}</p>
        </div>
      )}
    </div>
  );
}

/** Takes the text of a file: the program gets that alone, as it may run elsewhere. */
function TextFile(props: {
  readonly label: string;
  readonly most: number;
  readonly value: ReadText | undefined;
  readonly onRead: (value: ReadText | undefined) => void;
}): ReactNode {
  const { label, most, value, onRead } = props;
  const [wrong, setWrong] = useState<string>();
  const take = (file: File | undefined): void => {
    setWrong(file !== undefined && file.size > most ? words.tooLarge : undefined);
    if (file === undefined || file.size > most) return;
    const { name } = file;
    file.text().then(
      (read) => onRead({ name, text: read }),
      () => setWrong(words.unreadable(name)),
    );
  };
  return (
    <Field label={label} error={wrong}>
      {(ids) =>
        value === undefined ? (
          <input
            {...ids}
            type="file"
            className={styles['file']}
            onChange={(event) => take(event.currentTarget.files?.[0])}
          />
        ) : (
          <div className={styles['folder']}>
            <span id={ids.id}>{words.chosen(value.name, format.bytes(value.text.length))}</span>
            <IconButton tone="quiet" label={words.forget(label)} icon={<X />} onClick={() => onRead(undefined)} />
          </div>
        )
      }
    </Field>
  );
}
