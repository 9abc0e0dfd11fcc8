import { type ReactNode, useState } from 'react';
import type { WatchFolder } from '../../../core/engine/settings.ts';
import { Check } from '../../parts/choice.tsx';
import { Field } from '../../parts/field.tsx';
import field from '../../parts/field.module.css';
import { text } from '../../texts/en.ts';
import { FolderField } from '../add/folder-field.tsx';
import { EditedActions, EditedList } from './edited-list.tsx';
import settingsStyles from './settings-dialog.module.css';
import type { SettingsProps } from './settings-props.ts';

const words = text.settings.watched;
const FIRST: WatchFolder = { folder: '', category: '', paused: false, rename: true };

/** The folders that are watched, and one of them at a time to be changed. */
export function WatchSettings({ settings, change }: SettingsProps): ReactNode {
  const categories = settings.categories.map(({ name }) => name);
  return (
    <EditedList
      words={words}
      entries={settings.watchFolders}
      nameOf={({ folder }) => folder}
      factOf={({ category }) => category}
      onChange={(watchFolders) => change({ watchFolders })}
      fields={({ before, ...editing }) => <WatchFields watch={before} categories={categories} {...editing} />}
    />
  );
}

function WatchFields(props: {
  readonly watch: WatchFolder | undefined;
  readonly taken: readonly string[];
  readonly categories: readonly string[];
  readonly onSave: (watch: WatchFolder) => void;
  readonly onCancel: () => void;
}): ReactNode {
  const { watch, taken, categories, onSave, onCancel } = props;
  const [form, setForm] = useState({ ...FIRST, ...watch, output: watch?.output ?? '' });
  const [tried, setTried] = useState(false);
  const edit = (changes: Partial<typeof form>): void => setForm((now) => ({ ...now, ...changes }));
  const folder = form.folder.trim();
  const output = form.output.trim();
  const wrong = {
    folder: !isWhole(folder) ? words.wrong : taken.includes(folder) ? words.taken : undefined,
    output: output !== '' && !isWhole(output) ? words.wrong : undefined,
  };
  const save = (): void => {
    setTried(true);
    if (wrong.folder !== undefined || wrong.output !== undefined) return;
    const { category, paused, rename } = form;
    onSave({ folder, category, paused, rename, ...(output === '' ? {} : { output }) });
  };
  return (
    <div role="group" aria-label={watch?.folder ?? words.newTitle}>
      <FolderField
        label={words.folder}
        value={form.folder}
        error={tried ? wrong.folder : undefined}
        onChange={(typed) => edit({ folder: typed })}
      />
      <Field label={text.options.category}>
        {(ids) => (
          <select
            {...ids}
            className={field['select']}
            value={form.category}
            onChange={({ currentTarget: { value } }) => edit({ category: value })}
          >
            {['', ...new Set([...categories, ...(form.category === '' ? [] : [form.category])])].map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <FolderField
        label={words.output}
        hint={words.outputHint}
        value={form.output}
        error={tried ? wrong.output : undefined}
        onChange={(typed) => edit({ output: typed })}
      />
      <div className={settingsStyles['checks']}>
        <Check label={words.paused} checked={form.paused} onChange={(paused) => edit({ paused })} />
        <Check label={words.rename} checked={form.rename} onChange={(rename) => edit({ rename })} />
      </div>
      <EditedActions onCancel={onCancel} onSave={save} save={words.save} />
    </div>
  );
}

function isWhole(folder: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(folder);
}
