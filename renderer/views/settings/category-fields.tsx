import type { ReactNode } from 'react';
import type { Category } from '../../../core/engine/list-rules.ts';
import { Check } from '../../parts/choice.tsx';
import { Field } from '../../parts/field.tsx';
import { NumberInput } from '../../parts/number-input.tsx';
import { TextInput } from '../../parts/text-input.tsx';
import { useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { LinkChoice } from '../add/link-choice.tsx';
import { FolderField } from '../add/folder-field.tsx';
import { GoalFields } from '../goals/goal-fields.tsx';
import { categoryForm, categoryOf, wrongInCategory } from './category-form.ts';
import { type Editing, EditedActions } from './edited-list.tsx';
import own from './edited-list.module.css';
import styles from './settings-dialog.module.css';
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
      <Field label={words.name} error={errors.name}>
        {(ids) => (
          <TextInput
            {...ids}
            // Downloads know it by its name.
            readOnly={before !== undefined}
            value={form.name}
            onText={(value) => edit({ name: value })}
          />
        )}
      </Field>
      <FolderField
        label={words.folder}
        hint={words.folderHint}
        value={form.folder}
        error={errors.folder}
        onChange={(folder) => edit({ folder })}
      />
      <div className={styles['columns']}>
        {(['down', 'up'] as const).map((name) => (
          <Field key={name} inline label={words[name]}>
            {(ids) => (
              <NumberInput
                {...ids}
                min={0}
                unit={text.add.unit}
                value={form[name]}
                onText={(typed) => edit({ [name]: typed })}
              />
            )}
          </Field>
        ))}
      </div>
      <p className={errors.limits === undefined ? styles['hint'] : own['error']}>{errors.limits ?? words.limitHint}</p>
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
