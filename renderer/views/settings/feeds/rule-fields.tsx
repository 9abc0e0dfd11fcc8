import type { ReactNode } from 'react';
import type { FeedRule } from '../../../../core/engine/feeds.ts';
import { Check } from '../../../parts/choice.tsx';
import { Field } from '../../../parts/field.tsx';
import { NumberInput } from '../../../parts/number-input.tsx';
import { TextInput } from '../../../parts/text-input.tsx';
import { text } from '../../../texts/en.ts';
import { FolderField } from '../../add/folder-field.tsx';
import { type Editing, EditedActions } from '../edited-list.tsx';
import own from '../edited-list.module.css';
import styles from '../settings-dialog.module.css';
import { CategorySelect } from '../category-select.tsx';
import { NameField } from '../shared-fields.tsx';
import { useEdited } from '../use-edited.ts';
import { FeedItems } from './feed-items.tsx';
import { ruleForm, ruleOf, wrongInRule } from './rule-form.ts';

const words = text.feeds.rules;

/** A rule to be changed, or a new one, and what it takes of what is there. */
export function RuleFields(
  props: Editing<FeedRule> & {
    readonly feeds: readonly { readonly url: string; readonly name: string }[];
    readonly categories: readonly string[];
  },
): ReactNode {
  const { before, feeds, categories, taken, onSave, onCancel } = props;
  const { form, edit, found, errors, save, cancel, onKeyDown } = useEdited({
    first: ruleForm(before),
    wrongIn: (now) => wrongInRule(now, taken),
    onSave: (now) => onSave(ruleOf(now)),
    // A rule without its words takes everything.
    isAsked: true,
    onCancel,
  });
  // A rule for a feed that is gone takes nothing of others: that can be seen, and changed.
  const gone = (before?.feeds ?? []).filter((url) => !feeds.some((one) => one.url === url));
  const line = (name: 'must' | 'mustNot', hint?: string): ReactNode => (
    <Field label={words[name]} hint={hint}>
      {(ids) => <TextInput {...ids} maxLength={500} value={form[name]} onText={(value) => edit({ [name]: value })} />}
    </Field>
  );
  return (
    <div role="group" aria-label={before?.name ?? words.newTitle} onKeyDown={onKeyDown}>
      <NameField label={words.name} is={before !== undefined} value={form.name} error={errors.name} onChange={edit} />
      {line('must', words.mustHint)}
      {line('mustNot')}
      {(feeds.length > 1 || gone.length > 0) && (
        <>
          <div className={styles['legend']}>{words.feeds}</div>
          <div className={styles['checks']} role="group" aria-label={words.feeds}>
            {[...feeds, ...gone.map((url) => ({ url, name: url }))].map(({ url, name }) => (
              <Check
                key={url}
                label={name}
                checked={form.feeds.includes(url)}
                onChange={(is) => edit({ feeds: [...form.feeds.filter((one) => one !== url), ...(is ? [url] : [])] })}
              />
            ))}
          </div>
          <p className={styles['hint']}>{words.feedsHint}</p>
        </>
      )}
      <div className={styles['columns']}>
        {(['least', 'most'] as const).map((name) => (
          <Field key={name} inline label={words[name]}>
            {(ids) => (
              <NumberInput
                {...ids}
                min={0}
                unit={words.unit}
                value={form[name]}
                onText={(typed) => edit({ [name]: typed })}
              />
            )}
          </Field>
        ))}
      </div>
      <p className={errors.size === undefined ? styles['hint'] : own['error']}>{errors.size ?? words.sizeHint}</p>
      <CategorySelect value={form.category} categories={categories} onChange={(category) => edit({ category })} />
      <FolderField
        label={words.output}
        hint={words.outputHint}
        value={form.output}
        error={errors.output}
        onChange={(output) => edit({ output })}
      />
      <div className={styles['checks']}>
        <Check
          label={words.episodes}
          hint={words.episodesHint}
          checked={form.episodes}
          onChange={(episodes) => edit({ episodes })}
        />
        <Check label={words.paused} checked={form.paused} onChange={(paused) => edit({ paused })} />
        <Check label={words.on} checked={form.on} onChange={(on) => edit({ on })} />
      </div>
      <EditedActions onCancel={cancel} onSave={save} save={words.save} />
      {/* A name and a folder that are not right yet change nothing of what it takes. */}
      <FeedItems
        label={text.feeds.items.preview}
        feed={null}
        rule={found.size === undefined ? ruleOf({ ...form, name: tryName(form.name), output: '' }) : null}
      />
    </div>
  );
}

/** What it took so far counts, under the name that it has. */
function tryName(name: string): string {
  return (
    name
      .replace(/\p{Cc}/gu, ' ')
      .trim()
      .slice(0, 100) || '?'
  );
}
