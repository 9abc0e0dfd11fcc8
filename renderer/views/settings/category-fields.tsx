import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Category } from '../../../core/engine/list-rules.ts';
import { Check } from '../../parts/choice.tsx';
import { Field } from '../../parts/field.tsx';
import field from '../../parts/field.module.css';
import { NumberInput } from '../../parts/number-input.tsx';
import { useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { AddressChoice } from '../add/address-choice.tsx';
import { FolderField } from '../add/folder-field.tsx';
import { GoalFields } from '../goals/goal-fields.tsx';
import { categoryForm, type CategoryForm, categoryOf, wrongInCategory } from './category-form.ts';
import { EditedActions } from './edited-list.tsx';
import own from './edited-list.module.css';
import styles from './settings-dialog.module.css';

const words = text.categories;

/** A category to be changed, or a new one. */
export function CategoryFields(props: {
  readonly category: Category | undefined;
  readonly taken: readonly string[];
  readonly onSave: (category: Category) => void;
  readonly onCancel: () => void;
}): ReactNode {
  const { category, taken, onSave, onCancel } = props;
  const [form, setForm] = useState(() => categoryForm(category));
  const mayRun = useBridge((state) => state.app?.app.mayRunPrograms) === true;
  const [tried, setTried] = useState(false);
  const change = (changes: Partial<CategoryForm>): void => setForm((now) => ({ ...now, ...changes }));
  const found = wrongInCategory(form, taken);
  const errors = tried ? found : {};
  const save = (): void => {
    setTried(true);
    if (Object.keys(found).length > 0) return;
    unsaved.current = undefined;
    onSave(categoryOf(form));
  };
  const cancel = (): void => {
    unsaved.current = undefined;
    onCancel();
  };
  // Closed without a word: what was changed, and is right, applies, as everywhere in the settings.
  const unsaved = useRef<() => void>(undefined);
  const changed = JSON.stringify(form) !== JSON.stringify(categoryForm(category));
  useEffect(() => {
    unsaved.current = changed && Object.keys(found).length === 0 ? () => onSave(categoryOf(form)) : undefined;
  });
  useEffect(() => () => unsaved.current?.(), []);
  const onKeyDown = (event: KeyboardEvent): void => {
    // Not the whole dialog.
    if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    save();
  };
  const textInput = { type: 'text', className: field['input'], autoComplete: 'off', spellCheck: false } as const;
  return (
    <div role="group" aria-label={category?.name ?? words.newTitle} onKeyDown={onKeyDown}>
      <Field label={words.name} error={errors.name}>
        {(ids) => (
          <input
            {...ids}
            {...textInput}
            // Downloads know it by its name.
            readOnly={category !== undefined}
            value={form.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
        )}
      </Field>
      <FolderField
        label={words.folder}
        hint={words.folderHint}
        value={form.folder}
        error={errors.folder}
        onChange={(folder) => change({ folder })}
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
                onText={(typed) => change({ [name]: typed })}
              />
            )}
          </Field>
        ))}
      </div>
      <p className={errors.limits === undefined ? styles['hint'] : own['error']}>{errors.limits ?? words.limitHint}</p>
      <div className={styles['legend']}>{words.seed}</div>
      <GoalFields goals={form.goals} mayBeUsual onChange={(goals) => change({ goals })} />
      <p className={styles['hint']}>{text.goals.hint}</p>
      {mayRun && (
        <Field label={text.settings.whenDone} hint={words.whenDoneHint} error={errors.whenDone}>
          {(ids) => (
            <input
              {...ids}
              {...textInput}
              value={form.whenDone}
              onChange={(event) => change({ whenDone: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
      <div className={styles['checks']}>
        <Check label={words.ownLinks} checked={form.linked} onChange={(linked) => change({ linked })} />
      </div>
      {form.linked && (
        <>
          <AddressChoice several bind={form.bind} onChange={(bind) => change({ bind })} />
          <Field label={text.settings.proxies} hint={text.settings.proxiesHint} error={errors.proxies}>
            {(ids) => (
              <input
                {...ids}
                {...textInput}
                placeholder={text.settings.proxiesNone}
                value={form.proxies}
                onChange={(event) => change({ proxies: event.currentTarget.value })}
              />
            )}
          </Field>
        </>
      )}
      <EditedActions onCancel={cancel} onSave={save} save={words.save} />
    </div>
  );
}
