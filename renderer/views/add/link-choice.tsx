import type { ReactNode } from 'react';
import { waitText } from '../../../core/engine/link-rules.ts';
import type { LinkProfile } from '../../../core/engine/link-profiles.ts';
import type { AddressView } from '../../../core/bridge/views.ts';
import { Check } from '../../parts/choice.tsx';
import { useAddresses, useLinkProfiles } from '../../stores/context.tsx';
import { usePaths } from '../../stores/use-paths.ts';
import { text } from '../../texts/en.ts';
import styles from './add-form.module.css';
import { type ChosenWays, kindWords, sharedWords, whereWords } from './link-facts.ts';

const words = text.links;

/** Which links, and which of this computer's other addresses, are dealt to the identities. Chosen ones that are gone stay in the list. */
export function LinkChoice(props: {
  readonly chosen: ChosenWays;
  readonly several: boolean;
  readonly label?: string;
  readonly onChange: (changes: Partial<ChosenWays>) => void;
}): ReactNode {
  const { chosen, several, label = words.choice, onChange } = props;
  const { links, bind } = chosen;
  const hint = several ? text.add.addressesHint : text.add.oneAddressHint;
  const addresses = useAddresses();
  const profiles = useLinkProfiles();
  const found = usePaths();
  const there = new Set(addresses.flatMap((one) => [one.address, one.interfaceName]));
  const named = new Set(profiles.flatMap((one) => (one.bind === undefined ? [] : [one.bind])));
  const has = (one: AddressView): boolean => bind.includes(one.address) || bind.includes(one.interfaceName);
  // A link that has a name is chosen by that.
  const plain = addresses.filter((one) => has(one) || !(named.has(one.address) || named.has(one.interfaceName)));
  const goneLinks = links.filter((name) => !profiles.some((one) => one.name === name));
  const toggle = (list: readonly string[], value: string, on: boolean): readonly string[] =>
    on ? [...list, value] : list.filter((one) => one !== value);
  const linkHint = (profile: LinkProfile): string => {
    const wait = found?.links.find((one) => one.name === profile.name)?.wait;
    const kind = profile.bind === undefined ? undefined : kindWords(profile.bind, found?.paths ?? []);
    const facts = [whereWords(profile), kind, profile.role === 'both' ? undefined : words.roles[profile.role].name];
    const shown = facts.filter((one) => one !== undefined).join(' · ');
    return wait === undefined ? shown : `${shown} · ${words.waits(waitText(wait))}`;
  };
  const shared = found && sharedWords(chosen, profiles, found);
  return (
    <div role="group" aria-label={label}>
      <div className={styles['legend']}>{label}</div>
      <div className={styles['addresses']}>
        {profiles.map((profile) => (
          <Check
            key={`= ${profile.name}`}
            label={profile.name}
            hint={linkHint(profile)}
            checked={links.includes(profile.name)}
            onChange={(on) => onChange({ links: toggle(links, profile.name, on) })}
          />
        ))}
        {goneLinks.map((name) => (
          <Check
            key={`= ${name}`}
            label={name}
            hint={words.waits(waitText({ kind: 'no-profile' }))}
            checked
            onChange={(on) => onChange({ links: toggle(links, name, on) })}
          />
        ))}
        {plain.map((one) => (
          <Check
            key={one.address}
            label={`${one.interfaceName} · ${one.address}`}
            hint={kindWords(one.address, found?.paths ?? [])}
            checked={has(one)}
            onChange={(on) =>
              onChange({
                bind: on
                  ? toggle(bind, one.address, true)
                  : bind.filter((other) => other !== one.address && other !== one.interfaceName),
              })
            }
          />
        ))}
        {bind
          .filter((one) => !there.has(one))
          .map((one) => (
            <Check
              key={one}
              label={one}
              hint={text.identityStates['no-address']}
              checked
              onChange={(on) => onChange({ bind: toggle(bind, one, on) })}
            />
          ))}
      </div>
      {shared !== undefined && (
        <p className={styles['error']} role="status">
          {words.shared(shared[0], shared[1])} {words.seeLinks}
        </p>
      )}
      <p className={styles['hint']}>{addresses.length === 0 ? text.add.noAddresses : hint}</p>
    </div>
  );
}
