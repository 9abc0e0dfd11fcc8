import type { ReactNode } from 'react';
import type { Category } from '../../../core/engine/list-rules.ts';
import { Check } from '../../parts/choice.tsx';
import { Field } from '../../parts/field.tsx';
import { TextInput } from '../../parts/text-input.tsx';
import { useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { LinkChoice } from '../add/link-choice.tsx';
import { FolderField } from '../add/folder-field.tsx';
import { GoalFields } from '../goals/goal-fields.tsx';
import { categoryForm, categoryOf, wrongInCategory } from './category-form.ts';
import { type Editing, EditedActions } from './edited-list.tsx';
import styles from './settings-dialog.module.css';
import { LimitFields, NameField } from './shared-fields.tsx';
import { useEdited } from './use-edited.ts';

const words = text.categories;

/** A category to be changed, or a new one. */
export function CategoryFields({ before, taken, onSave, onCancel }: Editing<Category>): ReactNode {
  const mayRun = useBridge((state) => state.app?.app.mayRunPrograms) === true;
  const { form, edit, errors, save, cancel, onKeyDown } = useEdited({
    first: categoryForm(before),
    wrongIn: (now) => wrongInCategory(now, taken),
    onSave: (now) => onSave(categoryOf(now)),
    onCancel,
  });
  return (
    <div role="group" aria-label={before?.name ?? words.newTitle} onKeyDown={onKeyDown}>
      <NameField label={words.name} is={before !== undefined} value={form.name} error={errors.name} onChange={edit} />
      <FolderField
        label={words.folder}
        hint={words.folderHint}
        value={form.folder}
        error={errors.folder}
        onChange={(folder) => edit({ folder })}
      />
      <LimitFields words={words} value={form} error={errors.limits} onChange={edit} />
      <div className={styles['legend']}>{words.seed}</div>
      <GoalFields goals={form.goals} mayBeUsual onChange={(goals) => edit({ goals })} />
      <p className={styles['hint']}>{text.goals.hint}</p>
      {mayRun && (
        <Field label={text.settings.whenDone} hint={words.whenDoneHint} error={errors.whenDone}>
          {(ids) => <TextInput {...ids} value={form.whenDone} onText={(value) => edit({ whenDone: value })} />}
        </Field>
      )}
      <div className={styles['checks']}>
        <Check label={words.ownLinks} checked={form.linked} onChange={(linked) => edit({ linked })} />
      </div>
      {form.linked && (
        <>
          <LinkChoice several chosen={form} onChange={edit} />
          <Field label={text.settings.proxies} hint={text.settings.proxiesHint} error={errors.proxies}>
            {(ids) => (
              <TextInput
                {...ids}
                placeholder={text.settings.proxiesNone}
                value={form.proxies}
                onText={(value) => edit({ proxies: value })}
              />
            )}
          </Field>
        </>
      )}
      <EditedActions onCancel={cancel} onSave={save} save={words.save} />
    </div>
  );
}
