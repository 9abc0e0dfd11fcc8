import { formatEndpoint } from '../base/endpoint.ts';
import { type FoundPeer, foundBy } from '../base/peer-source.ts';
import { KnownPeers } from '../coordinator/known-peers.ts';
import type { DownloadSetup, FromIdentity } from '../identity/messages.ts';
import { HostedDownload } from '../identity/hosted-download.ts';
import { parseInfo } from '../metainfo/parse-info.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { LonePorts } from './setup.ts';
import { loneHost } from './setup.ts';

/** Fetches the info dictionary that a magnet link names from peers (BEP 9). `setup` has none. Rejects with the signal's reason. */
export async function fetchMetadata(
  ports: LonePorts,
  setup: DownloadSetup,
  peers: readonly FoundPeer[],
  signal: AbortSignal,
): Promise<Info> {
  const { key, infoHash } = setup;
  const connected = new Set<string>();
  const known = new KnownPeers((key) => connected.has(key));
  for (const peer of peers) known.add(peer);
  const dial = (): void => download.handle({ type: 'peers', key, dial: [...known.peers] });
  let found: (info: Info) => void = () => {};
  const heard = (message: FromIdentity): void => {
    if (message.type === 'metadata') found(parseInfo(message.rawInfo, infoHash));
    else if (message.type === 'peers-found') {
      for (const peer of foundBy(message.source, message.endpoints)) known.add(peer);
      dial();
    } else if (message.type === 'peer') {
      if (message.connected) connected.add(formatEndpoint(message.endpoint));
      else connected.delete(formatEndpoint(message.endpoint));
    }
  };
  const download = new HostedDownload(setup, loneHost(ports, heard));
  try {
    return await new Promise<Info>((resolve, reject) => {
      found = resolve;
      signal.throwIfAborted();
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      download.open().then(dial, reject);
    });
  } finally {
    await download.leave(true);
  }
}
