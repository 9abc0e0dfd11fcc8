import type { PointerEvent } from 'react';

/** Follows the pointer from a press to its end. `by`: pixels from where it began; `x`, `y`: where it is. */
export function dragging(
  event: PointerEvent<HTMLElement>,
  to: {
    move(by: number, x: number, y: number): void;
    end(by: number, x: number, y: number): void;
  },
): void {
  if (event.button !== 0) return;
  const element = event.currentTarget;
  const { pointerId, clientX: from } = event;
  const move = ({ clientX: x, clientY: y }: globalThis.PointerEvent): void => to.move(x - from, x, y);
  const stop = ({ clientX: x, clientY: y, type }: globalThis.PointerEvent): void => {
    element.removeEventListener('pointermove', move);
    element.removeEventListener('pointerup', stop);
    element.removeEventListener('pointercancel', stop);
    to.end(type === 'pointercancel' ? 0 : x - from, x, y);
  };
  element.setPointerCapture(pointerId);
  element.addEventListener('pointermove', move);
  element.addEventListener('pointerup', stop);
  element.addEventListener('pointercancel', stop);
}
