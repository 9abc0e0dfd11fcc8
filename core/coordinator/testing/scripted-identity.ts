import { type Bytes, type BytesPerSecond, type TorrentKey, millis, piece, type PieceIndex } from '../../base/ids.ts';
import { canonicalIp } from '../../base/ip.ts';
import { Geometry } from '../../metainfo/geometry.ts';
import { parseInfo } from '../../metainfo/parse-info.ts';
import { type DownloadSetup, type FromIdentity, MESSAGES_VERSION, type ToIdentity } from '../../identity/messages.ts';
import type { SwarmStatus } from '../../engine/statuses.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Disk } from '../../ports/disk.ts';
import type { ParentPort } from '../../ports/process-host.ts';
import { openPieceStore, type PieceStore } from '../../store/piece-store.ts';
import { PieceShare } from '../../strategy/pieces/share-map.ts';

/** How scripted identities behave; tests change it at any time. */
export interface Script {
  /** All bytes of each torrent. */
  readonly payloads: Map<TorrentKey, Uint8Array>;
  /** Raw info dictionaries that a magnet link's identity finds. */
  readonly infos: Map<TorrentKey, Uint8Array>;
  /** Whom the torrent file names that it came in; undefined: it came from peers. */
  named?: { readonly trackers: readonly (readonly string[])[]; readonly webSeeds: readonly string[] };
  /** Milliseconds for each piece, by identity; 100 by default. */
  readonly pace: Map<number, number>;
  /** Identities that answer nothing any more. */
  readonly mute: Set<number>;
  /** Pieces that are written with a wrong byte, once. */
  readonly corrupt: Set<number>;
  /** Identities that write and journal, but whose reports are lost on the way. */
  readonly unheard: Set<number>;
  /** Each piece that was begun, by which identity, and in which state of the share map. */
  readonly begun: {
    readonly key: TorrentKey;
    readonly identity: number;
    readonly piece: number;
    readonly share: number;
  }[];
  /** Each piece that was fetched and written, in order. */
  readonly verified: PieceIndex[];
  /** What else identities report of a download. */
  readonly status: Map<number, Partial<SwarmStatus>>;
  /** Sends a message in an identity's name. */
  readonly voices: Map<number, (message: FromIdentity) => void>;
  /** Each message that identities got. */
  readonly received: { readonly identity: number; readonly message: ToIdentity }[];
}

export function newScript(): Script {
  return {
    payloads: new Map(),
    infos: new Map(),
    pace: new Map(),
    mute: new Set(),
    corrupt: new Set(),
    unheard: new Set(),
    status: new Map(),
    begun: [],
    verified: [],
    voices: new Map(),
    received: [],
  };
}

/** A scripted identity process: speaks the messages of a real one and writes real pieces, but has no network. */
export function testIdentity(
  script: Script,
  clock: Clock,
  disk: Disk,
): (port: ParentPort & { exit(code: number): void }) => () => void {
  return (port) => {
    let identity = -1;
    let over = false;
    const downloads = new Map<TorrentKey, TestDownload>();
    const post = (message: FromIdentity): void => {
      if (over || script.mute.has(identity)) return;
      if (script.unheard.has(identity) && (message.type === 'verified' || message.type === 'synced')) return;
      port.post(message);
    };
    const status = clock.every(millis(500), () => {
      post({ type: 'status', swarms: [...downloads.values()].map((download) => download.status()) });
    });
    const handle = async (message: ToIdentity): Promise<void> => {
      if (over || script.mute.has(identity)) return;
      if (message.type !== 'ping') script.received.push({ identity, message });
      if (message.type === 'start') {
        identity = message.identity;
        script.voices.set(identity, post);
        post({ type: 'ready', version: MESSAGES_VERSION });
      } else if (message.type === 'ping') post({ type: 'pong', n: message.n });
      else if (message.type === 'add') {
        const download = new TestDownload(message.setup, script, clock, disk, post);
        downloads.set(message.setup.key, download);
        await download.open();
      } else if (message.type === 'stop') {
        for (const download of downloads.values()) await download.leave();
        post({ type: 'stopped' });
        status.cancel();
        port.exit(0);
      } else if (message.type === 'leave') {
        await downloads.get(message.key)?.leave();
        downloads.delete(message.key);
      } else if ('key' in message && message.key !== undefined) {
        await downloads.get(message.key)?.handle(message);
      }
    };
    let turn = Promise.resolve();
    port.onMessage((message) => {
      turn = turn.then(() => handle(message as ToIdentity));
    });
    return () => {
      over = true;
      status.cancel();
      for (const download of downloads.values()) download.die();
    };
  };
}

class TestDownload {
  readonly #setup: DownloadSetup;
  readonly #script: Script;
  readonly #clock: Clock;
  readonly #disk: Disk;
  readonly #post: (message: FromIdentity) => void;
  readonly #shares = new Map<number, number>();
  readonly #fetched = new Set<number>();
  #geometry: Geometry | undefined;
  #store: PieceStore | undefined;
  #timer: Timer | undefined;
  #now: number | undefined;
  #paused: boolean;
  #downloaded = 0;
  #idleAt = 0;
  #writing = Promise.resolve();

  constructor(setup: DownloadSetup, script: Script, clock: Clock, disk: Disk, post: (message: FromIdentity) => void) {
    this.#setup = setup;
    this.#script = script;
    this.#clock = clock;
    this.#disk = disk;
    this.#post = post;
    this.#paused = setup.paused;
  }

  async open(): Promise<void> {
    const { key, identity, rawInfo, naming, location, count, owners, shares } = this.#setup;
    this.#post({ type: 'listening', key, endpoint: { host: '10.0.0.1', port: 7000 + identity } });
    if (rawInfo === undefined) {
      const found = this.#script.infos.get(key);
      if (found !== undefined) {
        const { named } = this.#script;
        const message = { type: 'metadata', key, rawInfo: found, ...(named !== undefined && { named }) } as const;
        this.#clock.after(millis(50), () => this.#post(message));
      }
      return;
    }
    const info = parseInfo(rawInfo, undefined, naming);
    this.#geometry = new Geometry(info);
    shares?.forEach((share, p) => this.#shares.set(p, share));
    this.#store = await openPieceStore(
      { disk: this.#disk },
      { info, geometry: this.#geometry, location, count, owners },
    );
    this.#next();
  }

  async handle(message: ToIdentity): Promise<void> {
    switch (message.type) {
      case 'shares':
        for (const p of message.pieces) this.#shares.set(p, message.state);
        break;
      case 'present':
        for (const p of message.pieces) this.#shares.set(p, PieceShare.present);
        break;
      case 'lost':
        for (const p of message.pieces) this.#shares.set(p, PieceShare.open);
        break;
      case 'give-back': {
        const unbegun = this.#in(PieceShare.mine).filter((p) => p !== this.#now);
        const pieces = Uint32Array.from(message.most > 0 ? unbegun.slice(-message.most) : []);
        for (const p of pieces) this.#shares.set(p, PieceShare.theirs);
        this.#post({ type: 'release', key: message.key, pieces });
        break;
      }
      case 'pause':
        this.#paused = true;
        break;
      case 'resume':
        this.#paused = false;
        break;
      case 'close-files':
        await this.#writing;
        await this.#sync().catch((error: unknown) => this.#failed(error));
        await this.#store?.closeFiles().catch((error: unknown) => this.#failed(error));
        this.#post({ type: 'files-closed', key: message.key });
        break;
      case 'moved':
        this.#store?.moved(message.location);
        break;
      default:
        break;
    }
    this.#next();
  }

  async leave(): Promise<void> {
    this.die();
    await this.#writing;
    await this.#sync().catch((error: unknown) => this.#failed(error));
    await this.#store?.close();
    this.#post({ type: 'left', key: this.#setup.key, begun: [] });
  }

  die(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#now = undefined;
    this.#shares.clear();
  }

  status(): Extract<FromIdentity, { readonly type: 'status' }>['swarms'][number] {
    const pace = this.#script.pace.get(this.#setup.identity) ?? 100;
    const rate = this.#now === undefined ? 0 : ((this.#geometry?.pieceLength ?? 0) * 1000) / pace;
    return {
      key: this.#setup.key,
      state: this.#paused ? 'paused' : this.#setup.seed ? 'seeding' : 'downloading',
      down: rate as BytesPerSecond,
      up: 0 as BytesPerSecond,
      downloaded: this.#downloaded as Bytes,
      uploaded: 0 as Bytes,
      wasted: 0 as Bytes,
      peers: 1,
      seeds: 1,
      punched: 0,
      useful: 1,
      choking: 0,
      reachability: { kind: 'unknown' },
      begun: Uint32Array.from(this.#now === undefined ? [] : [this.#now]),
      begunFill: Uint8Array.from(this.#now === undefined ? [] : [10]),
      sources: [],
      connected: {},
      ...this.#script.status.get(this.#setup.identity),
    };
  }

  #failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#post({ type: 'failed', key: this.#setup.key, code: 'disk', message });
  }

  #in(share: number): number[] {
    return [...this.#shares].filter(([, state]) => state === share).map(([p]) => p);
  }

  /** Fetches what it may, claims ahead, and says when there is nothing. */
  #next(): void {
    const { address } = this.#setup;
    const waits = address !== undefined && canonicalIp(address) === undefined;
    if (waits || this.#paused || this.#now !== undefined || this.#store === undefined) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    const { key, identity, count } = this.#setup;
    const [own] = [...this.#in(PieceShare.mine), ...this.#in(PieceShare.both)];
    const open = this.#in(PieceShare.open);
    if (count > 1 && this.#in(PieceShare.mine).length < 3 && open.length > 0) {
      this.#post({ type: 'claim', key, pieces: Uint32Array.from(open.slice(0, 2)) });
    }
    if (own === undefined) {
      const now = this.#clock.now();
      if (open.length === 0 && count > 1 && !this.#setup.seed && now >= this.#idleAt) {
        this.#idleAt = now + 500;
        this.#post({ type: 'idle', key });
      }
      // It looks again even if it gets no message.
      const again = this.#shares.size > 0 && this.#in(PieceShare.present).length < this.#shares.size;
      if (again) this.#timer = this.#clock.after(millis(500), () => this.#done(undefined));
      return;
    }
    this.#now = own;
    this.#script.begun.push({ key, identity, piece: own, share: this.#shares.get(own) ?? -1 });
    const pace = this.#script.pace.get(identity) ?? 100;
    this.#timer = this.#clock.after(millis(pace), () => this.#done(own));
  }

  #done(p: number | undefined): void {
    this.#timer = undefined;
    this.#now = undefined;
    if (p !== undefined && this.#shares.get(p) !== PieceShare.present) {
      this.#shares.set(p, PieceShare.present);
      this.#writing = this.#writing.then(() => this.#write(piece(p)).catch((error: unknown) => this.#failed(error)));
    }
    this.#next();
  }

  async #write(p: PieceIndex): Promise<void> {
    const { key } = this.#setup;
    const payload = this.#script.payloads.get(key);
    if (this.#geometry === undefined || payload === undefined) return;
    const start = this.#geometry.pieceOffset(p);
    const data = payload.slice(start, start + this.#geometry.pieceSize(p));
    if (this.#script.corrupt.delete(p)) data[0] = (data[0] ?? 0) ^ 0xff;
    await this.#store?.writePiece(p, data);
    await this.#store?.recordVerified(p);
    this.#fetched.add(p);
    this.#script.verified.push(p);
    this.#downloaded += data.length;
    this.#post({ type: 'verified', key, pieces: [{ piece: p, from: ['10.9.9.9'], seconds: 0.1, late: false }] });
  }

  async #sync(): Promise<void> {
    // A corrupted piece must not count as trusted, or nobody would look at it again.
    const pieces = (await this.#store?.sync()) ?? [];
    this.#post({ type: 'synced', key: this.#setup.key, pieces: Uint32Array.from(pieces) });
  }
}
