import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { MAX_TORRENT_BYTES } from '../base/bounds.ts';
import type { BridgeHost } from '../bridge/host/host.ts';
import { type HostSocket, hostSocketTransport } from '../bridge/host/host-socket.ts';
import { COMMAND_BOUNDS } from '../bridge/line/message-bounds.ts';
import { BRIDGE_PATH } from '../bridge/line/transports.ts';

/** Programs that ask at a time. */
const MOST = 32;

/** Gives who connects a place at the bridge. A socket file lets in this user's programs alone, and no page of a browser. */
export function serveControl(bridge: BridgeHost): (socket: Socket) => void {
  const maxPayload = MAX_TORRENT_BYTES + COMMAND_BOUNDS.json;
  const lines = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false });
  const server = createServer((_request, response) => response.writeHead(426, { Connection: 'close' }).end());
  server.on('upgrade', (request, socket, head) => {
    if (request.url !== BRIDGE_PATH || lines.clients.size >= MOST) socket.destroy();
    else {
      lines.handleUpgrade(request, socket, head, (line) =>
        bridge.attach(hostSocketTransport(line as unknown as HostSocket), 'owner'),
      );
    }
  });
  return (socket) => {
    server.emit('connection', socket);
    socket.resume();
  };
}
