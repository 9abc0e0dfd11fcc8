import { readFileSync, writeFileSync } from 'node:fs';
import type { Rectangle } from 'electron';

const VERSION = 1;
const DEFAULT = { width: 1240, height: 820 };
/** In a smaller window its parts have no room. */
export const SMALLEST = { width: 900, height: 600 };
/** How much of a window has to be on some screen so that it can be found, in pixels. */
const VISIBLE = 80;

export interface WindowPlace {
  /** Without x and y the system chooses the position. */
  readonly bounds: { readonly width: number; readonly height: number; readonly x?: number; readonly y?: number };
  readonly maximized: boolean;
}

/** Where the window was when it was closed, if that is still on a screen; the default where nothing valid was stored. */
export function readPlace(file: string, screens: readonly Rectangle[]): WindowPlace {
  try {
    return checkPlace(JSON.parse(readFileSync(file, 'utf8')), screens);
  } catch {
    return { bounds: DEFAULT, maximized: false };
  }
}

/** Checks what was stored; throws where it is malformed. */
export function checkPlace(kept: unknown, screens: readonly Rectangle[]): WindowPlace {
  const { version, x, y, width, height, maximized } = kept as Record<string, unknown>;
  const numbers = [x, y, width, height];
  if (version !== VERSION || !numbers.every(Number.isSafeInteger)) throw new Error('no window state of ours');
  const [left, top, wide, high] = numbers as [number, number, number, number];
  const size = { width: Math.max(wide, SMALLEST.width), height: Math.max(high, SMALLEST.height) };
  const seen = screens.some(
    (s) =>
      left + size.width - VISIBLE > s.x &&
      left + VISIBLE < s.x + s.width &&
      top >= s.y - 8 &&
      top + VISIBLE < s.y + s.height,
  );
  return { bounds: seen ? { ...size, x: left, y: top } : size, maximized: maximized === true };
}

/** Stores the window's place; a failure is ignored. */
export function writePlace(file: string, bounds: Rectangle, maximized: boolean): void {
  try {
    writeFileSync(file, JSON.stringify({ version: VERSION, ...bounds, maximized }));
  } catch {
    // The next start uses the default.
  }
}
