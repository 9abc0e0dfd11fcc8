import { type ReactNode, useId } from 'react';
import field from '../../parts/field.module.css';
import { Field } from '../../parts/field.tsx';
import { useBridge } from '../../stores/context.tsx';
import { labelCounts } from '../../stores/labels.ts';
import { text } from '../../texts/en.ts';
import { useDownloads } from '../list/use-listed.ts';

const words = text.options;

/** Category and tags as they are typed, with those that there are to choose from. */
export function LabelFields(props: {
  readonly category: string;
  readonly tags: string;
  readonly hint: (name: 'category' | 'tags') => { readonly placeholder?: string };
  readonly error: string | undefined;
  readonly onChange: (
    name: 'category' | 'tags',
    changes: { readonly category?: string; readonly tags?: string },
  ) => void;
}): ReactNode {
  const { category, tags, hint, error, onChange } = props;
  const list = useId();
  const downloads = useDownloads();
  const settings = useBridge((state) => state.app?.settings);
  const known = new Set([
    ...(settings?.categories.map(({ name }) => name) ?? []),
    ...labelCounts(downloads, 'category').map(([name]) => name),
  ]);
  known.delete('');
  const common = { type: 'text', className: field['input'], autoComplete: 'off' } as const;
  return (
    <>
      <Field label={words.category}>
        {(ids) => (
          <input
            {...ids}
            {...hint('category')}
            {...common}
            list={list}
            value={category}
            onChange={(event) => onChange('category', { category: event.currentTarget.value })}
          />
        )}
      </Field>
      <datalist id={list}>
        {[...known].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Field label={words.tags} hint={words.tagsHint} error={error}>
        {(ids) => (
          <input
            {...ids}
            {...hint('tags')}
            {...common}
            value={tags}
            onChange={(event) => onChange('tags', { tags: event.currentTarget.value })}
          />
        )}
      </Field>
    </>
  );
}
