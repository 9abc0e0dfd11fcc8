import { MAX_IDENTITIES } from '../../core/base/bounds.ts';
import { SLOT, SLOTS } from './codes.ts';

/** How many hues there are before they repeat with a texture. */
export const HUES = 8;

/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** Colours of every slot as pixels: `0xAABBGGRR`, as little-endian image data holds them. */
export interface Palette {
  readonly solid: Uint32Array;
  /** The marks of a slot's texture; the solid colour where it has none. */
  readonly mark: Uint32Array;
  /** The upper part of a piece on its way. */
  readonly faint: Uint32Array;
  /** The colour of what is not there yet. */
  readonly track: number;
}

/** The colours that a palette is mixed from, by the names of `tokens.css`. */
export interface PaletteColours {
  readonly hues: readonly Rgb[];
  readonly siblings: Rgb;
  readonly before: Rgb;
  readonly track: Rgb;
  readonly unwanted: Rgb;
  /** What textures are drawn with: the panel's colour. */
  readonly paper: Rgb;
}

/** All slots; with `only`, everything but that identity is dimmed. */
export function mixPalette(colours: PaletteColours, only?: number): Palette {
  const solid = new Uint32Array(SLOTS);
  const mark = new Uint32Array(SLOTS);
  const faint = new Uint32Array(SLOTS);
  const put = (slot: number, colour: Rgb, dim: boolean): void => {
    const shown = dim ? mix(colour, colours.track, 0.82) : colour;
    solid[slot] = pixel(shown);
    faint[slot] = pixel(mix(shown, colours.track, 0.66));
    mark[slot] = pixel(textureOf(slot) === 0 ? shown : mix(shown, colours.paper, 0.62));
  };
  for (let i = 0; i < MAX_IDENTITIES; i++) {
    put(i, colours.hues[i % HUES] ?? colours.before, only !== undefined && i !== only);
  }
  put(SLOT.siblings, colours.siblings, false);
  put(SLOT.before, colours.before, only !== undefined);
  put(SLOT.missing, colours.track, false);
  put(SLOT.unwanted, colours.unwanted, false);
  // Its own colour alone could hardly be told from that of what is missing.
  mark[SLOT.unwanted] = pixel(mix(colours.unwanted, colours.before, 0.55));
  return { solid, mark, faint, track: pixel(colours.track) };
}

/** The lines through what is not wanted. */
const HATCHED = 4;

/** 0: none (the first eight identities); 1 to 3: how the repeated hues are told apart; 4: what is not wanted. */
export function textureOf(slot: number): number {
  if (slot === SLOT.unwanted) return HATCHED;
  return slot < MAX_IDENTITIES ? Math.floor(slot / HUES) : 0;
}

/** Whether the texture has a mark at a device pixel; `unit` is one CSS pixel in device pixels. */
export function marked(texture: number, x: number, y: number, unit: number): boolean {
  if (texture === 1) return (x + y) % (4 * unit) < 2 * unit;
  if (texture === 2) return x % (3 * unit) < unit && y % (3 * unit) < unit;
  if (texture === HATCHED) return (x + y) % (4 * unit) < unit;
  return texture === 3 && y % (4 * unit) < 2 * unit;
}

/** `#rgb` or `#rrggbb`; black for anything else. */
export function parseColour(text: string): Rgb {
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1] ?? '000000';
  const full = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
  const value = Number.parseInt(full, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** A mix of `a` with `share` (0 to 1) of `b`. */
export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const part = (i: 0 | 1 | 2): number => Math.round(a[i] * (1 - share) + b[i] * share);
  return [part(0), part(1), part(2)];
}

export function pixel([red, green, blue]: Rgb): number {
  return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
}
