import { type ReactNode, useId } from 'react';
import field from '../../parts/field.module.css';
import { text } from '../../texts/en.ts';
import { GoalFields } from './goal-fields.tsx';
import { SEED_KINDS, type SeedForm } from './seed-form.ts';

const words = text.goals;

/** What happens when every piece is there. */
export function SeedChoice(props: {
  readonly seed: SeedForm;
  /** Some have one rule and some another, until one is chosen for all. */
  readonly mixed?: boolean;
  readonly onChange: (seed: SeedForm) => void;
}): ReactNode {
  const { seed, mixed = false, onChange } = props;
  const id = useId();
  return (
    <div className={field['field']}>
      <label className={field['label']} htmlFor={id}>
        {text.add.after}
      </label>
      <select
        id={id}
        className={field['select']}
        value={mixed ? 'mixed' : seed.kind}
        onChange={({ currentTarget: { value } }) => {
          const kind = SEED_KINDS.find((one) => one === value);
          if (kind !== undefined) onChange({ ...seed, kind });
        }}
      >
        {mixed && (
          <option value="mixed" disabled>
            {text.options.mixed}
          </option>
        )}
        {SEED_KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {words.kinds[kind]}
          </option>
        ))}
      </select>
      {seed.kind === 'own' && !mixed && (
        <GoalFields goals={seed.goals} mayBeUsual onChange={(goals) => onChange({ ...seed, goals })} />
      )}
    </div>
  );
}
