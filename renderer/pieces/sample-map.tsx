import type { ReactNode } from 'react';
import { PIECE } from '../../core/engine/piece-codes.ts';
import { text } from '../texts/en.ts';
import { MapData } from './map-data.ts';
import { PieceMap } from './piece-map.tsx';
import styles from './sample-map.module.css';

/** Four rows of eight pieces by four identities, the last five to come: what a download looks like. */
const sample = MapData.still(
  Uint8Array.from('01231020310231021300123201203102', (owner, i) => (i < 27 ? Number(owner) : PIECE.missing)),
);

/** A small piece map as an ornament. */
export function SampleMap(): ReactNode {
  return (
    <span className={styles['sample']} aria-hidden="true">
      <PieceMap data={sample} size="map" label={text.product} />
    </span>
  );
}
