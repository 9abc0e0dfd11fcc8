import { type ReactNode, useRef } from 'react';
import { Button } from '../../parts/button.tsx';
import { SampleMap } from '../../pieces/sample-map.tsx';
import { useActions, useBridge } from '../../stores/context.tsx';
import { open } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import styles from './empty.module.css';
import { FileInput } from './toolbar.tsx';
import { usePhone } from './use-narrow.ts';

/** Says what to do while nothing is in the list. */
export function Empty(): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const demo = useBridge((state) => state.app?.demo ?? 'off');
  const actions = useActions();
  const phone = usePhone();
  return (
    <div className={styles['place']}>
      <div className={styles['drop']}>
        <SampleMap />
        <h1 className={styles['title']}>{phone ? text.empty.phone.title : text.empty.title}</h1>
        <p className={styles['hint']}>{phone ? text.empty.phone.hint : text.empty.hint}</p>
        <div className={styles['actions']}>
          <Button tone="primary" onClick={() => input.current?.click()}>
            {text.empty.choose}
          </Button>
          <Button onClick={() => open({ kind: 'paste' })}>{text.empty.paste}</Button>
          <Button onClick={() => actions.startDemo()} disabled={demo !== 'off'}>
            {demo === 'starting' ? text.empty.demoStarting : text.empty.demo}
          </Button>
          <Button onClick={() => open({ kind: 'import' })}>{text.import.menu}</Button>
        </div>
        <FileInput inputRef={input} />
      </div>
    </div>
  );
}
