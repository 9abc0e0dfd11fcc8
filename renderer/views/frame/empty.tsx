import { type ReactNode, useRef } from 'react';
import { PIECE } from '../../../core/bridge/views.ts';
import { Button } from '../../parts/button.tsx';
import { MapData } from '../../pieces/map-data.ts';
import { PieceMap } from '../../pieces/piece-map.tsx';
import { useActions, useBridge } from '../../stores/context.tsx';
import { open } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import styles from './empty.module.css';
import { FileInput } from './toolbar.tsx';

/** Four rows of eight pieces by four identities, the last five on their way: what a download looks like. */
const sample = makeSample('01231020310231021300123201203102', 27);

/** Nothing is in the list yet: what to do. */
export function Empty(): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const demo = useBridge((state) => state.app?.demo ?? 'off');
  const actions = useActions();
  return (
    <div className={styles['place']}>
      <div className={styles['drop']}>
        <span className={styles['logo']} aria-hidden="true">
          <PieceMap data={sample} size="map" label={text.product} />
        </span>
        <h1 className={styles['title']}>{text.empty.title}</h1>
        <p className={styles['hint']}>{text.empty.hint}</p>
        <div className={styles['actions']}>
          <Button tone="primary" onClick={() => input.current?.click()}>
            {text.empty.choose}
          </Button>
          <Button onClick={() => open({ kind: 'paste' })}>{text.empty.paste}</Button>
          <Button onClick={() => actions.startDemo()} disabled={demo !== 'off'}>
            {demo === 'starting' ? text.empty.demoStarting : text.empty.demo}
          </Button>
        </div>
        <FileInput inputRef={input} />
      </div>
    </div>
  );
}

function makeSample(owners: string, there: number): MapData {
  const pieces = Uint8Array.from(owners, (owner, i) => (i < there ? Number(owner) : PIECE.missing));
  const data = new MapData(pieces.length);
  data.update({ pieces, availability: new Uint8Array(0), begun: new Uint32Array(0) });
  return data;
}
