import type { Endpoint } from '../base/endpoint.ts';
import { bytesPerSecond } from '../base/ids.ts';
import { nodePorts } from '../node/node-ports.ts';
import { type Speed, type SpeedProbeOptions, probeSpeed as probe } from '../peer/speed-probe.ts';
import { makePeerId } from '../wire/peer-id.ts';
import { VERSION } from './version.ts';

export interface ProbeSpeedOptions extends Omit<SpeedProbeOptions, 'remote' | 'peerId'> {
  /** Those who have the torrent. */
  readonly peers: readonly Endpoint[];
}

/** How fast these peers together send to a local address. Fails where none of them sends anything. Never rejects. */
export async function probeSpeed({ peers, ...rest }: ProbeSpeedOptions): Promise<Speed> {
  const ports = nodePorts({ version: VERSION });
  const { random } = ports;
  const all = await Promise.all(
    peers.map((remote) => {
      const peerId = makePeerId((count) => random.bytes(count), VERSION);
      return probe(ports, { ...rest, remote, peerId });
    }),
  );
  const rates = all.flatMap((one) => (one.kind === 'measured' ? [one.rate] : []));
  const [first] = all;
  if (rates.length === 0) return first ?? { kind: 'failed', why: 'is missing' };
  return { kind: 'measured', rate: bytesPerSecond(rates.reduce((sum, one) => sum + one, 0)) };
}
