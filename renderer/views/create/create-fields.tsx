import type { ReactNode } from 'react';
import { format } from '../../format/format.ts';
import { Check } from '../../parts/choice.tsx';
import { Field } from '../../parts/field.tsx';
import field from '../../parts/field.module.css';
import { Select } from '../../parts/select.tsx';
import { TextInput } from '../../parts/text-input.tsx';
import { useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { PathField } from '../add/path-field.tsx';
import settings from '../settings/settings-dialog.module.css';
import { type CreateForm, PIECE_LENGTHS } from './create-form.ts';

const words = text.create;

/** All that can be chosen of a torrent that is to be made. */
export function CreateFields(props: {
  readonly form: CreateForm;
  readonly pathError: string | undefined;
  readonly onChange: (changes: Partial<CreateForm>) => void;
}): ReactNode {
  const { form, pathError, onChange } = props;
  const rooted = useBridge((state) => (state.app?.app.roots.length ?? 0) > 0);
  // Where folders are shared with this window, links could lead out of them.
  const linkChoices: readonly CreateForm['links'][] = rooted ? ['refuse', 'keep'] : ['refuse', 'follow', 'keep'];
  const line = (name: 'source' | 'comment', hint?: string): ReactNode => (
    <Field label={words[name]} hint={hint}>
      {(ids) => <TextInput {...ids} value={form[name]} onText={(value) => onChange({ [name]: value })} />}
    </Field>
  );
  const area = (name: 'trackers' | 'webSeeds', hint: string): ReactNode => (
    <Field label={words[name]} hint={hint}>
      {(ids) => (
        <textarea
          {...ids}
          className={`${field['input']} ${field['area']}`}
          rows={name === 'trackers' ? 3 : 2}
          spellCheck={false}
          value={form[name]}
          onChange={({ currentTarget: { value } }) => onChange({ [name]: value })}
        />
      )}
    </Field>
  );
  const check = (name: 'private' | 'hidden' | 'anyNames' | 'executable'): ReactNode => (
    <Check label={words[name]} checked={form[name]} onChange={(checked) => onChange({ [name]: checked })} />
  );
  return (
    <>
      <PathField label={words.path} value={form.path} error={pathError} onChange={(path) => onChange({ path })} />
      {area('trackers', words.trackersHint)}
      <div className={settings['checks']}>{check('private')}</div>
      {line('comment')}
      <div className={settings['columns']}>
        <Field label={words.version}>
          {(ids) => (
            <Select
              {...ids}
              value={form.version}
              options={(['1', '2', 'hybrid'] as const).map((one) => [one, words.versions[one]] as const)}
              onChoose={(version) => onChange({ version })}
            />
          )}
        </Field>
        <Field label={words.pieceLength}>
          {(ids) => (
            <Select
              {...ids}
              value={form.pieceLength}
              options={[
                ['', words.automatic],
                ...PIECE_LENGTHS.map((length) => [String(length), format.pieceLength(length)] as const),
              ]}
              onChoose={(pieceLength) => onChange({ pieceLength })}
            />
          )}
        </Field>
      </div>
      {area('webSeeds', words.webSeedsHint)}
      {line('source', words.sourceHint)}
      <Field label={words.links}>
        {(ids) => (
          <Select
            {...ids}
            value={form.links}
            options={linkChoices.map((one) => [one, words.linkChoices[one]] as const)}
            onChoose={(links) => onChange({ links })}
          />
        )}
      </Field>
      <div className={settings['checks']}>
        {check('hidden')}
        {check('anyNames')}
        {check('executable')}
      </div>
    </>
  );
}
