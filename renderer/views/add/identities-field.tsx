import { type ReactNode, useId } from 'react';
import { MAX_IDENTITIES } from '../../../core/base/bounds.ts';
import { format } from '../../format/format.ts';
import field from '../../parts/field.module.css';
import { NumberInput } from '../../parts/number-input.tsx';
import { Slider } from '../../parts/slider.tsx';
import { useAddresses, useLinkProfiles } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import styles from './add-form.module.css';
import { adviceOn, usableAddresses } from './advice.ts';
import { type ChosenWays, placesOf } from './link-facts.ts';
import { identityCount } from './choices.ts';

const words = text.add;

/** Chooses how many clients share the work, and says what that brings on this computer. */
export function IdentitiesField(props: {
  readonly value: string;
  readonly chosen: ChosenWays;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
  /** These ways, so many, are to be used. */
  readonly onWays: (ways: ChosenWays, count: number) => void;
}): ReactNode {
  const { value, chosen, error, onChange, onWays } = props;
  const id = useId();
  const addresses = useAddresses();
  const count = identityCount(value) ?? 1;
  const profiles = useLinkProfiles();
  const usable = usableAddresses(addresses);
  const places = placesOf(chosen, profiles);
  const advice = adviceOn(count, places, addresses);
  return (
    <div className={field['field']}>
      <div className={field['label']} id={id}>
        {words.identities}
      </div>
      <div className={styles['slider']}>
        <Slider
          value={count}
          min={1}
          max={MAX_IDENTITIES}
          label={words.identities}
          onChange={(n) => onChange(String(n))}
        />
        <NumberInput
          className={styles['count'] ?? ''}
          aria-labelledby={id}
          aria-describedby={`${id}-note`}
          aria-invalid={error === undefined ? undefined : true}
          min={1}
          max={MAX_IDENTITIES}
          value={value}
          onText={onChange}
        />
      </div>
      <div id={`${id}-note`} className={error === undefined ? field['hint'] : field['error']}>
        {error ?? words.identityHint(count)} {error === undefined && adviceText(advice, usable.length, places.length)}{' '}
        {(advice === 'choose' || advice === 'offer') && (
          <button
            type="button"
            className={styles['link']}
            onClick={() => onWays({ links: [], bind: usable.map((one) => one.address) }, usable.length)}
          >
            {(advice === 'offer' ? words.useEach : words.useAll)(format.count(usable.length))}
          </button>
        )}
      </div>
    </div>
  );
}

function adviceText(advice: ReturnType<typeof adviceOn>, usable: number, chosen: number): string {
  switch (advice) {
    case 'none':
      return '';
    case 'offer':
      return words.offerAddresses(format.count(usable));
    case 'one':
      return words.oneAddress;
    case 'one-chosen':
      return words.oneAddressChosen;
    case 'same-link':
      return words.sameLink;
    case 'choose':
      return words.chooseAddresses(format.count(usable));
    case 'dealt':
      return words.dealtAddresses(format.count(chosen));
  }
}
