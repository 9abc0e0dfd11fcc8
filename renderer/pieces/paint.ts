import { ARRIVING, type Lens, SLOT } from './codes.ts';
import { type Grid, piecesOf } from './grid.ts';
import type { Arriving } from './map-data.ts';
import { marked, type Palette, textureOf } from './palette.ts';
import { count, type Layer, layers, newTally, shownAt } from './tally.ts';

/** What is drawn: a piece map seen through a lens. */
export interface Picture {
  readonly codes: Uint8Array;
  readonly arriving: ReadonlyMap<number, Arriving>;
  readonly lens: Lens;
  /** The slot that is at the bottom of cells for several pieces; -1: none. */
  readonly first: number;
  /** The piece of the first cell. */
  readonly from: number;
}

const tally = newTally();
const stack: Layer[] = [];

/** Draws one cell into `pixels`, which hold the whole grid row by row; `unit` is one CSS pixel in device pixels. */
export function paintCell(
  pixels: Uint32Array,
  grid: Grid,
  cell: number,
  picture: Picture,
  palette: Palette,
  unit: number,
): void {
  const column = cell % grid.columns;
  const row = Math.floor(cell / grid.columns);
  const left = grid.edgesX[column] ?? 0;
  const top = grid.edgesY[row] ?? 0;
  const last = column === grid.columns - 1;
  const right = Math.max(left + 1, (grid.edgesX[column + 1] ?? left) - (last ? 0 : grid.gap));
  const bottom = Math.max(top + 1, (grid.edgesY[row + 1] ?? top) - (row === grid.rows - 1 ? 0 : grid.gap));
  const area: Area = { pixels, stride: grid.width, left, right, unit };
  const [first, end] = piecesOf(grid, cell);
  if (grid.perCell === 1) paintPiece(area, top, bottom, first + picture.from, picture, palette);
  else if (grid.line) paintOneOf(area, top, bottom, cell, first + picture.from, end + picture.from, picture, palette);
  else paintSeveral(area, top, bottom, first + picture.from, end + picture.from, picture, palette);
  if (grid.radius > 0) cutCorners(area, top, bottom, grid.radius);
}

interface Area {
  readonly pixels: Uint32Array;
  readonly stride: number;
  readonly left: number;
  readonly right: number;
  readonly unit: number;
}

function paintPiece(area: Area, top: number, bottom: number, piece: number, picture: Picture, palette: Palette): void {
  const code = picture.codes[piece] ?? 0;
  const on = code === ARRIVING ? picture.arriving.get(piece) : undefined;
  if (on === undefined) {
    fill(area, top, bottom, picture.lens[code] ?? SLOT.missing, false, palette);
    return;
  }
  const slot = picture.lens[on.identity] ?? SLOT.missing;
  const part = Math.round((bottom - top) * Math.min(0.9, Math.max(0.15, on.fill / 255)));
  const edge = Math.min(bottom - 1, Math.max(top + 1, bottom - part));
  fill(area, top, edge, slot, true, palette);
  fill(area, edge, bottom, slot, false, palette);
}

function paintOneOf(
  area: Area,
  top: number,
  bottom: number,
  cell: number,
  from: number,
  to: number,
  picture: Picture,
  palette: Palette,
): void {
  count(tally, picture.codes, picture.arriving, picture.lens, from, to);
  const { slot, faint } = shownAt(tally, cell);
  fill(area, top, bottom, slot, faint, palette);
}

function paintSeveral(
  area: Area,
  top: number,
  bottom: number,
  from: number,
  to: number,
  picture: Picture,
  palette: Palette,
): void {
  count(tally, picture.codes, picture.arriving, picture.lens, from, to);
  const used = layers(tally, bottom - top, area.unit, picture.first, stack);
  let y = bottom;
  for (let i = 0; i < used; i++) {
    const layer = stack[i];
    if (layer === undefined) break;
    const next = bottom - layer.end;
    fill(area, next, y, layer.slot, layer.faint, palette);
    y = next;
  }
  const unwanted = (tally.there[SLOT.unwanted] ?? 0) * 2 > tally.total;
  if (unwanted) fill(area, top, y, SLOT.unwanted, false, palette);
  else plain(area, top, y, palette.track);
}

/** Rows `top` to before `bottom` in a slot's colour and texture; `faint`: in its faint colour alone. */
function fill(area: Area, top: number, bottom: number, slot: number, faint: boolean, palette: Palette): void {
  if (faint) {
    plain(area, top, bottom, palette.faint[slot] ?? palette.track);
    return;
  }
  const texture = textureOf(slot);
  plain(area, top, bottom, palette.solid[slot] ?? palette.track);
  if (texture === 0) return;
  const mark = palette.mark[slot] ?? palette.track;
  for (let y = top; y < bottom; y++) {
    for (let x = area.left; x < area.right; x++) {
      if (marked(texture, x - area.left, y, area.unit)) area.pixels[y * area.stride + x] = mark;
    }
  }
}

function plain(area: Area, top: number, bottom: number, colour: number): void {
  for (let y = top; y < bottom; y++) {
    const line = y * area.stride;
    area.pixels.fill(colour, line + area.left, line + area.right);
  }
}

/** Rounds each corner by a quarter circle, with soft edges. */
function cutCorners(area: Area, top: number, bottom: number, radius: number): void {
  for (let dy = 0; dy < radius; dy++) {
    for (let dx = 0; dx < radius; dx++) {
      const cover = Math.min(1, Math.max(0, radius - Math.hypot(radius - dx - 0.5, radius - dy - 0.5) + 0.5));
      if (cover === 1) continue;
      for (const y of [top + dy, bottom - 1 - dy]) {
        for (const x of [area.left + dx, area.right - 1 - dx]) {
          const at = y * area.stride + x;
          const before = area.pixels[at] ?? 0;
          area.pixels[at] = ((before & 0xffffff) | (Math.round((before >>> 24) * cover) << 24)) >>> 0;
        }
      }
    }
  }
}
