import type { ReactNode } from 'react';
import { LINK_ROLES, type LinkCondition, type LinkProfile } from '../../../core/engine/link-profiles.ts';
import { Cards, Check } from '../../parts/choice.tsx';
import { Field } from '../../parts/field.tsx';
import { NumberInput } from '../../parts/number-input.tsx';
import { Select } from '../../parts/select.tsx';
import { TextInput } from '../../parts/text-input.tsx';
import { TimeInput } from '../../parts/time-input.tsx';
import { useAddresses } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { type Editing, EditedActions } from './edited-list.tsx';
import own from './edited-list.module.css';
import { type LinkForm, linkForm, linkOf, wrongInLink } from './link-form.ts';
import styles from './settings-dialog.module.css';
import { LimitFields, NameField } from './shared-fields.tsx';
import { useEdited } from './use-edited.ts';

const words = text.links.profiles;
const ROLES = LINK_ROLES.map((value) => ({ value, ...text.links.roles[value] }));
const CONDITIONS = Object.entries(text.links.conditions) as readonly (readonly [LinkCondition['kind'], string])[];

/** A link with a name to be changed, or a new one. */
export function LinkFields({ before, taken, onSave, onCancel }: Editing<LinkProfile>): ReactNode {
  const { form, edit, errors, save, cancel, onKeyDown } = useEdited({
    first: linkForm(before),
    wrongIn: (now) => wrongInLink(now, taken),
    onSave: (now) => onSave(linkOf(now)),
    onCancel,
  });
  return (
    <div role="group" aria-label={before?.name ?? words.newTitle} onKeyDown={onKeyDown}>
      <NameField label={words.name} is={before !== undefined} value={form.name} error={errors.name} onChange={edit} />
      <Field label={words.bind} hint={words.bindHint} error={errors.place}>
        {(ids) => <TextInput {...ids} list="link-places" value={form.bind} onText={(value) => edit({ bind: value })} />}
      </Field>
      <Places />
      <Field label={words.proxy} hint={words.proxyHint} error={errors.proxy}>
        {(ids) => (
          <TextInput
            {...ids}
            placeholder={words.proxyNone}
            value={form.proxy}
            onText={(value) => edit({ proxy: value })}
          />
        )}
      </Field>
      <LimitFields words={words} value={form} error={errors.limits} onChange={edit} />
      <Cards label={words.role} value={form.role} options={ROLES} onChange={(role) => edit({ role })} />
      <WhenFields form={form} error={errors.interface} onChange={edit} />
      <div className={styles['checks']}>
        <Check label={words.metered} checked={form.metered} onChange={(metered) => edit({ metered })} />
      </div>
      {form.metered && (
        <>
          <div className={styles['columns']}>
            <Field inline label={words.allowance}>
              {(ids) => (
                <NumberInput
                  {...ids}
                  min={0}
                  step="any"
                  unit={words.allowanceUnit}
                  value={form.allowance}
                  onText={(allowance) => edit({ allowance })}
                />
              )}
            </Field>
            <Field inline label={words.day}>
              {(ids) => <NumberInput {...ids} min={1} max={28} value={form.day} onText={(day) => edit({ day })} />}
            </Field>
          </div>
          <p className={errors.allowance === undefined ? styles['hint'] : own['error']}>
            {errors.allowance ?? words.meteredHint}
          </p>
        </>
      )}
      <EditedActions onCancel={cancel} onSave={save} save={words.save} />
    </div>
  );
}

/** What can be typed as an address or interface here. */
function Places(): ReactNode {
  const addresses = useAddresses();
  const places = new Set(addresses.filter((one) => !one.internal).flatMap((one) => [one.interfaceName, one.address]));
  return (
    <datalist id="link-places">
      {[...places].map((place) => (
        <option key={place} value={place} />
      ))}
    </datalist>
  );
}

function WhenFields(props: {
  readonly form: LinkForm;
  readonly error: string | undefined;
  readonly onChange: (changes: Partial<LinkForm>) => void;
}): ReactNode {
  const { form, error, onChange } = props;
  return (
    <>
      <Field label={words.when}>
        {(ids) => <Select {...ids} value={form.when} options={CONDITIONS} onChoose={(when) => onChange({ when })} />}
      </Field>
      {(form.when === 'up' || form.when === 'down') && (
        <Field label={words.interface} error={error}>
          {(ids) => (
            <TextInput
              {...ids}
              list="link-places"
              value={form.interface}
              onText={(value) => onChange({ interface: value })}
            />
          )}
        </Field>
      )}
      {form.when === 'hours' && (
        <div className={styles['columns']}>
          {(['from', 'to'] as const).map((name) => (
            <Field key={name} inline label={words[name]}>
              {(ids) => <TimeInput {...ids} value={form[name]} onChange={(minute) => onChange({ [name]: minute })} />}
            </Field>
          ))}
        </div>
      )}
    </>
  );
}
