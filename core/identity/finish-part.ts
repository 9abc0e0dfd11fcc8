import { millis } from '../base/ids.ts';
import type { StopSignal } from '../base/stopper.ts';
import type { Clock } from '../ports/clock.ts';
import type { PieceStore } from '../store/piece-store.ts';

/** How often an identity that is leaving says so to whoever waits for it. */
const TELL_EVERY = millis(2000);

/** Brings a part into piece order, unless `signal` aborts, as its index suffices. Meanwhile `tell` is called now and then. */
export async function finishPart(
  store: Pick<PieceStore, 'finish'>,
  clock: Clock,
  signal: StopSignal,
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
