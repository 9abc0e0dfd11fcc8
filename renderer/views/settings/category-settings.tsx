import type { ReactNode } from 'react';
import { text } from '../../texts/en.ts';
import { CategoryFields } from './category-fields.tsx';
import { EditedList } from './edited-list.tsx';
import type { SettingsProps } from './settings-props.ts';

/** The categories, and one of them at a time to be changed. */
export function CategorySettings({ settings, change }: SettingsProps): ReactNode {
  return (
    <EditedList
      words={text.categories}
      entries={settings.categories}
      nameOf={({ name }) => name}
      factOf={({ folder }) => folder ?? ''}
      onChange={(categories) => change({ categories })}
      fields={(editing) => <CategoryFields {...editing} />}
    />
  );
}
