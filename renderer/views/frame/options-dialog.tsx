import { type ReactNode, useState } from 'react';
import { ENCRYPTION_POLICIES } from '../../../core/base/choices.ts';
import type { TorrentKey } from '../../../core/base/ids.ts';
import type { DownloadView } from '../../../core/bridge/views.ts';
import type { DownloadOptions } from '../../../core/engine/download-options.ts';
import { format } from '../../format/format.ts';
import { Cards, Check } from '../../parts/choice.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { DialogActions } from '../../parts/dialog-actions.tsx';
import { Field } from '../../parts/field.tsx';
import { NumberInput } from '../../parts/number-input.tsx';
import { TextInput } from '../../parts/text-input.tsx';
import { useActions, useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { SeedChoice } from '../goals/seed-choice.tsx';
import { useDownloads } from '../list/use-listed.ts';
import styles from './dialogs.module.css';
import { LabelFields } from './label-fields.tsx';
import {
  changesOf,
  COUNTS,
  formOf,
  LIMITS,
  type OptionsField,
  type OptionsForm,
  SWITCHES,
  wrongIn,
} from './options-form.ts';

const words = text.options;

/** Limits and options of running downloads; where they differ a field is mixed until it is changed, and then alike in all. */
export function OptionsDialog(props: {
  readonly keys: readonly TorrentKey[];
  readonly onClose: () => void;
}): ReactNode {
  const { keys, onClose } = props;
  const downloads = useDownloads().filter((one) => keys.includes(one.key));
  const [first, ...others] = downloads;
  return first ? <OptionsFields first={first} others={others} onClose={onClose} /> : null;
}

function OptionsFields(props: {
  readonly first: DownloadView;
  readonly others: readonly DownloadView[];
  readonly onClose: () => void;
}): ReactNode {
  const { first, others, onClose } = props;
  const actions = useActions();
  const mayRun = useBridge((state) => state.app?.app.mayRunPrograms) === true;
  const all: readonly DownloadView[] = [first, ...others];
  const [begun] = useState(() => {
    const options: [DownloadOptions, ...DownloadOptions[]] = [first.options, ...others.map((one) => one.options)];
    return formOf(options);
  });
  const [form, setForm] = useState(begun.form);
  const [changed, setChanged] = useState<ReadonlySet<OptionsField>>(new Set());
  const [tried, setTried] = useState(false);
  const change = (field: OptionsField, changes: Partial<OptionsForm>): void => {
    setForm((now) => ({ ...now, ...changes }));
    setChanged((now) => new Set([...now, field]));
  };
  const mixed = (field: OptionsField): boolean => begun.mixed.has(field) && !changed.has(field);
  const hint = (field: OptionsField): { readonly placeholder?: string } =>
    mixed(field) ? { placeholder: words.mixed } : {};
  const wrong = wrongIn(form, changed);
  const submit = (): void => {
    setTried(true);
    if (Object.keys(wrong).length > 0) return;
    if (changed.size > 0)
      actions.change(
        all.map(({ key }) => key),
        changesOf(form, changed),
      );
    onClose();
  };
  // What is about several identities is nothing to one alone.
  const several = all.some((one) => one.options.identities > 1);
  const limits = several ? LIMITS : LIMITS.slice(0, 2);
  const switches = several ? SWITCHES : SWITCHES.filter((name) => name === 'sequential' || name === 'edgesFirst');
  return (
    <Dialog
      open
      onClose={onClose}
      title={others.length === 0 ? words.title(first.name) : words.titleOfMany(format.count(all.length))}
      {...(begun.mixed.size > 0 ? { subtitle: words.mixedHint } : {})}
      onSubmit={submit}
      footer={<DialogActions onCancel={onClose} confirm={words.save} />}
    >
      <div className={styles['columns']}>
        {limits.map((name) => (
          <Field key={name} inline label={words[name]}>
            {(ids) => (
              <NumberInput
                {...ids}
                {...hint(name)}
                min={0}
                unit={text.add.unit}
                value={form[name]}
                onText={(typed) => change(name, { [name]: typed })}
              />
            )}
          </Field>
        ))}
        {COUNTS.map((name) => (
          <Field key={name} inline label={several ? words[name] : words.alone[name]}>
            {(ids) => (
              <NumberInput
                {...ids}
                {...hint(name)}
                min={1}
                value={form[name]}
                onText={(typed) => change(name, { [name]: typed })}
              />
            )}
          </Field>
        ))}
      </div>
      <p className={styles['text']}>{(tried && wrong.limits) || text.add.limitHint}</p>
      <LabelFields
        category={form.category}
        tags={form.tags}
        hint={hint}
        error={tried ? wrong.labels : undefined}
        onChange={change}
      />
      {mayRun && (
        <Field label={text.settings.whenDone} hint={words.whenDoneHint} error={tried ? wrong.program : undefined}>
          {(ids) => (
            <TextInput
              {...ids}
              {...hint('whenDone')}
              value={form.whenDone}
              onText={(value) => change('whenDone', { whenDone: value })}
            />
          )}
        </Field>
      )}
      <SeedChoice seed={form.seed} mixed={mixed('seed')} onChange={(seed) => change('seed', { seed })} />
      <Cards
        label={text.encryption.label}
        value={mixed('encryption') ? undefined : form.encryption}
        onChange={(encryption) => change('encryption', { encryption })}
        options={ENCRYPTION_POLICIES.map((value) => ({ value, name: words.encryptions[value] }))}
      />
      <div className={styles['block']}>
        {switches.map((name) => (
          <Check
            key={name}
            label={text.add[name]}
            checked={form[name] && !mixed(name)}
            mixed={mixed(name)}
            onChange={(checked) => change(name, { [name]: checked })}
          />
        ))}
      </div>
    </Dialog>
  );
}
