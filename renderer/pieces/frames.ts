/** Something that can draw in the next frame. */
export interface Drawable {
  draw(): void;
}

/** How long drawing may take in one frame, in milliseconds; the rest waits for the next one. */
const BUDGET = 10;

const waiting = new Set<Drawable>();
let requested = false;

/** Draws once in a coming frame, however often it was asked for. */
export function drawSoon(drawable: Drawable): void {
  waiting.add(drawable);
  if (requested) return;
  requested = true;
  requestAnimationFrame(frame);
}

export function drawNever(drawable: Drawable): void {
  waiting.delete(drawable);
}

function frame(): void {
  requested = false;
  const started = performance.now();
  for (const drawable of waiting) {
    waiting.delete(drawable);
    drawable.draw();
    if (performance.now() - started > BUDGET) break;
  }
  if (waiting.size > 0 && !requested) {
    requested = true;
    requestAnimationFrame(frame);
  }
}
