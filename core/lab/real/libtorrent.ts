import type { Child } from './child.ts';
import script from './libtorrent_peer.py?raw';
import type { Machine } from './machine.ts';

/** Runs the script of this folder with the system's Python, which is the one that has libtorrent's binding. */
export function libtorrentCommand(...args: readonly string[]): string[] {
  return ['/usr/bin/python3', '-c', script, ...args];
}

/** A peer as libtorrent sees it. */
export interface SeenPeer {
  readonly host: string;
  readonly port: number;
  /** Peer id in hex. */
  readonly id: string;
  readonly client: string;
  readonly downloaded: number;
  readonly uploaded: number;
  readonly unchoked: boolean;
  readonly choking: boolean;
  readonly interested: boolean;
  readonly incoming: boolean;
  readonly utp: boolean;
  /** A common peer helped it to connect (BEP 55). */
  readonly punched: boolean;
  readonly encryption: 'plain' | 'header' | 'rc4';
}

interface LibtorrentStatus {
  readonly progress: number;
  readonly seeding: boolean;
  /** In its routing table. */
  readonly nodes: number;
  readonly downloaded: number;
  readonly uploaded: number;
  readonly redundant: number;
  readonly failed: number;
  readonly peers: readonly SeenPeer[];
  /** All peers that were ever connected, by address and peer id, as they were last seen. */
  readonly seen: readonly SeenPeer[];
}

/** What a session moved, in bytes of payload. */
export interface LibtorrentTotals {
  readonly downloaded: number;
  readonly uploaded: number;
  readonly redundant: number;
  /** Received from and sent to each address. */
  readonly hosts: Readonly<Record<string, readonly [down: number, up: number]>>;
}

/** A running libtorrent session with one torrent. */
export class Libtorrent {
  readonly child: Child;
  status: LibtorrentStatus | undefined;
  announced = false;
  /** Answers of trackers. */
  announces = 0;
  finished = false;
  /** Its session is there; of which version it is. */
  version: string | undefined;
  totals: LibtorrentTotals | undefined;
  /** Is told each piece that it has, where it was asked to tell. */
  onPiece: (piece: number) => void = () => {};
  /** Is told once it has everything that it wants. */
  onFinished: () => void = () => {};
  /** How often it gave hashes (BEP 52), where it was asked to tell. */
  hashesGiven = 0;
  /** Errors and disconnects, oldest first. */
  readonly troubles: string[] = [];

  constructor(machine: Machine, options: LibtorrentOptions) {
    this.child = machine.start(
      `libtorrent ${options.role} ${options.address}`,
      libtorrentCommand('peer', JSON.stringify({ port: 6881, ...options })),
      {
        onLine: (line) => this.#hear(JSON.parse(line) as { event: string }),
        keep: (line) => !line.startsWith('{"event": "status"'),
        // A quiet one tells its totals when its input ends.
        endsByInput: options.quiet ?? false,
      },
    );
  }

  /** Joins the swarm, where it was told to wait. */
  begin(): void {
    this.child.send(JSON.stringify({ do: 'add' }));
  }

  connect(host: string, port: number): void {
    this.child.send(JSON.stringify({ do: 'connect', host, port }));
  }

  untilAnnounced(seconds = 20): Promise<void> {
    return this.child.until(() => this.announced, 'an answer of the tracker', seconds);
  }

  untilSeeding(seconds: number): Promise<void> {
    return this.child.until(() => this.status?.seeding === true, 'the whole torrent', seconds);
  }

  /** Whether it was ever connected with that address. */
  hasSeen(host: string): boolean {
    return this.status?.seen.some((peer) => peer.host === host) ?? false;
  }

  #hear(event: { readonly event: string }): void {
    if (event.event === 'status') this.status = event as unknown as LibtorrentStatus;
    else if (event.event === 'announced') {
      this.announced = true;
      this.announces++;
    } else if (event.event === 'finished') {
      this.finished = true;
      this.onFinished();
    } else if (event.event === 'ready') this.version = (event as unknown as { version: string }).version;
    else if (event.event === 'totals') this.totals = event as unknown as LibtorrentTotals;
    else if (event.event === 'piece') this.onPiece((event as unknown as { piece: number }).piece);
    else if (event.event === 'hashes') this.hashesGiven++;
    else if (event.event === 'trouble') this.troubles.push((event as unknown as { message: string }).message);
  }
}

export interface LibtorrentOptions {
  readonly role: 'seed' | 'leech';
  readonly address: string;
  readonly port?: number;
  /** A torrent file; undefined: only `magnet`. */
  readonly torrent?: string;
  readonly magnet?: string;
  readonly folder: string;
  /** Further torrents of the same folder. */
  readonly more?: readonly string[];
  /** Bytes/s. */
  readonly uploadLimit?: number;
  /** Nodes of the DHT, "host:port": of others than its bootstrap nodes it hears only by chance. */
  readonly knows?: readonly string[];
  /** Whether it exchanges peers; undefined: yes. */
  readonly pex?: boolean;
  /** Whether it says each time that it gave hashes (BEP 52). */
  readonly tellHashes?: boolean;
  /** Whether it says each time that it has a piece. */
  readonly tellPieces?: boolean;
  /** Whether it begins only at `begin`. */
  readonly waits?: boolean;
  /** The first piece that it wants, and the one after the last. */
  readonly range?: readonly [number, number];
  /** Whether it tells its `totals` when it ends, and no status before. */
  readonly quiet?: boolean;
  /** libtorrent's own. */
  readonly settings?: Readonly<Record<string, unknown>>;
}
