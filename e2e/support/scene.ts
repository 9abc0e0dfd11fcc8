import { httpTracker, makeTorrent, startOpentracker, udpTracker } from './clients.ts';
import type { MadeTorrent } from './clients.ts';
import { address, Lab } from './lab.ts';
import { makePayload } from './trees.ts';
import type { Payload } from './trees.ts';

export type TrackerKind = 'http' | 'udp';

/** A lab with a payload, a torrent of it, and a tracker that knows that torrent alone. */
export interface Scene extends MadeTorrent {
  readonly lab: Lab;
  readonly tracker: string;
}

/** Address of a scene's tracker. */
export const trackerAddress = address(1);

/** Addresses of a scene's seeds. */
export const seedAddress = (index = 0): string => address(2 + index);
/** Addresses of our identities. */
export const ourAddresses = (count: number): string[] => Array.from({ length: count }, (_, i) => address(11 + i));
/** Addresses of other leechers. */
export const leechAddress = (index: number): string => address(21 + index);

/** Makes a scene, runs `play` in it, and removes it afterwards, also after a failure. */
export async function withScene(
  options: {
    readonly payload: Payload;
    readonly tracker: TrackerKind;
    readonly pieceLength?: number;
    readonly version?: 1 | 2 | 'hybrid';
  },
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  const lab = await Lab.open();
  try {
    const folder = await lab.makeFolder('payload');
    const name = await makePayload(folder, options.payload);
    const tracker = (options.tracker === 'http' ? httpTracker : udpTracker)(trackerAddress);
    const pieceLength = options.pieceLength ?? 64 * 1024;
    const { version = 1 } = options;
    const made = await makeTorrent(lab, { folder, name, pieceLength, version, trackers: [tracker] });
    await startOpentracker(lab, trackerAddress, [made.infoHash, ...(made.v2 === undefined ? [] : [made.v2])]);
    await play({ lab, tracker, ...made });
  } finally {
    await lab.close();
  }
}
