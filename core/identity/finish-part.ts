import { millis } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { PieceStore } from '../store/piece-store.ts';

/** Who waits for an identity that leaves hears so often that it is at it. */
const TELL_EVERY = millis(2000);

/** Brings a part into piece order, unless or until `signal` aborts: its index suffices. `tell` is called now and then meanwhile. */
export async function finishPart(
  store: Pick<PieceStore, 'finish'>,
  clock: Clock,
  signal: AbortSignal,
  tell: () => void,
): Promise<void> {
  if (signal.aborted) return;
  const telling = clock.every(TELL_EVERY, tell);
  try {
    await store.finish(signal);
  } finally {
    telling.cancel();
  }
}
