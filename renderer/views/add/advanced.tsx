import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { LAYOUT_KINDS } from '../../../core/base/choices.ts';
import { Cards, Check } from '../../parts/choice.tsx';
import { Field } from '../../parts/field.tsx';
import { NumberInput } from '../../parts/number-input.tsx';
import { TextInput } from '../../parts/text-input.tsx';
import { text } from '../../texts/en.ts';
import styles from './add-form.module.css';
import { type AddErrors, type AddForm, byWays, SWITCHES } from './choices.ts';
import { LinkChoice } from './link-choice.tsx';
import { MachinesChoice } from './machines-choice.tsx';
import { SeedChoice } from '../goals/seed-choice.tsx';

const words = text.add;
const LAYOUTS = LAYOUT_KINDS.map((value) => ({ value, ...words.layouts[value] }));
const LIMITS = ['down', 'up', 'identityDown', 'identityUp'] as const;

/** Opens the choices that few people need. */
export function AdvancedToggle({
  open,
  onToggle,
}: {
  readonly open: boolean;
  readonly onToggle: () => void;
}): ReactNode {
  return (
    <button
      type="button"
      className={styles['toggle']}
      aria-expanded={open}
      aria-controls="add-advanced"
      aria-label={words.advanced}
      onClick={onToggle}
    >
      <ChevronRight aria-hidden="true" />
      <span>
        {words.advanced}
        <span className={styles['what']}>: {words.advancedHint}</span>
      </span>
    </button>
  );
}

/** Addresses, port, limits, storage, and what happens afterwards. */
export function Advanced(props: {
  readonly form: AddForm;
  readonly errors: AddErrors;
  /** Whether there are several identities; for one alone much has no meaning. */
  readonly several: boolean;
  readonly onChange: (changes: Partial<AddForm>) => void;
}): ReactNode {
  const { form, errors, several, onChange } = props;
  const limits = several ? LIMITS : LIMITS.slice(0, 2);
  const switches = several ? SWITCHES : SWITCHES.filter((name) => name !== 'takeOver' && name !== 'stay');
  return (
    <div id="add-advanced" className={styles['advanced']} role="group" aria-label={words.advanced}>
      <LinkChoice chosen={form} several={several} onChange={(ways) => onChange(byWays(form, ways))} />
      <MachinesChoice
        form={form.machines}
        errors={{ address: errors.machines, user: errors.machineUser, limit: errors.machineLimit }}
        onChange={(machines) => onChange({ machines })}
      />
      <Field label={text.settings.proxies} hint={text.settings.proxiesHint} error={errors.proxies}>
        {(ids) => (
          <TextInput
            {...ids}
            placeholder={text.settings.proxiesNone}
            value={form.proxies}
            onText={(value) => onChange({ proxies: value })}
          />
        )}
      </Field>
      <Field label={words.port} hint={several ? words.portHint : words.onePortHint} error={errors.port}>
        {(ids) => <NumberInput {...ids} min={0} max={65_535} value={form.port} onText={(port) => onChange({ port })} />}
      </Field>
      <div className={styles['legend']}>{words.limits}</div>
      <div className={styles['columns']}>
        {limits.map((limit) => (
          <Field key={limit} inline label={words[limit]}>
            {(ids) => (
              <NumberInput
                {...ids}
                min={0}
                unit={words.unit}
                value={form[limit]}
                onText={(typed) => onChange({ [limit]: typed })}
              />
            )}
          </Field>
        ))}
      </div>
      <p className={errors.limits === undefined ? styles['hint'] : styles['error']}>
        {errors.limits ?? words.limitHint}
      </p>
      <SeedChoice seed={form.seed} onChange={(seed) => onChange({ seed })} />
      {several && (
        <Cards label={words.layout} value={form.layout} options={LAYOUTS} onChange={(layout) => onChange({ layout })} />
      )}
      <div className={styles['stack']}>
        {switches.map((name) => (
          <Check
            key={name}
            label={words[name]}
            checked={form[name]}
            disabled={name === 'takeOver' && form.selection !== 'fixed'}
            onChange={(checked) => onChange({ [name]: checked })}
          />
        ))}
      </div>
    </div>
  );
}
