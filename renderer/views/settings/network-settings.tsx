import type { ReactNode } from 'react';
import { ENCRYPTION_POLICIES, TRANSPORTS } from '../../../core/base/choices.ts';
import { WAYS } from '../../../core/engine/tuning.ts';
import { Cards, Check } from '../../parts/choice.tsx';
import { Field } from '../../parts/field.tsx';
import { text } from '../../texts/en.ts';
import { COUNTS, MOST } from '../frame/options-form.ts';
import { HttpSettings } from './http-settings.tsx';
import { CommittedList, CommittedNumber } from './committed.tsx';
import { FilterSettings } from './filter-settings.tsx';
import type { SettingsProps } from './settings-props.ts';
import styles from './settings-dialog.module.css';
import { ENDPOINTS, PROXIES, ROUTERS } from './text-lists.ts';

const words = text.settings;

/** Proxies, port, ways to peers and bounds. */
export function NetworkSettings({ settings, change }: SettingsProps): ReactNode {
  return (
    <>
      <CommittedList
        label={words.proxies}
        hint={words.proxiesHint}
        wrong={words.proxiesWrong}
        placeholder={words.proxiesNone}
        list={PROXIES}
        values={settings.proxies}
        onCommit={(proxies) => change({ proxies })}
      />
      <Field label={words.port} hint={words.portHint}>
        {(ids) => (
          <CommittedNumber {...ids} min={0} max={65_535} value={settings.port} onCommit={(port) => change({ port })} />
        )}
      </Field>
      <div className={styles['legend']}>{words.ways}</div>
      <div className={styles['columns']}>
        {WAYS.map((way) => (
          <Check key={way} label={words[way]} checked={settings[way]} onChange={(on) => change({ [way]: on })} />
        ))}
      </div>
      <p className={styles['hint']}>{words.waysHint}</p>
      <div className={styles['legend']}>{words.transports}</div>
      <div className={styles['columns']}>
        {TRANSPORTS.map((name) => (
          <Check
            key={name}
            label={words[name]}
            checked={settings[name]}
            disabled={settings[name] && TRANSPORTS.every((other) => other === name || !settings[other])}
            onChange={(on) => change({ [name]: on })}
          />
        ))}
      </div>
      <p className={styles['hint']}>{words.transportsHint}</p>
      <Cards
        label={text.encryption.label}
        value={settings.encryption}
        onChange={(encryption) => change({ encryption })}
        options={ENCRYPTION_POLICIES.map((value) => ({ value, ...text.encryption.policies[value] }))}
      />
      <div className={styles['checks']}>
        <Check
          label={words.dhtAlways}
          hint={words.dhtAlwaysHint}
          checked={settings.dhtAlways}
          disabled={!settings.dht}
          onChange={(dhtAlways) => change({ dhtAlways })}
        />
      </div>
      <CommittedList
        label={words.dhtBootstrap}
        hint={words.dhtBootstrapHint}
        wrong={words.dhtBootstrapWrong}
        placeholder={words.dhtBootstrapNone}
        list={ENDPOINTS}
        values={settings.dhtBootstrap}
        onCommit={(dhtBootstrap) => change({ dhtBootstrap })}
      />
      <CommittedList
        label={words.gateways}
        hint={words.gatewaysHint}
        wrong={words.gatewaysWrong}
        list={ROUTERS}
        values={settings.gateways}
        onCommit={(gateways) => change({ gateways })}
      />
      <FilterSettings file={settings.ipFilter} onFile={(ipFilter) => change({ ipFilter })} />
      <CommittedList
        label={words.banned}
        hint={words.bannedHint}
        wrong={words.bannedWrong}
        list={ROUTERS}
        values={settings.banned}
        onCommit={(banned) => change({ banned })}
      />
      <HttpSettings settings={settings} change={change} />
      <div className={styles['columns']}>
        {COUNTS.map((name) => (
          <Field key={name} inline label={text.options[name]}>
            {(ids) => (
              <CommittedNumber
                {...ids}
                min={1}
                max={MOST[name]}
                value={settings[name]}
                onCommit={(count) => change({ [name]: count })}
              />
            )}
          </Field>
        ))}
      </div>
    </>
  );
}
