import type { ReactNode } from 'react';
import { SELECTION_MODES } from '../../../core/base/choices.ts';
import { Cards, Check } from '../../parts/choice.tsx';
import { useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { LabelFields } from '../frame/label-fields.tsx';
import styles from './add-form.module.css';
import { Advanced } from './advanced.tsx';
import { type AddErrors, type AddForm, identityCount, inCategory } from './choices.ts';
import { IdentitiesField } from './identities-field.tsx';
import { SaveIn } from './save-in.tsx';

const words = text.add;
const NO_HINT = (): { readonly placeholder?: string } => ({});
const MODES = SELECTION_MODES.map((value) => ({ value, ...text.modes[value] }));

/** How to download: the choices that are the same for one torrent and for many. */
export function ChoiceFields(props: {
  readonly form: AddForm;
  readonly errors: AddErrors;
  /** Bytes that the download will take. */
  readonly need: number;
  /** What has to be confirmed for several identities; undefined where nothing is private. */
  readonly privateConfirm: string | undefined;
  readonly advanced: boolean;
  readonly onChange: (changes: Partial<AddForm>) => void;
}): ReactNode {
  const { form, errors, need, privateConfirm, advanced, onChange } = props;
  const together = form.machines.on;
  const identities = together ? 1 : (identityCount(form.identities) ?? 1);
  const settings = useBridge((state) => state.app?.settings);
  return (
    <>
      <div className={styles['columns']}>
        <LabelFields
          category={form.category}
          tags={form.tags}
          hint={NO_HINT}
          error={errors.labels}
          onChange={(_name, { category, tags }) => {
            if (category !== undefined && settings !== undefined) onChange(inCategory(form, category, settings));
            if (tags !== undefined) onChange({ tags });
          }}
        />
      </div>
      <SaveIn value={form.output} need={need} error={errors.output} onChange={(output) => onChange({ output })} />
      {!together && (
        <IdentitiesField
          value={form.identities}
          chosen={form}
          error={errors.identities}
          onChange={(value) => onChange({ identities: value })}
          onWays={(ways, count) => onChange({ ...ways, ...(identities === 1 && { identities: String(count) }) })}
        />
      )}
      {privateConfirm !== undefined && (identities > 1 || together) && (
        <div className={styles['private']}>
          <Check
            label={together ? text.machines.privateConfirm : privateConfirm}
            hint={words.privateHint}
            checked={form.allowPrivate}
            onChange={(allowPrivate) => onChange({ allowPrivate })}
          />
          {errors.private !== undefined && <p className={styles['error']}>{errors.private}</p>}
        </div>
      )}
      {identities > 1 && (
        <>
          <Cards
            label={words.selection}
            value={form.selection}
            options={MODES}
            onChange={(selection) => onChange({ selection })}
          />
          <div className={styles['checks']}>
            <Check label={words.share} checked={form.share} onChange={(share) => onChange({ share })} />
            <Check label={words.assemble} checked={form.assemble} onChange={(assemble) => onChange({ assemble })} />
          </div>
        </>
      )}
      {advanced && <Advanced form={form} errors={errors} several={identities > 1} onChange={onChange} />}
    </>
  );
}
