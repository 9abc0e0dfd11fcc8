import type { IdentityIndex } from '../base/ids.ts';
import type { FoundPeer } from '../base/peer-source.ts';
import { namedPeers, type Origin, readOrigin, withTrackers } from '../coordinator/download/source.ts';
import type { DownloadOptions, Source } from '../engine/engine.ts';
import type { DownloadSetup, AboutDownloads } from '../identity/messages.ts';
import { HostedDownload } from '../identity/hosted-download.ts';
import { SharedHost } from '../identity/shared-host.ts';
import { infoOf } from '../metainfo/known-info.ts';
import { type NamedSources, withSources } from '../metainfo/named-sources.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { LoneDht } from './lone-dht.ts';
import { LonePeers } from './lone-peers.ts';
import { type LonePorts, loneSetup, memberOf } from './setup.ts';

/** `named`: whom the torrent file names that it came in. */
interface Fetched {
  readonly info: Info;
  readonly named?: NamedSources;
}

interface Wanted {
  readonly source: Source;
  readonly options: DownloadOptions;
  /** Which identity fetches what the source lacks. */
  readonly index: IdentityIndex;
  readonly signal: AbortSignal;
}

/** What a source names, with the metadata, which is fetched where the source lacks it. Rejects as `fetchMetadata` and `readOrigin` do. */
export async function knownOrigin(
  ports: LonePorts,
  dht: LoneDht,
  { source, options, index, signal }: Wanted,
): Promise<{ readonly info: Info; readonly origin: Origin }> {
  const origin = withTrackers(readOrigin(source), options);
  if (origin.info !== undefined) return { info: origin.info, origin };
  const setup = loneSetup(ports, origin, options, index, options.output);
  const { info, named } = await fetchMetadata(ports, dht, setup, namedPeers(options, origin), signal);
  return { info, origin: named === undefined ? origin : withSources(origin, named) };
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
