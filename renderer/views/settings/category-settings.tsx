import { Pencil, Plus, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Category } from '../../../core/engine/list-rules.ts';
import { Button } from '../../parts/button.tsx';
import { IconButton } from '../../parts/icon-button.tsx';
import { text } from '../../texts/en.ts';
import { CategoryFields } from './category-fields.tsx';
import styles from './category-settings.module.css';
import settingsStyles from './settings-dialog.module.css';
import type { SettingsProps } from './settings-props.ts';

const words = text.categories;

/** The categories, and one of them at a time to be changed. */
export function CategorySettings({ settings, change }: SettingsProps): ReactNode {
  const { categories } = settings;
  /** `new`: one that is not there yet. */
  const [edited, setEdited] = useState<Category | 'new'>();
  if (edited !== undefined) {
    const before = edited === 'new' ? undefined : edited;
    const others = categories.filter(({ name }) => name !== before?.name);
    return (
      <CategoryFields
        category={before}
        taken={others.map(({ name }) => name)}
        onCancel={() => setEdited(undefined)}
        onSave={(category) => {
          const at = categories.findIndex(({ name }) => name === before?.name);
          change({ categories: at < 0 ? [...categories, category] : categories.with(at, category) });
          setEdited(undefined);
        }}
      />
    );
  }
  return (
    <>
      {categories.length === 0 && <p className={settingsStyles['hint']}>{words.none}</p>}
      <ul className={styles['list']} aria-label={words.label}>
        {categories.map((category) => (
          <li key={category.name} className={styles['category']}>
            <span className={styles['name']}>{category.name}</span>
            <span className={styles['folder']}>{category.folder ?? ''}</span>
            <IconButton
              tone="quiet"
              label={words.change(category.name)}
              icon={<Pencil />}
              onClick={() => setEdited(category)}
            />
            <IconButton
              tone="quiet"
              label={words.remove(category.name)}
              icon={<X />}
              onClick={() => change({ categories: categories.filter((one) => one !== category) })}
            />
          </li>
        ))}
      </ul>
      <Button icon={<Plus />} onClick={() => setEdited('new')}>
        {words.add}
      </Button>
    </>
  );
}
