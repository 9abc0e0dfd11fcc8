import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { WebSocket, WebSocketServer } from 'ws';
import { VirtualClock } from '../../sim/clock.ts';
import { RpcClient } from '../window/client.ts';
import type { BridgeTransport } from '../contract.ts';
import { BridgeHost } from '../host/host.ts';
import { fakeServices } from './fake-services.ts';
import { movingDownloads, movingEngine } from '../../engine/testing/moving-engine.ts';
import type { HostServices } from '../host/services.ts';
import {
  connectSocket,
  memoryTransports,
  portTransport,
  type SocketLike,
  socketTransport,
} from '../line/transports.ts';

/** A way to connect a window to a host. */
export interface BridgeLine {
  /** Gives the window's end, and a way to send anything from there. */
  connect(host: BridgeHost): Promise<{ readonly transport: BridgeTransport; raw(message: unknown): void }>;
  close(): Promise<void>;
}

/** Milliseconds after which something that should have come counts as missing. */
const PATIENCE = 10_000;

/** Waits for real delivery. */
export async function until(condition: () => boolean): Promise<void> {
  for (const begun = performance.now(); !condition();) {
    if (performance.now() - begun > PATIENCE) throw new Error('What was waited for did not come.');
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** Lets everything that was sent arrive. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** The three kinds of transport, by name. */
export const LINES: Readonly<Record<string, () => BridgeLine>> = {
  'in memory': () => ({
    connect: (host) => {
      const [window, program] = memoryTransports(queueMicrotask);
      host.attach(program);
      return Promise.resolve({ transport: window, raw: (message) => window.post(message) });
    },
    close: () => Promise.resolve(),
  }),
  'message ports': () => {
    const ports: MessagePort[] = [];
    const transport = (port: MessagePort): BridgeTransport =>
      portTransport(port, ({ message, closed }) => {
        port.on('message', message);
        port.on('close', closed);
      });
    return {
      connect: (host) => {
        const { port1, port2 } = new MessageChannel();
        ports.push(port1, port2);
        host.attach(transport(port2));
        return Promise.resolve({ transport: transport(port1), raw: (message) => port1.postMessage(message) });
      },
      close: () => {
        for (const port of ports) port.close();
        return Promise.resolve();
      },
    };
  },
  'a WebSocket': () => {
    const http = createServer();
    const server = new WebSocketServer({ server: http });
    return {
      connect: async (host) => {
        server.removeAllListeners('connection');
        server.on('connection', (socket) => host.attach(socketTransport(socket as unknown as SocketLike)));
        if (!http.listening) await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
        const socket = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
        const transport = await connectSocket(socket as unknown as SocketLike);
        return { transport, raw: (message) => transport.post(message) };
      },
      close: async () => {
        for (const socket of server.clients) socket.terminate();
        await new Promise((resolve) => http.close(resolve));
      },
    };
  },
};

/** A host with four moving downloads, or none, on a virtual clock. */
export class BridgeBench {
  readonly clock = new VirtualClock();
  readonly engine: ReturnType<typeof movingEngine>;
  readonly services: HostServices;
  readonly host: BridgeHost;
  readonly #line: BridgeLine;

  constructor(line: BridgeLine, change: Partial<HostServices> = {}, downloads?: readonly []) {
    this.#line = line;
    this.engine = movingEngine(this.clock, downloads ?? movingDownloads(this.clock.wall()));
    this.services = { ...fakeServices(this.clock, this.engine), ...change };
    this.host = new BridgeHost(this.services);
  }

  async window(): Promise<{ client: RpcClient; transport: BridgeTransport; raw(message: unknown): void }> {
    const { transport, raw } = await this.bare();
    const client = new RpcClient({ connect: () => Promise.resolve(transport) });
    await until(() => client.state === 'open');
    return { client, transport, raw };
  }

  /** A window's end without a client. */
  bare(): ReturnType<BridgeLine['connect']> {
    return this.#line.connect(this.host);
  }

  /** Lets virtual time pass, and whatever is sent meanwhile arrive. */
  async pass(milliseconds: number): Promise<void> {
    await this.clock.advance(milliseconds);
    await settle();
  }

  async close(): Promise<void> {
    await this.host.close();
    await this.engine.close();
    await this.#line.close();
  }
}
