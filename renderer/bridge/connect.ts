import { RpcClient } from '../../core/bridge/window/client.ts';
import type { BridgeClient } from '../../core/bridge/contract.ts';
import { connectDesktop, desktopApi } from '../../core/bridge/desktop.ts';
import { connectSocket, type SocketLike } from '../../core/bridge/line/transports.ts';

/** Longest wait between two attempts, in milliseconds. */
const LONGEST_WAIT = 5000;

/** The line to the program: over Electron in its window, else over a WebSocket to where this page came from. */
export function connectProgram(): BridgeClient {
  if (desktopApi(window)) return new RpcClient({ connect: () => connectDesktop(window), retry: wait });
  const url = new URL('bridge', location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = '';
  url.hash = '';
  return new RpcClient({ connect: () => connectSocket(new WebSocket(url) as SocketLike), retry: wait });
}

function wait(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(LONGEST_WAIT, 250 * 2 ** Math.min(attempt, 6))));
}
