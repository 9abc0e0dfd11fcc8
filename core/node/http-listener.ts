import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { HttpListener, HttpListenOptions, ServedAnswer } from '../ports/http-server.ts';
import { networkError } from '../ports/system-error.ts';
import { sendAnswer } from './http-answers.ts';
import { listening } from './listening.ts';
import { PlacesByAddress } from './places-by-address.ts';

/** Milliseconds that a request's head may take. */
const MAX_REQUEST = 10_000;
/** How often it is looked whether one takes longer, in ms. */
const LOOK = 1000;
/** Milliseconds after which a connection is closed on which nothing is asked, or of which nothing is taken. */
const MAX_IDLE = 15_000;
const MAX_SILENCE = 60_000;
const MAX_HEADERS = 16 * 1024;
/** Connections in all, and of one address; of IPv6 of one /64, as whoever has one of its addresses has all. */
const MAX_CONNECTIONS = 128;
const MAX_OF_ADDRESS = 16;

/** Listens for requests without a body. Rejects with EnsembleError('network') where it cannot. */
export async function listenHttp({ host, port, answer, barred }: HttpListenOptions): Promise<HttpListener> {
  const places = new PlacesByAddress(MAX_OF_ADDRESS);
  const sockets = new Set<Socket>();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    // The list may have changed since it came.
    if (barred?.(request.socket.remoteAddress ?? '') === true) return void request.socket.destroy();
    void sendAnswer(response, answerTo(request, answer), MAX_SILENCE);
  };
  const server = createServer(
    {
      requestTimeout: MAX_REQUEST,
      headersTimeout: MAX_REQUEST,
      connectionsCheckingInterval: LOOK,
      keepAliveTimeout: MAX_IDLE,
      maxHeaderSize: MAX_HEADERS,
    },
    handle,
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = MAX_SILENCE;
  server.on('checkContinue', handle);
  server.on('checkExpectation', handle);
  server.on('connection', (socket) => {
    const from = socket.remoteAddress ?? '';
    const leave = barred?.(from) === true ? undefined : places.take(from);
    if (leave === undefined) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      leave();
    });
  });
  await listening(server, { port, host }).catch((error: unknown) => {
    throw networkError(`serve files at ${host}:${port}`, error);
  });
  return {
    local: { host, port: (server.address() as AddressInfo).port },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function answerTo(request: IncomingMessage, answer: HttpListenOptions['answer']): ServedAnswer {
  const { headers, method = '', url = '' } = request;
  if (headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0') {
    return refusal(413);
  }
  // Proxies and some clients send the whole URL (RFC 9112, 3.2.2).
  const path = /^(?:https?:\/\/[^/?#]*)?(\/[^?#]*)/i.exec(url)?.[1];
  if (path === undefined) return refusal(400);
  return answer({
    method,
    path,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
  });
}

function refusal(status: number): ServedAnswer {
  return { status, headers: { 'Content-Length': 0, Connection: 'close' } };
}
