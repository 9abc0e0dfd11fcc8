import { type ReactNode, useState } from 'react';
import { ENCRYPTION_POLICIES } from '../../../core/base/choices.ts';
import type { TorrentKey } from '../../../core/base/ids.ts';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { Button } from '../../parts/button.tsx';
import { Cards, Check } from '../../parts/choice.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { NumberInput } from '../../parts/number-input.tsx';
import { useActions, useDownload } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { SeedChoice } from '../add/seed-choice.tsx';
import styles from './dialogs.module.css';
import { changesOf, COUNTS, formOf, LIMITS, type OptionsForm, SWITCHES, wrongIn } from './options-form.ts';

/** Limits and options of a running download. */
export function OptionsDialog(props: { readonly torrent: TorrentKey; readonly onClose: () => void }): ReactNode {
  const download = useDownload(props.torrent);
  return download ? <OptionsFields download={download} onClose={props.onClose} /> : null;
}

function OptionsFields({
  download,
  onClose,
}: {
  readonly download: DownloadView;
  readonly onClose: () => void;
}): ReactNode {
  const actions = useActions();
  const [form, setForm] = useState(() => formOf(download.options));
  const [tried, setTried] = useState(false);
  const change = (changes: Partial<OptionsForm>): void => setForm((now) => ({ ...now, ...changes }));
  const wrong = wrongIn(form);
  const submit = (): void => {
    setTried(true);
    if (Object.keys(wrong).length > 0) return;
    actions.change(download.key, changesOf(form));
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.options.title(download.name)}
      onSubmit={submit}
      footer={
        <>
          <span className={styles['space']} />
          <Button onClick={onClose}>{text.cancel}</Button>
          <Button type="submit" tone="primary">
            {text.options.save}
          </Button>
        </>
      }
    >
      <div className={styles['columns']}>
        {LIMITS.map((name) => (
          <Field key={name} inline label={text.options[name]}>
            {(ids) => (
              <NumberInput
                {...ids}
                min={0}
                unit={text.add.unit}
                value={form[name]}
                onText={(typed) => change({ [name]: typed })}
              />
            )}
          </Field>
        ))}
        {COUNTS.map((name) => (
          <Field key={name} inline label={text.options[name]}>
            {(ids) => <NumberInput {...ids} min={1} value={form[name]} onText={(typed) => change({ [name]: typed })} />}
          </Field>
        ))}
      </div>
      <p className={styles['text']}>{(tried && wrong.limits) || text.add.limitHint}</p>
      <SeedChoice
        seed={form.seed}
        ratio={form.ratio}
        error={tried ? wrong.ratio : undefined}
        onSeed={(seed) => change({ seed })}
        onRatio={(ratio) => change({ ratio })}
      />
      <Cards
        label={text.encryption.label}
        value={form.encryption}
        onChange={(encryption) => change({ encryption })}
        options={ENCRYPTION_POLICIES.map((value) => ({ value, name: text.options.encryptions[value] }))}
      />
      <div className={styles['block']}>
        {SWITCHES.map((name) => (
          <Check
            key={name}
            label={text.add[name]}
            checked={form[name]}
            onChange={(checked) => change({ [name]: checked })}
          />
        ))}
      </div>
    </Dialog>
  );
}
