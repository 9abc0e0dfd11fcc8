import { EnsembleError } from '../base/errors.ts';
import type { ParentPort } from '../ports/process-host.ts';
import { MessageBatch, unpack } from './message-batch.ts';

/** A started process's end of its channel. */
interface EntryPort extends ParentPort {
  /** Closes the channel once all that was posted has left. */
  end(): void;
}

/** Electron's end of the channel in a utility process. */
interface UtilityPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** Electron does not tell when a message has left: the process ends this long after the last one, in ms. */
const LAST_WORDS = 100;

/** This process's end of the channel to the one that started it, forked by Node or as Electron's utility process. */
export function parentPort(): EntryPort {
  const { parentPort: utility } = process as { readonly parentPort?: UtilityPort };
  return utility === undefined ? forkParentPort() : utilityParentPort(utility);
}

/** Electron itself ends a utility process whose parent has gone. */
function utilityParentPort(port: UtilityPort): EntryPort {
  const batch = new MessageBatch((messages) => port.postMessage(messages));
  return {
    post: (message) => batch.post(message),
    onMessage: (listener) => port.on('message', ({ data }) => unpack(data, listener)),
    onClose: () => {},
    end() {
      batch.flush();
      setTimeout(() => process.exit(0), LAST_WORDS);
    },
  };
}

/** This process's end of the channel to the one that forked it. Fails with EnsembleError('usage') where there is none. */
function forkParentPort(): EntryPort {
  const send = process.send?.bind(process);
  if (!send) throw new EnsembleError('usage', 'this script is started by Ensemble itself: run `ensemble` instead');
  let leaving = 0;
  let ending = false;
  const closeIfDone = (): void => {
    if (ending && leaving === 0 && process.connected) process.disconnect();
  };
  const batch = new MessageBatch((messages) => {
    if (!process.connected) return;
    leaving++;
    send(messages, undefined, undefined, () => {
      leaving--;
      closeIfDone();
    });
  });
  // What was posted right before the end leaves, too.
  process.once('exit', () => batch.flush());
  return {
    post(message) {
      if (process.connected && !ending) batch.post(message);
    },
    // In a microtask: while Node delivers what came before there was a listener, a listener that disconnects would crash it.
    onMessage: (listener) => void process.on('message', (message) => queueMicrotask(() => unpack(message, listener))),
    onClose(listener) {
      // The parent may have been killed while this process started.
      if (process.connected) process.once('disconnect', listener);
      else queueMicrotask(listener);
    },
    end() {
      ending = true;
      batch.flush();
      closeIfDone();
    },
  };
}
