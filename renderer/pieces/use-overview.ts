import { useMemo } from 'react';
import { evenly } from '../../core/bridge/overview.ts';
import { PIECE } from '../../core/engine/piece-codes.ts';
import { MapData } from './map-data.ts';

/**
 * An overview (two bytes a cell: whose pieces, how much of it is there) as the data of a piece map, so that the list shows it
 * with the same component and colours.
 */
export function useOverview(overview: Uint8Array): MapData {
  return useMemo(() => MapData.still(overviewCells(overview)), [overview]);
}

/** How much of each cell a peer has, 0 to 255 each, as the data of a piece map in one colour. */
export function usePeerOverview(cells: Uint8Array, identity: number): MapData {
  return useMemo(
    () => MapData.still(cells.map((fill, cell) => (isThere(fill, cell) ? identity : PIECE.missing))),
    [cells, identity],
  );
}

/** A code for each cell: of those that are partly there as many are shown as there as their shares make up together. */
export function overviewCells(overview: Uint8Array): Uint8Array {
  const out = new Uint8Array(overview.length >> 1);
  for (let cell = 0; cell < out.length; cell++) {
    const code = overview[2 * cell] ?? PIECE.missing;
    const there = code === PIECE.unwanted || isThere(overview[2 * cell + 1] ?? 0, cell);
    out[cell] = there ? code : PIECE.missing;
  }
  return out;
}

function isThere(fill: number, cell: number): boolean {
  return fill / 255 > evenly(cell)[0];
}
