import { useMemo } from 'react';
import { PIECE } from '../../core/bridge/views.ts';
import { MapData } from './map-data.ts';

/** Cells that one cell of a strip becomes: its fill is shown in as many steps. */
const STEPS = 12;

/**
 * A strip (two bytes a cell: code of most of its pieces, how much of it is there) as the data of a piece map,
 * so that the list shows it with the same component and colours.
 */
export function useStrip(strip: Uint8Array): MapData {
  return useMemo(() => {
    const cells = strip.length >> 1;
    const pieces = new Uint8Array(cells * STEPS).fill(PIECE.missing);
    for (let cell = 0; cell < cells; cell++) {
      const code = strip[2 * cell] ?? PIECE.missing;
      const fill = strip[2 * cell + 1] ?? 0;
      const there = fill === 0 ? 0 : Math.max(1, Math.round((fill / 255) * STEPS));
      const shown = code === PIECE.fetching || code === PIECE.missing ? PIECE.fromBefore : code;
      if (code === PIECE.unwanted) pieces.fill(PIECE.unwanted, cell * STEPS, (cell + 1) * STEPS);
      else pieces.fill(shown, cell * STEPS, cell * STEPS + there);
    }
    return filled(pieces);
  }, [strip]);
}

/** How much of each cell a peer has, 0 to 255 each, as the data of a piece map in one colour. */
export function usePeerStrip(cells: Uint8Array, identity: number): MapData {
  return useMemo(() => {
    const out = new Uint8Array(cells.length * STEPS).fill(PIECE.missing);
    cells.forEach((fill, cell) => {
      const there = fill === 0 ? 0 : Math.max(1, Math.round((fill / 255) * STEPS));
      out.fill(identity, cell * STEPS, cell * STEPS + there);
    });
    return filled(out);
  }, [cells, identity]);
}

function filled(pieces: Uint8Array): MapData {
  const data = new MapData(pieces.length, STEPS);
  data.update({ pieces, availability: new Uint8Array(0), begun: new Uint32Array(0) });
  return data;
}
