/** Protocols that share the UDP port of a client. */
export type DatagramKind = 'dht' | 'utp' | 'tracker';

/** Bytes of a uTP packet's header without extensions (BEP 29). */
const UTP_HEADER = 20;
/** Bytes of the shortest answer of a tracker: action and transaction id (BEP 15). */
const TRACKER_HEADER = 8;
const LAST_ACTION = 3;

/**
 * Which protocol a datagram speaks, by its outer form: a bencoded dictionary is the DHT (BEP 5), version 1 and a type of 0
 * to 4 in the first byte is uTP (BEP 29), an action of 0 to 3 is a UDP tracker's answer (BEP 15); undefined: none of them.
 */
export function datagramKind(data: Uint8Array): DatagramKind | undefined {
  const first = data[0];
  if (first === 0x64 && data.length > 1 && data.at(-1) === 0x65) return 'dht';
  if (first !== undefined && (first & 0xf) === 1 && first >> 4 <= 4 && data.length >= UTP_HEADER) return 'utp';
  if (data.length < TRACKER_HEADER || first !== 0 || data[1] !== 0 || data[2] !== 0) return undefined;
  return (data[3] ?? 0xff) <= LAST_ACTION ? 'tracker' : undefined;
}
