import type { ReactNode } from 'react';
import { isWholePath } from '../../../core/base/whole-path.ts';
import type { WatchFolder } from '../../../core/engine/settings.ts';
import { Check } from '../../parts/choice.tsx';
import { text } from '../../texts/en.ts';
import { FolderField } from '../add/folder-field.tsx';
import { CategorySelect } from './category-select.tsx';
import { type Editing, EditedActions, EditedList } from './edited-list.tsx';
import settingsStyles from './settings-dialog.module.css';
import type { SettingsProps } from './settings-props.ts';
import { useEdited } from './use-edited.ts';

const words = text.settings.watched;
type WatchForm = Required<WatchFolder>;
const FIRST: WatchForm = { folder: '', category: '', output: '', paused: false, rename: true };

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
      fields={(editing) => <WatchFields categories={categories} {...editing} />}
    />
  );
}

function WatchFields(props: Editing<WatchFolder> & { readonly categories: readonly string[] }): ReactNode {
  const { before, taken, categories, onSave, onCancel } = props;
  const { form, edit, errors, save, cancel, onKeyDown } = useEdited({
    first: { ...FIRST, ...before },
    wrongIn: (now) => wrongIn(now, taken),
    onSave: (now) => onSave(watchOf(now)),
    onCancel,
  });
  return (
    <div role="group" aria-label={before?.folder ?? words.newTitle} onKeyDown={onKeyDown}>
      <FolderField
        label={words.folder}
        value={form.folder}
        error={errors.folder}
        onChange={(typed) => edit({ folder: typed })}
      />
      <CategorySelect value={form.category} categories={categories} onChange={(category) => edit({ category })} />
      <FolderField
        label={words.output}
        hint={words.outputHint}
        value={form.output}
        error={errors.output}
        onChange={(typed) => edit({ output: typed })}
      />
      <div className={settingsStyles['checks']}>
        <Check label={words.paused} checked={form.paused} onChange={(paused) => edit({ paused })} />
        <Check label={words.rename} checked={form.rename} onChange={(rename) => edit({ rename })} />
      </div>
      <EditedActions onCancel={cancel} onSave={save} save={words.save} />
    </div>
  );
}

/** What is wrong, by field. `taken`: the other folders. */
function wrongIn({ folder, output }: WatchForm, taken: readonly string[]): { folder?: string; output?: string } {
  const own = folder.trim();
  return {
    ...(isWholePath(own) ? {} : { folder: words.wrong }),
    ...(taken.includes(own) ? { folder: words.taken } : {}),
    ...(output.trim() === '' || isWholePath(output.trim()) ? {} : { output: words.wrong }),
  };
}

function watchOf({ folder, output, ...rest }: WatchForm): WatchFolder {
  return { ...rest, folder: folder.trim(), ...(output.trim() === '' ? {} : { output: output.trim() }) };
}
