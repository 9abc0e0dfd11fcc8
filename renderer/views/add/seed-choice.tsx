import { type ReactNode, useId } from 'react';
import type { SeedRule } from '../../../core/base/choices.ts';
import field from '../../parts/field.module.css';
import { NumberInput } from '../../parts/number-input.tsx';
import { text } from '../../texts/en.ts';
import styles from './add-form.module.css';

const KINDS: readonly SeedRule['kind'][] = ['goals', 'never', 'forever', 'ratio'];

/** What happens when every piece is there. */
export function SeedChoice(props: {
  /** `mixed`: some have one rule and some another. */
  readonly seed: SeedRule['kind'] | 'mixed';
  readonly ratio: string;
  readonly error: string | undefined;
  readonly onSeed: (seed: SeedRule['kind']) => void;
  readonly onRatio: (ratio: string) => void;
}): ReactNode {
  const { seed, ratio, error, onSeed, onRatio } = props;
  const id = useId();
  return (
    <div className={field['field']}>
      <label className={field['label']} htmlFor={id}>
        {text.add.after}
      </label>
      <div className={styles['row']}>
        <select
          id={id}
          className={field['select']}
          value={seed}
          onChange={(event) => onSeed(event.currentTarget.value as SeedRule['kind'])}
        >
          {seed === 'mixed' && (
            <option value="mixed" disabled>
              {text.options.mixed}
            </option>
          )}
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {text.add.seed[kind]}
            </option>
          ))}
        </select>
        {seed === 'ratio' && (
          <NumberInput aria-label={text.add.ratio} min={0} step={0.1} value={ratio} onText={onRatio} />
        )}
      </div>
      {error !== undefined && <p className={styles['error']}>{error}</p>}
    </div>
  );
}
