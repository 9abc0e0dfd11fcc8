/**
 * How pieces become cells of a grid (one cell a piece, or one for several where a piece would be too small to see).
 * Lengths are CSS pixels, except those of `edgesX`, `edgesY`, `gap` and others that say so: device pixels make every cell edge
 * crisp.
 */
export interface Grid {
  readonly count: number;
  readonly perCell: number;
  readonly cells: number;
  readonly columns: number;
  readonly rows: number;
  /** Device pixels where each column begins, and at the end where the last one ends. */
  readonly edgesX: Uint16Array;
  readonly edgesY: Uint16Array;
  /** Device pixels between two cells. */
  readonly gap: number;
  /** Device pixels by which the corners of a cell are rounded: large cells are, small ones are not. */
  readonly radius: number;
  /** One row, too low for a fill: a cell for several pieces shows one kind of them (`shownAt`). */
  readonly line: boolean;
  /** Device pixels. */
  readonly width: number;
  readonly height: number;
}

/** The sizes of a piece map: a line of one row, a band of some rows, a map. */
export type MapSize = 'line' | 'band' | 'map';

interface Shape {
  readonly columns: number;
  readonly rows: number;
  readonly perCell: number;
}

/** A single piece is drawn down to this size; as part of a band it may be finer. */
const SMALLEST = { map: { side: 3, area: 10 }, band: { side: 2, area: 4 } };
/** Cells that stand for several pieces are bars: they need height for their fill, and a few tall rows are calmer than many low ones. */
const SEVERAL = { map: { width: 4, height: 28 }, band: { width: 3, height: 24 }, line: { width: 1, height: 0 } };
/** Width over height that a cell should have. */
const ASPECT = 0.78;

/** The grid for `count` pieces in `width` x `height` CSS pixels on a screen with `ratio` device pixels for each. */
export function layGrid(count: number, width: number, height: number, ratio: number, size: MapSize): Grid {
  const w = Math.max(1, Math.round(width * ratio));
  const h = Math.max(1, Math.round(height * ratio));
  const { columns, rows, perCell } =
    count === 0 ? { columns: 1, rows: 1, perCell: 1 } : shape(count, w / ratio, h / ratio, size);
  const side = Math.min(w / columns, h / rows) / ratio;
  return {
    count,
    perCell,
    cells: Math.ceil(count / perCell),
    columns,
    rows,
    edgesX: edges(w, columns),
    edgesY: edges(h, rows),
    gap: size === 'line' ? 0 : Math.round(gapFor(side) * ratio),
    radius: size === 'line' ? 0 : Math.round(radiusFor(side) * ratio),
    line: size === 'line',
    width: w,
    height: h,
  };
}

/** The cell under a device pixel; undefined beyond the last one. */
export function cellAt(grid: Grid, x: number, y: number): number | undefined {
  if (x < 0 || y < 0 || x >= grid.width || y >= grid.height) return undefined;
  const column = Math.min(grid.columns - 1, Math.floor((x * grid.columns) / grid.width));
  const row = Math.min(grid.rows - 1, Math.floor((y * grid.rows) / grid.height));
  const cell = row * grid.columns + column;
  return cell < grid.cells ? cell : undefined;
}

/** The pieces that a cell stands for: first, and one beyond the last. */
export function piecesOf(grid: Grid, cell: number): readonly [number, number] {
  return [cell * grid.perCell, Math.min(grid.count, (cell + 1) * grid.perCell)];
}

function shape(count: number, width: number, height: number, size: MapSize): Shape {
  if (size === 'line') {
    const perCell = Math.ceil(count / Math.max(1, Math.floor(width)));
    return { columns: Math.ceil(count / perCell), rows: 1, perCell };
  }
  return onePieceEach(count, width, height, SMALLEST[size]) ?? severalEach(count, width, height, size);
}

/** Rows and columns for one cell a piece, nearest to the wanted proportion with little waste in the last row. */
function onePieceEach(
  count: number,
  width: number,
  height: number,
  least: { readonly side: number; readonly area: number },
): Shape | undefined {
  if ((width * height) / count < least.area) return undefined;
  let best: Shape | undefined;
  let bestScore = Infinity;
  for (let rows = 1; rows <= Math.min(count, Math.floor(height / least.side)); rows++) {
    const columns = Math.ceil(count / rows);
    const cellWidth = width / columns;
    if (cellWidth < least.side) continue;
    if (Math.ceil(count / columns) < rows) continue;
    const stretch = Math.abs(Math.log(cellWidth / (height / rows) / ASPECT));
    const waste = (rows * columns - count) / columns;
    const score = stretch + 0.35 * waste * (1 + 2 / rows);
    if (score < bestScore) {
      bestScore = score;
      best = { columns, rows, perCell: 1 };
    }
  }
  return best;
}

function severalEach(count: number, width: number, height: number, size: MapSize): Shape {
  const least = SEVERAL[size];
  const most = {
    columns: Math.max(1, Math.floor(width / least.width)),
    rows: Math.max(1, Math.floor(height / Math.max(1, least.height))),
  };
  const perCell = Math.max(1, Math.ceil(count / (most.columns * most.rows)));
  const cells = Math.ceil(count / perCell);
  const rows = Math.ceil(cells / most.columns);
  return { columns: Math.ceil(cells / rows), rows, perCell };
}

function gapFor(side: number): number {
  if (side < 4) return side < 3.2 ? 0.4 : 0.5;
  if (side < 14) return 1;
  return side < 40 ? 2 : 4;
}

function radiusFor(side: number): number {
  if (side < 8) return 0;
  if (side < 13) return 1;
  return side < 40 ? 2.5 : 6;
}

function edges(length: number, parts: number): Uint16Array {
  const out = new Uint16Array(parts + 1);
  for (let i = 0; i <= parts; i++) out[i] = Math.round((i * length) / parts);
  return out;
}
