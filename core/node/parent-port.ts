import { EnsembleError } from '../base/errors.ts';
import type { ParentPort } from '../ports/process-host.ts';

/** This process's end of the channel to the one that forked it. Fails with EnsembleError('usage') where there is none. */
export function forkParentPort(): ParentPort {
  const send = process.send?.bind(process);
  if (!send) throw new EnsembleError('usage', 'this script is started by Ensemble itself: run `ensemble` instead');
  return {
    post: (message) => {
      if (process.connected) send(message, undefined, undefined, () => {});
    },
    onMessage: (listener) => void process.on('message', listener),
    onClose: (listener) => void process.once('disconnect', listener),
  };
}
