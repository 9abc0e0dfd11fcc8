import { WebSocket } from 'ws';
import { EnsembleError, messageOf } from '../base/errors.ts';
import type { BridgeClient } from '../bridge/contract.ts';
import { BRIDGE_PATH, connectSocket, type SocketLike } from '../bridge/line/transports.ts';
import { RpcClient } from '../bridge/window/client.ts';

/**
 * A line to the program that serves the UI at a URL with a token, as a browser makes it, but by the token alone: a session would
 * be kept, and take the place of a browser's. Rejects with EnsembleError('network') where nobody answers, with EnsembleError('usage')
 * where the token is refused.
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
  const bridge = new URL(url.pathname.replace(/\/$/, '') + BRIDGE_PATH + url.search, url);
  bridge.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const line = new WebSocket(bridge, { headers: { Origin: url.origin } });
  let failure: EnsembleError | undefined;
  line.on('unexpected-response', (_request, { statusCode = 0 }) => {
    const why =
      statusCode === 429 ? 'too many wrong tokens came: try again later' : 'it lets nobody in with this token';
    failure = new EnsembleError('usage', `${shown}: ${why} (HTTP ${statusCode}). Give the URL that it printed last.`);
    line.terminate();
  });
  line.on('error', (error) => {
    failure ??= new EnsembleError('network', `${shown} does not answer: ${messageOf(error)}.`);
  });
  const client = new RpcClient({ connect: () => connectSocket(line as unknown as SocketLike) });
  await new Promise<void>((resolve, reject) => {
    client.onState((state) => {
      if (state === 'open') resolve();
      else if (state === 'closed')
        reject(failure ?? new EnsembleError('network', `${shown} gives no line to the program.`));
    });
  });
  return client;
}
