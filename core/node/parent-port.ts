import { EnsembleError } from '../base/errors.ts';
import type { ParentPort } from '../ports/process-host.ts';

/** The forked process's end of its channel. */
export interface ForkParentPort extends ParentPort {
  /** Closes the channel once all that was posted has left: `process.disconnect` alone would drop it. */
  end(): void;
}

/** This process's end of the channel to the one that forked it. Fails with EnsembleError('usage') where there is none. */
export function forkParentPort(): ForkParentPort {
  const send = process.send?.bind(process);
  if (!send) throw new EnsembleError('usage', 'this script is started by Ensemble itself: run `ensemble` instead');
  let leaving = 0;
  let ending = false;
  const closeIfDone = (): void => {
    if (ending && leaving === 0 && process.connected) process.disconnect();
  };
  return {
    post(message) {
      if (!process.connected || ending) return;
      leaving++;
      send(message, undefined, undefined, () => {
        leaving--;
        closeIfDone();
      });
    },
    // Not from within Node's own delivery: while it hands out what came before there was a listener, a listener that
    // disconnects would crash it.
    onMessage: (listener) => void process.on('message', (message) => queueMicrotask(() => listener(message))),
    onClose: (listener) => void process.once('disconnect', listener),
    end() {
      ending = true;
      closeIfDone();
    },
  };
}
