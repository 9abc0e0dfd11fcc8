import type { ReactNode } from 'react';
import { Field } from '../../parts/field.tsx';
import { NumberInput } from '../../parts/number-input.tsx';
import { Select } from '../../parts/select.tsx';
import { text } from '../../texts/en.ts';
import { type GoalForm, GOALS, type GoalsForm, ownGoal } from './goal-form.ts';
import styles from './goal-fields.module.css';

const words = text.goals;

/** When a seed has done enough, a line for each measure. */
export function GoalFields(props: {
  readonly goals: GoalsForm;
  /** Whether a goal may be as for all. */
  readonly mayBeUsual: boolean;
  readonly onChange: (goals: GoalsForm) => void;
}): ReactNode {
  const { goals, mayBeUsual, onChange } = props;
  const kinds: readonly GoalForm['which'][] = mayBeUsual ? ['usual', 'none', 'own'] : ['none', 'own'];
  return (
    <div role="group" aria-label={words.label} className={styles['goals']}>
      {GOALS.map((name) => {
        const goal = goals[name];
        const change = (changes: Partial<GoalForm>): void => onChange({ ...goals, [name]: { ...goal, ...changes } });
        const wrong = goal.which === 'own' && ownGoal(name, goal.typed) === undefined;
        return (
          <Field key={name} inline label={words.names[name]} error={wrong ? words.wrong : undefined}>
            {(ids) => (
              <span className={styles['goal']}>
                <Select
                  {...ids}
                  value={goal.which}
                  options={kinds.map((which) => [which, words.which[which]] as const)}
                  onChoose={(which) => change({ which })}
                />
                <NumberInput
                  aria-label={words.values[name]}
                  aria-invalid={wrong || undefined}
                  min={0}
                  step="any"
                  placeholder={text.none}
                  value={goal.which === 'own' ? goal.typed : ''}
                  // Whoever gives a number wants a goal.
                  onText={(typed) => change({ which: 'own', typed })}
                  {...(name === 'ratio' ? {} : { unit: words.units[name] })}
                />
              </span>
            )}
          </Field>
        );
      })}
    </div>
  );
}
