import { EnsembleError } from '../base/errors.ts';
import type { IdentityIndex, InfoHash, PieceIndex } from '../base/ids.ts';
import { type Lock, type LockPorts, takeLock } from '../store/records/lock.ts';
import { ClaimFiles, CLAIMS } from './claim-files.ts';
import type { ClaimStore, MemberRecord, PieceNews, StoreView, Wish } from './claim-store.ts';
import { JournalTail } from './journal-tail.ts';
import { readSiblings, registerSibling, unregisterSibling } from './sibling-files.ts';

export interface DirectoryStoreOptions {
  readonly ports: LockPorts;
  /** Where claims, locks, registrations and journals lie. */
  readonly folder: string;
  readonly infoHash: InfoHash;
  readonly pieceCount: number;
  readonly identity: IdentityIndex;
  /** With the `pieces` layout the first claim of a piece is the exclusive create of its file. */
  readonly pieceFiles: boolean;
  /** From now on the folder counts as away when this name is not in it. */
  readonly expect?: (name: string) => void;
}

/**
 * A common directory (A4): claims are exclusive creates, members are files that each writes anew at a heartbeat, and news are their
 * journals.
 */
export class DirectoryStore implements ClaimStore {
  readonly name: string;
  readonly #o: DirectoryStoreOptions;
  readonly #files: ClaimFiles;
  readonly #journals: JournalTail;
  #lock: Lock | undefined;
  /** Another process is this identity now. */
  #replaced = false;

  constructor(options: DirectoryStoreOptions) {
    const { ports, folder, infoHash, pieceCount, identity, pieceFiles } = options;
    this.#o = options;
    this.name = `common directory "${folder}"`;
    this.#files = new ClaimFiles(ports.disk, folder, pieceFiles, identity);
    this.#journals = new JournalTail(ports.disk, folder, identity, { infoHash, pieceCount });
  }

  async join(replaced: (error: EnsembleError) => void): Promise<void> {
    const { ports, folder, identity, expect } = this.#o;
    await ports.disk.makeDirectory(folder);
    const lost = (): void => {
      this.#replaced = true;
      const text = `Another process runs identity ${identity} in "${folder}" now: this one stops.`;
      replaced(new EnsembleError('in-use', text));
    };
    this.#lock = await takeLock(ports, `${folder}/lock-${identity}`, { lost });
    await this.#files.open();
    expect?.(CLAIMS);
  }

  async beat(own: MemberRecord): Promise<void> {
    await registerSibling(this.#o.ports.disk, this.#o.folder, own);
  }

  async claim(wishes: readonly Wish[], answer: (wish: Wish, turn: number | undefined) => void): Promise<void> {
    for (const wish of wishes) answer(wish, await this.#files.claim(wish.piece, wish.after));
  }

  async release(turns: ReadonlyMap<PieceIndex, number>): Promise<void> {
    for (const [piece, turn] of turns) await this.#files.release(piece, turn);
  }

  holder(piece: PieceIndex, turn: number): Promise<IdentityIndex | undefined> {
    return this.#files.holder(piece, turn);
  }

  async watch(): Promise<StoreView> {
    const members = await readSiblings(this.#o.ports.disk, this.#o.folder);
    return { members, claims: await this.#files.scan(this.#o.pieceCount) };
  }

  journal(): Promise<readonly PieceNews[]> {
    return this.#journals.news();
  }

  /** Nothing to do: siblings read the journal that the piece store writes. */
  async record(): Promise<void> {}

  async leave(): Promise<void> {
    if (this.#lock === undefined) return;
    if (!this.#replaced) await unregisterSibling(this.#o.ports.disk, this.#o.folder, this.#o.identity).catch(() => {});
    await this.#lock.release().catch(() => undefined);
  }
}
