import { MAX_TORRENT_BYTES } from '../../base/bounds.ts';
import { type BridgeTransport, MAX_BACKLOG } from '../contract.ts';
import { COMMAND_BOUNDS } from '../line/message-bounds.ts';
import { type SocketLike, socketTransport } from '../line/transports.ts';

/** When messages with more bytes than this are being handled, nothing more is read. A single larger message is still handled. */
const MAX_HELD = MAX_TORRENT_BYTES;

/** A WebSocket that can stop reading for a while, as those of `ws` can. */
export interface HostSocket extends SocketLike {
  pause(): void;
  resume(): void;
}

/**
 * The program's end of a WebSocket to a window that may be anybody's: messages are bounded before they are parsed, and no
 * more is read while the window leaves too much unread, or while too much of what it sent is still being handled.
 */
export function hostSocketTransport(socket: HostSocket): BridgeTransport {
  let held = 0;
  let paused = false;
  let waiting: (() => void)[] = [];
  const behind = (): boolean => socket.bufferedAmount > MAX_BACKLOG;
  const release = (): void => {
    const released = waiting;
    waiting = [];
    for (const one of released) one();
  };
  const changed = (): void => {
    const full = behind() || held > MAX_HELD;
    if (full !== paused) {
      paused = full;
      if (full) socket.pause();
      else socket.resume();
    }
    if (!behind()) release();
  };
  const transport = socketTransport(socket, {
    bounds: COMMAND_BOUNDS,
    came: (bytes, dealt) => {
      held += bytes;
      changed();
      const over = (): void => {
        held -= bytes;
        changed();
      };
      Promise.resolve(dealt).then(over, over);
    },
    changed,
    drained: () => (behind() ? new Promise<void>((resolve) => waiting.push(resolve)) : undefined),
  });
  transport.onClose(release);
  return transport;
}
