import { readFile } from 'node:fs/promises';
import { formatIp } from '../../core/base/ip.ts';
import type { Child } from '../../core/lab/real/child.ts';
import type { Lab } from './lab.ts';

/** A packet that was seen on some device of a lab's namespace. */
export interface Packet {
  /** Unix seconds. */
  readonly time: number;
  readonly from: string;
  readonly to: string;
  readonly protocol: 'tcp' | 'udp' | 'other';
  /** Of TCP and UDP; else 0. */
  readonly fromPort: number;
  readonly toPort: number;
  /** Of TCP. */
  readonly sequence: number;
  readonly syn: boolean;
  /** The index of the device, and whether it left by that. */
  readonly device: number;
  readonly outgoing: boolean;
  /** The part of it that was kept. */
  readonly payload: Buffer;
}

/** What one side of a TCP connection sent. */
export interface Stream {
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
  readonly opened: number;
  readonly data: Buffer;
  /** When the byte at this offset was sent. */
  at(offset: number): number;
}

const SLL2 = 276;
const SLL2_HEADER = 20;
/** The kind of packet that this host sent. */
const OUTGOING = 4;

/** tcpdump on every device of a lab. */
export class Capture {
  readonly #child: Child;
  readonly #file: string;

  private constructor(child: Child, file: string) {
    this.#child = child;
    this.#file = file;
  }

  /** `bytes`: how much of each packet is kept; undefined: all. */
  static async start(lab: Pick<Lab, 'path' | 'start'>, bytes = 0): Promise<Capture> {
    const file = lab.path('capture.pcap');
    // Not in immediate mode, in which each packet takes a buffer slot of the largest size: a burst would fill all slots.
    const how = ['-i', 'any', '-y', 'LINUX_SLL2', '-Z', 'root', '-U', '-B', '65536'];
    const child = lab.start('tcpdump', ['tcpdump', ...how, '-n', '-s', String(bytes), '-w', file]);
    await child.until(() => child.output.includes('listening on'), 'tcpdump', 10);
    return new Capture(child, file);
  }

  /** Ends it; resolves to the packets that it saw, by time. */
  async stop(): Promise<Packet[]> {
    // tcpdump writes packets only about once a second.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await this.#child.stop(5, 'SIGINT');
    const dropped = / (\d+) packets dropped by kernel/.exec(this.#child.output)?.[1] ?? '0';
    if (dropped !== '0') throw new Error(`tcpdump lost ${dropped} packets`);
    return parse(await readFile(this.#file));
  }
}

function parse(data: Buffer): Packet[] {
  if (data.readUInt32LE(0) !== 0xa1b2c3d4 || data.readUInt32LE(20) !== SLL2) throw new Error('no capture of this kind');
  const packets: Packet[] = [];
  for (let at = 24; at + 16 <= data.length;) {
    const time = data.readUInt32LE(at) + data.readUInt32LE(at + 4) / 1e6;
    const length = data.readUInt32LE(at + 8);
    const start = at + 16;
    at = start + length;
    if (at > data.length) break;
    const packet = parsePacket(time, data.subarray(start + SLL2_HEADER, at), data.readUInt16BE(start));
    packets.push({ ...packet, device: data.readUInt32BE(start + 4), outgoing: data[start + 10] === OUTGOING });
  }
  return packets;
}

function parsePacket(time: number, ip: Buffer, etherType: number): Omit<Packet, 'device' | 'outgoing'> {
  const none = { fromPort: 0, toPort: 0, sequence: 0, syn: false, payload: ip, protocol: 'other' } as const;
  const head = etherType === 0x0800 ? headIpv4(ip) : etherType === 0x86dd ? headIpv6(ip) : undefined;
  if (head === undefined) return { time, from: `protocol ${etherType.toString(16)}`, to: '', ...none };
  const { from, to, kind, body } = head;
  if (kind !== 6 && kind !== 17) return { time, from, to, ...none };
  const ports = { fromPort: body.readUInt16BE(0), toPort: body.readUInt16BE(2) };
  if (kind === 17)
    return { time, from, to, ...ports, protocol: 'udp', sequence: 0, syn: false, payload: body.subarray(8) };
  const payload = body.subarray(((body[12] ?? 0) >> 4) * 4);
  const syn = ((body[13] ?? 0) & 2) !== 0;
  return { time, from, to, ...ports, protocol: 'tcp', sequence: body.readUInt32BE(4), syn, payload };
}

interface Head {
  readonly from: string;
  readonly to: string;
  /** 6: TCP, 17: UDP. */
  readonly kind: number | undefined;
  readonly body: Buffer;
}

function headIpv4(ip: Buffer): Head {
  const header = ((ip[0] ?? 0) & 15) * 4;
  const from = formatIp(ip.subarray(12, 16));
  const to = formatIp(ip.subarray(16, 20));
  return { from, to, kind: ip[9], body: ip.subarray(header, Math.max(header, ip.readUInt16BE(2))) };
}

/** Without extension headers, which neither TCP nor UDP has here. */
function headIpv6(ip: Buffer): Head {
  const from = formatIp(ip.subarray(8, 24));
  const to = formatIp(ip.subarray(24, 40));
  return { from, to, kind: ip[6], body: ip.subarray(40, 40 + ip.readUInt16BE(4)) };
}

/** Both directions of every TCP connection whose beginning was seen, put together. */
export function streamsOf(packets: readonly Packet[]): Stream[] {
  const open = new Map<string, { first: Packet; segments: Map<number, Packet> }>();
  const all: { first: Packet; segments: Map<number, Packet> }[] = [];
  for (const packet of packets) {
    if (packet.protocol !== 'tcp') continue;
    const key = `${packet.from} ${packet.fromPort} ${packet.to} ${packet.toPort}`;
    if (packet.syn) {
      if (open.get(key)?.first.sequence === packet.sequence) continue;
      const stream = { first: packet, segments: new Map<number, Packet>() };
      open.set(key, stream);
      all.push(stream);
    } else if (packet.payload.length > 0) {
      const stream = open.get(key);
      if (stream === undefined) continue;
      const offset = (packet.sequence - stream.first.sequence - 1) >>> 0;
      if (!stream.segments.has(offset)) stream.segments.set(offset, packet);
    }
  }
  return all.map(({ first, segments }) => {
    const chunks: Buffer[] = [];
    const times: { readonly end: number; readonly time: number }[] = [];
    let length = 0;
    for (const [offset, { payload, time }] of [...segments].sort(([a], [b]) => a - b)) {
      if (offset > length) break; // something is missing
      if (offset + payload.length <= length) continue;
      chunks.push(payload.subarray(length - offset));
      length = offset + payload.length;
      times.push({ end: length, time });
    }
    const { from, fromPort, to, toPort, time: opened } = first;
    const at = (offset: number): number => times.find(({ end }) => offset < end)?.time ?? opened;
    return { from, fromPort, to, toPort, opened, data: Buffer.concat(chunks), at };
  });
}
