import { evenly } from '../../core/bridge/overview.ts';
import { ARRIVING, type Lens, SLOT, SLOTS } from './codes.ts';
import type { Arriving } from './map-data.ts';

/** How many pieces of a cell have each slot. The same memory is used for each cell. */
export interface Tally {
  /** Pieces that are there, by slot; missing and unwanted ones too. */
  readonly there: Uint32Array;
  /** Pieces on their way, by slot. */
  readonly arriving: Uint32Array;
  total: number;
}

export function newTally(): Tally {
  return { there: new Uint32Array(SLOTS), arriving: new Uint32Array(SLOTS), total: 0 };
}

/** Counts pieces `from` to before `to`, as `lens` sees them. */
export function count(
  tally: Tally,
  codes: Uint8Array,
  arriving: ReadonlyMap<number, Arriving>,
  lens: Lens,
  from: number,
  to: number,
): void {
  tally.there.fill(0);
  tally.arriving.fill(0);
  tally.total = to - from;
  for (let piece = from; piece < to; piece++) {
    const code = codes[piece] ?? 0;
    if (code === ARRIVING) {
      const on = arriving.get(piece);
      const slot = on === undefined ? SLOT.missing : (lens[on.identity] ?? SLOT.missing);
      if (slot === SLOT.missing) bump(tally.there, slot);
      else bump(tally.arriving, slot);
    } else {
      bump(tally.there, lens[code] ?? SLOT.missing);
    }
  }
}

/** One layer of a filled cell: its slot, whether its pieces are still on their way, and where it ends, from the bottom. */
export interface Layer {
  slot: number;
  faint: boolean;
  end: number;
}

/** Height of the thinnest layer that can still be distinguished, in CSS pixels. */
const THINNEST = 3;
/** Least height of an identity's own pieces in CSS pixels, so that they are seen. */
const OWN = 2;

/**
 * The layers of a cell of `height` pixels, from the bottom: `first` (an identity's own colour), the identities that have
 * most of the rest, what is arriving; what is missing stays free. There are no more layers than can be told apart at
 * `unit` pixels a CSS pixel: those with the most pieces share the height. A cell with anything shows at least one
 * pixel, one that lacks anything at least one free pixel. Returns how many of `out` are used.
 */
export function layers(tally: Tally, height: number, unit: number, first: number, out: Layer[]): number {
  const present = sum(tally.there);
  const coming = sum(tally.arriving);
  if (present + coming === 0) return 0;
  const top = (n: number): number => {
    const exact = Math.round((n / tally.total) * height);
    return n === tally.total ? height : Math.min(Math.max(1, height - 1), Math.max(1, exact));
  };
  const solid = present === 0 ? 0 : top(present);
  let used = fillTo(tally.there, 0, solid, unit, first, false, out, 0);
  const all = top(present + coming);
  if (all > solid) used = fillTo(tally.arriving, solid, all, unit, first, true, out, used);
  return used;
}

const order: number[] = [];

/** Shares the height between `from` and `to` among the slots with the most pieces; returns the layers used so far. */
function fillTo(
  counts: Uint32Array,
  from: number,
  to: number,
  unit: number,
  first: number,
  faint: boolean,
  out: Layer[],
  used: number,
): number {
  order.length = 0;
  for (let slot = 0; slot < SLOT.missing; slot++) if ((counts[slot] ?? 0) > 0) order.push(slot);
  order.sort((a, b) => Number(b === first) - Number(a === first) || (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
  const own = order[0] === first;
  // An identity's own layer may be thin: what matters is that it is seen.
  order.length = Math.min(order.length, Math.max(own ? 2 : 1, Math.floor((to - from) / (THINNEST * unit))));
  if (!own) order.sort((a, b) => a - b);
  const all = order.reduce((n, slot) => n + (counts[slot] ?? 0), 0);
  let counted = 0;
  let end = from;
  for (const slot of order) {
    counted += counts[slot] ?? 0;
    const least = slot === first ? OWN * unit : 1;
    const next = Math.min(to, Math.max(end + least, from + Math.round((counted / all) * (to - from))));
    if (next <= end) break;
    const layer = out[used] ?? (out[used] = { slot, faint, end: next });
    layer.slot = slot;
    layer.faint = faint;
    layer.end = next;
    used++;
    end = next;
  }
  return used;
}

/**
 * What cell number `cell` of a line shows: one kind of its pieces, chosen by the cell's place and never by chance, so that
 * the cells beside each other are there, arriving and missing in the proportion of their pieces, and in each colour as
 * well. A full cell is always shown full and an empty one empty; what is shown once stays as more arrives.
 */
export function shownAt(tally: Tally, cell: number): { readonly slot: number; readonly faint: boolean } {
  const [depth, width] = evenly(cell);
  const present = sum(tally.there);
  const coming = sum(tally.arriving);
  const at = depth * tally.total;
  if (at < present) return { slot: slotAt(tally.there, width * present), faint: false };
  if (at < present + coming) return { slot: slotAt(tally.arriving, width * coming), faint: true };
  const unwanted = (tally.there[SLOT.unwanted] ?? 0) * 2 > tally.total;
  return { slot: unwanted ? SLOT.unwanted : SLOT.missing, faint: false };
}

function sum(counts: Uint32Array): number {
  let out = 0;
  for (let slot = 0; slot < SLOT.missing; slot++) out += counts[slot] ?? 0;
  return out;
}

/** The slot of piece number `at`, if pieces are sorted by slot. */
function slotAt(counts: Uint32Array, at: number): number {
  let below = 0;
  for (let slot = 0; slot < SLOT.missing; slot++) if ((below += counts[slot] ?? 0) > at) return slot;
  return SLOT.missing;
}

function bump(counts: Uint32Array, slot: number): void {
  counts[slot] = (counts[slot] ?? 0) + 1;
}
