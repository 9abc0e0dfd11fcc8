import { Socket } from 'node:net';

/** What Node's sockets have that it does not promise. */
interface Inside {
  _handle?: { readonly useUserBuffer?: unknown } | null;
}

type OnRead = { readonly buffer: Uint8Array; readonly callback: (count: number) => boolean };

/**
 * A socket over the same connection that reads into one buffer (`onread`), which Node offers for dialled ones alone: by itself each read
 * of an accepted one takes new memory. `socket` was accepted paused, and is of no more use. Undefined where this Node is another one.
 */
export function readInto(socket: Socket, onread: OnRead): Socket | undefined {
  const inside = socket as Inside;
  const { _handle: handle } = inside;
  if (typeof handle?.useUserBuffer !== 'function') return undefined;
  inside._handle = null;
  const own = new Socket({ handle, onread } as object);
  socket.destroy();
  return own;
}
