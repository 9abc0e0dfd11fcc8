import { millis } from '../../base/ids.ts';
import type { CloseReason, Connection, ConnectionHandler } from '../../ports/net.ts';
import type { DatagramSocket } from '../../ports/datagram.ts';
import { VirtualClock } from '../../sim/clock.ts';
import type { LinkOptions } from '../../sim/net-link.ts';
import type { SimHost } from '../../sim/net-host.ts';
import { SimNet } from '../../sim/net.ts';
import { SeededRandom } from '../../sim/random.ts';
import type { UtpConnection } from '../connection.ts';
import { UtpSocket, type UtpOptions } from '../socket.ts';

export const TIMES = { connectTimeout: millis(15_000), silenceTimeout: millis(150_000), stuckTimeout: millis(60_000) };

/** Hears all of a connection, and remembers it. */
export class Hearer implements ConnectionHandler {
  connection: Connection | undefined;
  stood = false;
  /** Bytes that came, as long as `keeps`. */
  readonly parts: Uint8Array[] = [];
  count = 0;
  drains = 0;
  keeps = true;
  ended: CloseReason | undefined;
  onData: ((data: Uint8Array) => void) | undefined;

  connected(connection: Connection): void {
    this.connection = connection;
    this.stood = true;
  }

  data(_connection: Connection, data: Uint8Array): void {
    this.count += data.length;
    if (this.keeps) this.parts.push(data.slice());
    this.onData?.(data);
    // Whoever relies on it afterwards is found out.
    data.fill(0xdd);
  }

  drained(): void {
    this.drains++;
  }

  closed(_connection: Connection, reason: CloseReason): void {
    if (this.ended !== undefined) throw new Error('closed twice');
    this.ended = reason;
  }

  get bytes(): Uint8Array {
    const out = new Uint8Array(this.parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

/** One end: a UDP socket with uTP on it. */
export interface End {
  readonly host: SimHost;
  readonly utp: UtpSocket;
  readonly socket: DatagramSocket;
  /** Connections that came, with who hears of them. */
  readonly came: { readonly connection: UtpConnection; readonly hearer: Hearer }[];
}

/** Two machines on a simulated network, or more. */
export class UtpWorld {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly net: SimNet;
  /** The time-outs of connections that are dialled from now on. */
  times: typeof TIMES = TIMES;

  constructor(seed = 1) {
    this.random = new SeededRandom(seed);
    this.net = new SimNet(this.clock, this.random);
  }

  /** `tap` sees each datagram that comes, and may keep it away by returning false. */
  async end(
    address: string,
    link: LinkOptions = {},
    changes: Partial<UtpOptions> & { readonly tap?: (data: Uint8Array) => boolean; readonly port?: number } = {},
  ): Promise<End> {
    const { tap, port = 6881, ...options } = changes;
    const host = this.net.host(address, { latency: 10, ...link });
    const socket = await host.datagram(
      { family: address.includes(':') ? 6 : 4, localAddress: address, port },
      {
        received: (data, from, fromPort) => (tap?.(data) === false ? undefined : utp.received(data, from, fromPort)),
        failed: (code, to, toPort) => utp.failed(code, to, toPort),
      },
    );
    const came: End['came'] = [];
    const utp: UtpSocket = new UtpSocket(socket, {
      clock: this.clock,
      random: this.random,
      times: { connect: TIMES.connectTimeout, silence: TIMES.silenceTimeout, stuck: TIMES.stuckTimeout },
      accepting: () => true,
      accept: (connection) => {
        const hearer = new Hearer();
        hearer.connection = connection;
        came.push({ connection, hearer });
        return hearer;
      },
      ...options,
    });
    return { host, utp, socket, came };
  }

  dial(from: End, to: End, hearer = new Hearer()): Hearer {
    hearer.connection = from.utp.dial({ remote: to.socket.local, ...this.times }, hearer);
    return hearer;
  }

  /** A connection that stands on both sides: the dialler has said one byte. */
  async connect(from: End, to: End): Promise<{ readonly near: Hearer; readonly far: Hearer }> {
    const before = to.came.length;
    const near = this.dial(from, to);
    await this.clock.runUntil(() => near.stood, 60_000);
    near.connection?.write(Uint8Array.of(7));
    await this.clock.runUntil(() => (to.came[before]?.hearer.count ?? 0) > 0, 60_000);
    const far = to.came[before]?.hearer;
    if (far === undefined) throw new Error('nobody came');
    far.parts.length = 0;
    far.count = 0;
    return { near, far };
  }
}

/** Bytes that differ everywhere. */
export function pattern(length: number, seed = 1): Uint8Array {
  const out = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    out[i] = state >>> 16;
  }
  return out;
}
