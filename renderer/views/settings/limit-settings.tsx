import { KILO } from '../../../core/base/sizes.ts';
import type { ReactNode } from 'react';
import { bytesPerSecond } from '../../../core/base/ids.ts';
import { Check } from '../../parts/choice.tsx';
import { Field } from '../../parts/field.tsx';
import { TimeInput } from '../../parts/time-input.tsx';
import { text } from '../../texts/en.ts';
import { CommittedNumber, useDraft } from './committed.tsx';
import type { SettingsProps } from './settings-props.ts';
import styles from './settings-dialog.module.css';

const words = text.limits;
/** From Monday on. */
const DAYS = [1, 2, 3, 4, 5, 6, 0] as const;
const NAMES = {
  down: words.usualDown,
  up: words.usualUp,
  alternativeDown: words.alternativeDown,
  alternativeUp: words.alternativeUp,
};

/** Limits over all downloads, others in their place, and when these hold by themselves. */
export function LimitSettings({ settings, change }: SettingsProps): ReactNode {
  const [schedule, edit] = useDraft(settings.schedule, (next) => change({ schedule: next }));
  const rate = (name: keyof typeof NAMES): ReactNode => (
    <Field inline label={NAMES[name]}>
      {(ids) => (
        <CommittedNumber
          {...ids}
          min={0}
          max={1e9}
          unit={text.add.unit}
          value={Math.round(settings[name] / KILO)}
          onCommit={(value) => change({ [name]: bytesPerSecond(value * KILO) })}
        />
      )}
    </Field>
  );
  const time = (name: 'from' | 'to'): ReactNode => (
    <Field inline label={words[name]}>
      {(ids) => (
        <TimeInput
          {...ids}
          disabled={!schedule.on}
          value={schedule[name]}
          onChange={(minute) => edit({ [name]: minute })}
        />
      )}
    </Field>
  );
  return (
    <>
      <div className={styles['legend']}>{words.usual}</div>
      <div className={styles['columns']}>
        {rate('down')}
        {rate('up')}
      </div>
      <p className={styles['hint']}>{text.add.limitHint}</p>
      <div className={styles['legend']}>{words.alternative}</div>
      <div className={styles['columns']}>
        {rate('alternativeDown')}
        {rate('alternativeUp')}
      </div>
      <p className={styles['hint']}>{words.hint}</p>
      <div className={styles['checks']}>
        <Check label={words.on} checked={schedule.on} onChange={(on) => edit({ on })} />
      </div>
      <div role="group" aria-label={words.days} className={styles['days']}>
        {DAYS.map((day) => (
          <Check
            key={day}
            label={words.dayNames[day]}
            disabled={!schedule.on}
            checked={schedule.days.includes(day)}
            onChange={(on) => edit({ days: [...schedule.days.filter((one) => one !== day), ...(on ? [day] : [])] })}
          />
        ))}
      </div>
      <div className={styles['columns']}>
        {time('from')}
        {time('to')}
      </div>
      <p className={styles['hint']}>{words.timeHint}</p>
    </>
  );
}
