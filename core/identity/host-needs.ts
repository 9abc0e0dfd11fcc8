import type { TorrentKey } from '../base/ids.ts';
import type { TokenBucket } from '../base/token-bucket.ts';
import type { Ports } from '../ports/ports.ts';
import type { UploadLine } from '../swarm/upload-line.ts';
import type { DhtDesk } from './dht-desk.ts';
import type { Links } from './links.ts';
import type { ListenSockets } from './listen-sockets.ts';
import type { LocalDiscoveries } from './local-discoveries.ts';
import type { AboutDownloads, DownloadSetup } from './messages.ts';

/** A download with a client. */
export interface AtWork {
  readonly setup: Pick<DownloadSetup, 'key'>;
  /** See `HostedDownload`. */
  sync(): Promise<void>;
  availability(): Uint16Array | undefined;
}

/** What the host gives to each download. */
export interface HostNeeds {
  readonly ports: Ports;
  /** By what its downloads reach the world; `ports` are the machine's own. */
  readonly links: Pick<Links, 'hold'>;
  readonly listenSockets: ListenSockets;
  /** Token buckets of the whole process. */
  readonly buckets: { readonly down: TokenBucket; readonly up: TokenBucket };
  readonly line: UploadLine;
  readonly dht: DhtDesk;
  readonly localDiscoveries: LocalDiscoveries;
  readonly client: string;
  /** Whether nobody at this address is to be a peer. */
  barred(host: string): boolean;
  /** Those of its downloads that have a client, as they fetch, or somebody is there: what is done from time to time is done for them alone. */
  readonly atWork: Set<AtWork>;
  post(message: AboutDownloads): void;
  /** A source of peers of this download fares otherwise now, which its status tells. */
  news?(key: TorrentKey): void;
}
