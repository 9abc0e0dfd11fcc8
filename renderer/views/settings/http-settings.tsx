import type { ReactNode } from 'react';
import { isLoopback } from '../../../core/base/ip.ts';
import { Check } from '../../parts/choice.tsx';
import { Field } from '../../parts/field.tsx';
import { useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { CommittedNumber } from './committed.tsx';
import type { SettingsProps } from './settings-props.ts';
import styles from './settings-dialog.module.css';

const words = text.settings;
const NONE: readonly string[] = [];
const HERE = '127.0.0.1';
const EVERYWHERE = '0.0.0.0';

/** Whether files are served to others by HTTP, and where. */
export function HttpSettings({ settings: { http }, change }: SettingsProps): ReactNode {
  const serving = useBridge((state) => state.app?.serving ?? NONE);
  const set = (changes: Partial<typeof http>): void => change({ http: { ...http, ...changes } });
  return (
    <div className={styles['checks']}>
      <Check label={words.http} hint={words.httpHint} checked={http.on} onChange={(on) => set({ on })} />
      {http.on && (
        <>
          <Check
            label={words.httpOthers}
            checked={!isLoopback(http.host)}
            onChange={(others) => set({ host: others ? EVERYWHERE : HERE })}
          />
          <Field label={words.httpPort} hint={words.httpPortHint}>
            {(ids) => (
              <CommittedNumber {...ids} min={0} max={65_535} value={http.port} onCommit={(port) => set({ port })} />
            )}
          </Field>
          {serving.length > 0 && (
            <p className={styles['hint']}>
              {words.httpAt} {serving.join(' ')}
            </p>
          )}
        </>
      )}
    </div>
  );
}
