import { piece as pieceIndex, type PieceIndex } from '../base/ids.ts';
import type { StopSignal } from '../base/stopper.ts';
import type { SwarmStatus } from '../engine/statuses.ts';
import { infoOf } from '../metainfo/known-info.ts';
import type { Info, Naming } from '../metainfo/torrent.ts';
import type { BegunRecord } from '../store/records/begun-record.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import type { Swarm } from '../swarm/swarm.ts';
import type { PieceClient } from './clients.ts';
import type { HostNeeds } from './host-needs.ts';
import { finishPart } from './finish-part.ts';
import type { AboutPieces, DownloadSetup } from './messages.ts';
import type { Outbox } from './outbox.ts';
import { failedMessage } from './reports.ts';

export interface HostedPiecesOptions {
  readonly setup: DownloadSetup;
  readonly host: Pick<HostNeeds, 'ports' | 'post'>;
  readonly outbox: Outbox;
}

/** The pieces of one download in one identity process: which it fetches or seeds, where they lie, and the messages about them. */
export class HostedPieces {
  readonly swarm: Swarm;
  readonly #o: HostedPiecesOptions;
  readonly #client: PieceClient;
  #seeding: boolean;
  /** Whether its files bear names that the user chose. */
  #renamed: boolean;

  constructor(client: PieceClient, options: HostedPiecesOptions) {
    this.swarm = client.swarm;
    this.#client = client;
    this.#o = options;
    this.#seeding = options.setup.seed;
    this.#renamed = options.setup.naming?.chosen !== undefined;
  }

  get activity(): 'downloading' | 'sharing' | 'seeding' {
    if (this.#seeding) return 'seeding';
    return this.#client.share.left === 0 ? 'sharing' : 'downloading';
  }

  /** `waits`: why it does nothing just now. */
  status(waits: SwarmStatus['state'] | undefined, withPeers: boolean): SwarmStatus {
    return this.swarm.status(waits ?? this.activity, withPeers);
  }

  handle(message: AboutPieces): void {
    const { setup } = this.#o;
    const { swarm, store, share } = this.#client;
    switch (message.type) {
      case 'shares':
        for (const piece of message.pieces) {
          if (share.get(pieceIndex(piece)) !== PieceShare.present) share.set(pieceIndex(piece), message.state);
        }
        this.#leechAgain();
        return;
      case 'present':
        swarm.presentElsewhere(message.pieces, message.owners);
        return;
      case 'urgent':
        swarm.setUrgent(message);
        return;
      case 'helpers':
        swarm.setHelpers(message.helping);
        return;
      case 'ask-sibling':
        swarm.askedBySibling(message.sibling, message.piece, message.blocks, message.wanted);
        return;
      case 'brought':
        swarm.brought(message);
        return;
      case 'lost':
        swarm.lost(message.pieces, setup.count === 1 ? PieceShare.mine : PieceShare.open);
        this.#leechAgain();
        return;
      case 'give-up-peers':
        swarm.giveUpPeers(message.count, message.needed);
        return;
      case 'give-back':
        swarm.giveBack(message.most);
        return;
      case 'swarm-availability':
        swarm.setElsewhere(message.counts);
        return;
      case 'priorities':
        swarm.setPriorities(message.priorities);
        return;
      case 'seed':
        this.#seeding = true;
        swarm.seed(setup.count === 1 && !setup.seed);
        return;
      case 'close-files':
        void this.#closeFiles();
        return;
      case 'moved':
        store.moved(message.location, this.#filesNamed(message.naming));
        return;
      default:
        message satisfies never;
    }
  }

  /** The torrent's files as they are called now; undefined: as before. */
  #filesNamed(naming: Naming): Info['files'] | undefined {
    const { rawInfo } = this.#o.setup;
    if (rawInfo === undefined || (naming.chosen === undefined && !this.#renamed)) return undefined;
    this.#renamed = naming.chosen !== undefined;
    return infoOf({ rawInfo, naming }).files;
  }

  /** Reads from a piece that lies here. Rejects with EnsembleError('disk'). */
  read(piece: PieceIndex, begin: number, into: Uint8Array): Promise<void> {
    return this.#client.store.read(piece, begin, into);
  }

  /** Writes a piece that a sibling had verified and whose hash is right, records that, and uploads it from now on. */
  async keep(piece: PieceIndex, data: Uint8Array): Promise<void> {
    const { store, swarm } = this.#client;
    await store.writePiece(piece, data);
    await store.recordVerified(piece);
    swarm.kept(piece);
  }

  /** Brings what was written to stable storage. Never rejects: a failure is told. */
  async sync(): Promise<void> {
    try {
      await this.#sync();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** After the swarm has halted: keeps what was begun and brings a finished part into order, until `hurry`. Rejects where the disk fails. */
  async close(hurry: StopSignal): Promise<readonly BegunRecord[]> {
    const { host, setup } = this.#o;
    const { store, swarm } = this.#client;
    host.post({ type: 'status', swarms: [swarm.status(this.activity, false)] });
    const begun = await swarm.flushBegun();
    await this.#sync();
    const tell = (): void => host.post({ type: 'leaving', key: setup.key });
    if (this.activity === 'sharing') await finishPart(store, host.ports.clock, hurry, tell);
    await store.close();
    return begun;
  }

  async #closeFiles(): Promise<void> {
    try {
      await this.#sync();
      await this.#client.store.closeFiles();
    } catch (error) {
      this.#failed(error);
    }
    this.#o.host.post({ type: 'files-closed', key: this.#o.setup.key });
  }

  async #sync(): Promise<void> {
    const pieces = await this.#client.store.sync();
    this.#o.outbox.flush();
    if (pieces.length === 0) return;
    this.#o.host.post({ type: 'synced', key: this.#o.setup.key, pieces: Uint32Array.from(pieces) });
  }

  /** Other files were chosen, or pieces turned out wrong: a seed may have something to fetch again. */
  #leechAgain(): void {
    if (!this.#seeding || this.swarm.complete) return;
    this.#seeding = false;
    this.swarm.leech();
  }

  #failed(error: unknown): void {
    this.#o.host.post(failedMessage(this.#o.setup.key, error));
  }
}
