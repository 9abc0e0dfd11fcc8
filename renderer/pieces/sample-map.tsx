import type { ReactNode } from 'react';
import { PIECE } from '../../core/bridge/views.ts';
import { text } from '../texts/en.ts';
import { MapData } from './map-data.ts';
import { PieceMap } from './piece-map.tsx';
import styles from './sample-map.module.css';

/** Four rows of eight pieces by four identities, the last five to come: what a download looks like. */
const sample = makeSample('01231020310231021300123201203102', 27);

/** A small piece map as an ornament. */
export function SampleMap(): ReactNode {
  return (
    <span className={styles['sample']} aria-hidden="true">
      <PieceMap data={sample} size="map" label={text.product} />
    </span>
  );
}

function makeSample(owners: string, there: number): MapData {
  const pieces = Uint8Array.from(owners, (owner, i) => (i < there ? Number(owner) : PIECE.missing));
  const data = new MapData(pieces.length);
  data.update({ pieces, availability: new Uint8Array(0), begun: new Uint32Array(0) });
  return data;
}
