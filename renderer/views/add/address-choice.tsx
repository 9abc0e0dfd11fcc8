import type { ReactNode } from 'react';
import type { AddressView } from '../../../core/bridge/views.ts';
import { Check } from '../../parts/choice.tsx';
import { useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import styles from './add-form.module.css';

const NONE: readonly AddressView[] = [];

/** Which of this computer's addresses are dealt to the identities. Chosen ones that are gone stay in the list. */
export function AddressChoice(props: {
  readonly bind: readonly string[];
  readonly several: boolean;
  readonly onChange: (bind: readonly string[]) => void;
}): ReactNode {
  const { bind, several, onChange } = props;
  const hint = several ? text.add.addressesHint : text.add.oneAddressHint;
  const addresses = useBridge((state) => state.app?.addresses ?? NONE);
  const there = new Set(addresses.flatMap((one) => [one.address, one.interfaceName]));
  const gone = bind.filter((one) => !there.has(one));
  const toggle = (value: string, chosen: boolean): void =>
    onChange(chosen ? [...bind, value] : bind.filter((one) => one !== value));
  return (
    <div role="group" aria-label={text.add.addresses}>
      <div className={styles['legend']}>{text.add.addresses}</div>
      <div className={styles['addresses']}>
        {addresses.map((one) => (
          <Check
            key={one.address}
            label={`${one.interfaceName} · ${one.address}`}
            checked={bind.includes(one.address) || bind.includes(one.interfaceName)}
            onChange={(chosen) =>
              chosen
                ? toggle(one.address, true)
                : onChange(bind.filter((other) => other !== one.address && other !== one.interfaceName))
            }
          />
        ))}
        {gone.map((one) => (
          <Check
            key={one}
            label={one}
            hint={text.identityStates['no-address']}
            checked
            onChange={(on) => toggle(one, on)}
          />
        ))}
      </div>
      <p className={styles['hint']}>{addresses.length === 0 ? text.add.noAddresses : hint}</p>
    </div>
  );
}
