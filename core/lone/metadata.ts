import type { FoundPeer } from '../base/peer-source.ts';
import type { DownloadSetup, AboutDownloads } from '../identity/messages.ts';
import { HostedDownload } from '../identity/hosted-download.ts';
import { SharedHost } from '../identity/shared-host.ts';
import { infoOf } from '../metainfo/known-info.ts';
import type { NamedSources } from '../metainfo/named-sources.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { LoneDht } from './lone-dht.ts';
import { LonePeers } from './lone-peers.ts';
import { type LonePorts, memberOf } from './setup.ts';

/** `named`: whom the torrent file names that it came in. */
interface Fetched {
  readonly info: Info;
  readonly named?: NamedSources;
}

/** Fetches what a magnet link lacks, or a torrent file without piece layers, from peers (BEP 9, 52), for such a `setup`. Rejects with the signal's reason. */
export async function fetchMetadata(
  ports: LonePorts,
  dht: LoneDht,
  setup: DownloadSetup,
  peers: readonly FoundPeer[],
  signal: AbortSignal,
): Promise<Fetched> {
  // Its siblings are not known before the metadata, so that it may dial every peer.
  const own = new LonePeers(setup.key, memberOf(setup), '', (message) => download.handle(message));
  let found: (fetched: Fetched) => void = () => {};
  const heard = (message: AboutDownloads): void => {
    if (message.type === 'metadata') {
      const info = infoOf({ naming: setup.naming ?? {}, ...message }, setup.hashes);
      found({ info, ...(message.named !== undefined && { named: message.named }) });
    } else if (message.type === 'peers-found' || message.type === 'peer') own.heard(message);
  };
  const host = new SharedHost(ports, ports.program.client, heard, () => [download], dht.desk(ports.program.client));
  const download = new HostedDownload(setup, host);
  host.start();
  try {
    return await new Promise<Fetched>((resolve, reject) => {
      found = resolve;
      signal.throwIfAborted();
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      download.open().then(() => own.found(peers), reject);
    });
  } finally {
    await Promise.all([host.stop(), download.leave(true)]);
  }
}
