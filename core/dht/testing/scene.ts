import { fromHex } from '../../base/bytes.ts';
import { millis } from '../../base/ids.ts';
import { type BencodeDict, type BencodeInput, decode, encode } from '../../bencode/bencode.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { SeededRandom } from '../../sim/random.ts';
import { compactNodes } from '../compact.ts';
import type { DhtNodeOptions, Family } from '../contract.ts';
import { DhtNode } from '../dht-node.ts';
import { ID_BYTES, type NodeId } from '../node-id.ts';

/** An id that begins with these hex digits, all else 0. */
export function idOf(hex: string): NodeId {
  return fromHex(hex.padEnd(2 * ID_BYTES, '0')) as NodeId;
}

export const at = (ms: number) => millis(ms);
export const minutes = (count: number) => millis(count * 60_000);

/** The number of a made-up node, as its address: each in a network of its own. */
export const hostOf = (n: number, family: Family = 4): string =>
  family === 4 ? `10.${n >> 8}.${n & 255}.1` : `fd00:${(n + 1).toString(16)}::1`;

export interface Sent {
  readonly host: string;
  readonly port: number;
  readonly message: BencodeDict;
  readonly size: number;
}

/** One node, whose datagrams end up in a list. */
export class Scene {
  readonly clock = new VirtualClock();
  readonly random = new SeededRandom(5);
  readonly node: DhtNode;
  readonly family: Family;
  sent: Sent[] = [];

  constructor(options: Partial<DhtNodeOptions> = {}) {
    this.family = options.family ?? 4;
    this.node = new DhtNode({
      clock: this.clock,
      random: this.random,
      family: this.family,
      version: Uint8Array.of(0x45, 0x4e, 0, 1),
      bootstrap: () => Promise.resolve([]),
      send: (data, host, port) => {
        this.sent.push({ host, port, message: decode(data) as BencodeDict, size: data.length });
      },
      ...options,
    });
  }

  /** All that was sent since the last call. */
  take(): Sent[] {
    const out = this.sent;
    this.sent = [];
    return out;
  }

  raw(data: Uint8Array, host: string, port = 6881): void {
    this.node.received(data, host, port);
  }

  /** A question comes; gives what was sent back, if anything. */
  ask(
    q: string,
    a: BencodeInput,
    host: string,
    { port = 6881, t = 'aa' as string | Uint8Array, ro = undefined as number | undefined } = {},
  ): BencodeDict | undefined {
    this.take();
    this.raw(encode({ a, q, t, y: 'q', ro }), host, port);
    return this.take().find((one) => one.host === host && one.port === port)?.message;
  }

  /** Answers a question of ours as node `id`. */
  reply(
    { host, port, message }: Sent,
    r: { readonly [key: string]: BencodeInput | undefined },
    more: { readonly [key: string]: BencodeInput } = {},
  ): void {
    this.raw(encode({ r, t: message['t'] as Uint8Array, y: 'r', ...more }), host, port);
  }

  /** Makes a node known that answers: it asks, and answers the question that comes of it. */
  async befriend(n: number, id: NodeId): Promise<void> {
    const host = hostOf(n, this.family);
    this.node.heardOf({ host, port: 6881 });
    for (let tries = 0; tries < 20; tries++) {
      await this.clock.advance(600);
      const asked = this.take().filter((one) => one.host === host);
      for (const one of asked) this.reply(one, { id, nodes: new Uint8Array(0) });
      if (asked.length > 0) return;
    }
    throw new Error(`${host} was not asked`);
  }
}

export const nodesOf = (list: readonly { readonly id: NodeId; readonly n: number }[], family: Family = 4): Uint8Array =>
  compactNodes(
    list.map(({ id, n }) => ({ id, host: hostOf(n, family), port: 6881 })),
    family,
  );

export const text = (value: unknown): string => Buffer.from(value as Uint8Array).toString('latin1');
