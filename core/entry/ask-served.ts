import { WebSocket } from 'ws';
import { EnsembleError, messageOf } from '../base/errors.ts';
import type { BridgeClient } from '../bridge/contract.ts';
import { BRIDGE_PATH, connectSocket, type SocketLike } from '../bridge/line/transports.ts';
import { RpcClient } from '../bridge/window/client.ts';

/**
 * A line to the program that serves the UI at a URL with a token, as a browser makes it: the token becomes a session. Rejects with
 * EnsembleError('network') where nobody answers, with EnsembleError('usage') where the token is refused.
 */
export async function connectServed(text: string): Promise<BridgeClient> {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw new EnsembleError(
      'usage',
      `${text} is no URL: give the one that \`ensemble serve\` printed, with its token.`,
    );
  }
  const url = new URL(text);
  const shown = `${url.origin}${url.pathname}`;
  const answer = await fetch(url, { redirect: 'manual', headers: { Connection: 'close' } }).catch((error: unknown) => {
    throw new EnsembleError('network', `${shown} does not answer: ${messageOf((error as Error).cause ?? error)}.`);
  });
  await answer.body?.cancel();
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
  if (answer.status !== 200 || cookies.length === 0) {
    const why =
      answer.status === 429 ? 'too many wrong tokens came: try again later' : 'it lets nobody in with this token';
    throw new EnsembleError('usage', `${shown}: ${why} (HTTP ${answer.status}). Give the URL that it printed last.`);
  }
  const bridge = new URL(url.pathname.replace(/\/$/, '') + BRIDGE_PATH, url);
  bridge.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const line = new WebSocket(bridge, { headers: { Cookie: cookies.join('; '), Origin: url.origin } });
  const client = new RpcClient({ connect: () => connectSocket(line as unknown as SocketLike) });
  await new Promise<void>((resolve, reject) => {
    client.onState((state) => {
      if (state === 'open') resolve();
      else if (state === 'closed') reject(new EnsembleError('network', `${shown} gives no line to the program.`));
    });
  });
  return client;
}
