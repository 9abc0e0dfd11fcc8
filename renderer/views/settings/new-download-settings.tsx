import { type ReactNode, useId, useState } from 'react';
import { MAX_IDENTITIES } from '../../../core/base/bounds.ts';
import { LAYOUT_KINDS, SELECTION_MODES } from '../../../core/base/choices.ts';
import { Cards, Check } from '../../parts/choice.tsx';
import field from '../../parts/field.module.css';
import { useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { FolderField } from '../add/folder-field.tsx';
import { SeedChoice } from '../goals/seed-choice.tsx';
import { seedFormOf, seedRuleOf } from '../goals/seed-form.ts';
import { CommittedList, CommittedNumber, useCommitted } from './committed.tsx';
import type { SettingsProps } from './settings-props.ts';
import { PROGRAM } from './text-lists.ts';
import styles from './settings-dialog.module.css';

const words = text.settings;
const MODES = SELECTION_MODES.map((value) => ({ value, name: text.modes[value].name }));
const LAYOUTS = LAYOUT_KINDS.map((value) => ({
  value,
  name: text.add.layouts[value].name,
}));

/** What a new download begins with. */
export function NewDownloadSettings({ settings, change }: SettingsProps): ReactNode {
  const [folder, setFolder] = useCommitted(
    settings.folder,
    (value) => value.trim() !== '' && change({ folder: value.trim() }),
  );
  const mayRun = useBridge((state) => state.app?.app.mayRunPrograms) === true;
  const id = useId();
  const [seed, setSeed] = useState(() => seedFormOf(settings.seed));
  return (
    <>
      <FolderField label={words.folder} value={folder} onChange={setFolder} />
      <div className={field['field']}>
        <label className={field['label']} htmlFor={id}>
          {words.identities}
        </label>
        <CommittedNumber
          id={id}
          min={1}
          max={MAX_IDENTITIES}
          value={settings.identities}
          onCommit={(identities) => change({ identities })}
        />
        <div className={field['hint']}>{words.identitiesHint}</div>
      </div>
      <Cards
        label={words.selection}
        value={settings.selection}
        options={MODES}
        onChange={(selection) => change({ selection })}
      />
      <div className={styles['checks']}>
        <Check label={words.share} checked={settings.share} onChange={(share) => change({ share })} />
        <Check label={words.assemble} checked={settings.assemble} onChange={(assemble) => change({ assemble })} />
      </div>
      <SeedChoice
        seed={seed}
        onChange={(form) => {
          setSeed(form);
          const rule = seedRuleOf(form);
          if (rule !== undefined) change({ seed: rule });
        }}
      />
      {mayRun && (
        <CommittedList
          label={words.whenDone}
          hint={words.whenDoneHint}
          wrong={words.whenDoneWrong}
          list={PROGRAM}
          values={settings.whenDone}
          onCommit={(whenDone) => change({ whenDone })}
        />
      )}
      <Cards label={words.layout} value={settings.layout} options={LAYOUTS} onChange={(layout) => change({ layout })} />
    </>
  );
}
