import type { Grid } from './grid.ts';

/** Where an arrow, Home, End or Page key leads from a cell; undefined for other keys. */
export function moveCursor(grid: Grid, cell: number, key: string): number | undefined {
  const step = steps(grid)[key];
  if (step === undefined) return undefined;
  const to = step === 'first' ? 0 : step === 'last' ? grid.cells - 1 : cell + step;
  return to < 0 || to >= grid.cells ? cell : to;
}

function steps(grid: Grid): Readonly<Record<string, number | 'first' | 'last'>> {
  return {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -grid.columns,
    ArrowDown: grid.columns,
    Home: 'first',
    End: 'last',
  };
}

/** A cell's place in CSS pixels. */
export function cellBox(
  grid: Grid,
  cell: number,
  ratio: number,
): { left: number; top: number; width: number; height: number } {
  const column = cell % grid.columns;
  const row = Math.floor(cell / grid.columns);
  const left = grid.edgesX[column] ?? 0;
  const top = grid.edgesY[row] ?? 0;
  const right = (grid.edgesX[column + 1] ?? left) - (column === grid.columns - 1 ? 0 : grid.gap);
  const bottom = (grid.edgesY[row + 1] ?? top) - (row === grid.rows - 1 ? 0 : grid.gap);
  return { left: left / ratio, top: top / ratio, width: (right - left) / ratio, height: (bottom - top) / ratio };
}
