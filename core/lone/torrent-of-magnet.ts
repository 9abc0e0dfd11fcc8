import { identityIndex } from '../base/ids.ts';
import { namedWebSeeds } from '../coordinator/download/source.ts';
import type { DownloadOptions } from '../engine/engine.ts';
import { wrapInfo } from '../metainfo/wrap-info.ts';
import { LoneDht, type LoneDhtOptions } from './lone-dht.ts';
import { knownOrigin } from './metadata.ts';
import type { LonePorts } from './setup.ts';

export interface MagnetOptions {
  readonly link: string;
  /** By which ways peers are found and reached; nothing is written. */
  readonly options: DownloadOptions;
  readonly dht?: LoneDhtOptions;
  readonly signal: AbortSignal;
}

/** The torrent file that a magnet link stands for, with its metadata from peers (BEP 9). Rejects with the signal's reason. */
export async function torrentOfMagnet(ports: LonePorts, how: MagnetOptions): Promise<Uint8Array> {
  const { link, options, signal } = how;
  const dht = new LoneDht(ports, how.dht);
  await dht.start();
  try {
    const wanted = { source: { kind: 'magnet', link }, options, index: identityIndex(0), signal } as const;
    const { info, origin } = await knownOrigin(ports, dht, wanted);
    return wrapInfo(info, origin.trackers, namedWebSeeds(origin, info));
  } finally {
    await dht.close();
  }
}
