import { type ReactNode, useState } from 'react';
import { AFTER_SEEDING } from '../../../core/base/choices.ts';
import { Field } from '../../parts/field.tsx';
import { Select } from '../../parts/select.tsx';
import { text } from '../../texts/en.ts';
import { GoalFields } from '../goals/goal-fields.tsx';
import { goalsFormOf, goalsOf } from '../goals/goal-form.ts';
import { CommittedNumber, useDraft } from './committed.tsx';
import type { SettingsProps } from './settings-props.ts';
import styles from './settings-dialog.module.css';

const words = text.queue;
const MOST = { activeDownloads: 100_000, activeSeeds: 100_000, stalledAfter: 10_080 } as const;

/** How many are active at a time, and when seeds have done enough. */
export function QueueSettings({ settings, change }: SettingsProps): ReactNode {
  const [seedGoals, edit] = useDraft(settings.seedGoals, (next) => change({ seedGoals: next }));
  const [goals, setGoals] = useState(() => goalsFormOf(seedGoals));
  const number = (name: keyof typeof MOST, unit?: string): ReactNode => (
    <Field inline label={words[name]}>
      {(ids) => (
        <CommittedNumber
          {...ids}
          {...(unit === undefined ? {} : { unit })}
          min={0}
          max={MOST[name]}
          value={settings[name]}
          onCommit={(value) => change({ [name]: value })}
        />
      )}
    </Field>
  );
  return (
    <>
      {number('activeDownloads')}
      {number('activeSeeds')}
      <p className={styles['hint']}>{words.hint}</p>
      {number('stalledAfter', words.minutes)}
      <p className={styles['hint']}>{words.stalledHint}</p>
      <div className={styles['legend']}>{words.seeding}</div>
      <GoalFields
        goals={goals}
        mayBeUsual={false}
        onChange={(form) => {
          setGoals(form);
          const chosen = goalsOf(form);
          if (chosen !== undefined) edit(chosen);
        }}
      />
      <Field inline label={words.after}>
        {(ids) => (
          <Select
            {...ids}
            value={seedGoals.after}
            options={AFTER_SEEDING.map((after) => [after, words.afters[after]] as const)}
            onChoose={(after) => edit({ after })}
          />
        )}
      </Field>
      <p className={styles['hint']}>
        {text.goals.hint} {words.own}
      </p>
    </>
  );
}
