import type { PieceIndex } from '../../base/ids.ts';

/** How many blocks of failed attempts are remembered, at 20 or 32 bytes each: those of 256 MiB of pieces. */
const MOST_BLOCKS = 16_384;
/** How many attempts at one piece are remembered. */
const MOST_ATTEMPTS = 4;

/** All blocks of a piece whose hash was wrong. */
export interface PieceAttempt {
  /** Who sent each block; undefined where that is not known. */
  readonly hosts: readonly (string | undefined)[];
  /** A hash of each block, one after the other. */
  readonly digests: Uint8Array;
}

/**
 * Finds out who spoils pieces that several peers have a part in. What came is remembered block by block; once the right piece is
 * known, whoever sent something else lied, and nobody else did. It names hosts, since bans are by host.
 */
export class Blame {
  readonly #mostBlocks: number;
  readonly #attempts = new Map<PieceIndex, PieceAttempt[]>();
  /** Bytes of the hash of a block. */
  readonly #width: number;
  #blocks = 0;

  constructor(mostBlocks: number = MOST_BLOCKS, width = 20) {
    this.#mostBlocks = mostBlocks;
    this.#width = width;
  }

  /** Blocks that are remembered. */
  get size(): number {
    return this.#blocks;
  }

  /** Whether a piece failed before and it is not known yet who spoiled it: its next blocks should come from one peer alone. */
  knows(piece: PieceIndex): boolean {
    return this.#attempts.has(piece);
  }

  /**
   * The hash of a piece was wrong. Returns the hosts that lied for certain: the only one that sent blocks, or one that sent two
   * versions of a block.
   */
  failed(piece: PieceIndex, attempt: PieceAttempt): string[] {
    const senders = new Set(attempt.hosts);
    const [only] = senders;
    if (senders.size === 1 && only !== undefined) return [only];
    const earlier = this.#attempts.get(piece) ?? [];
    const liars = new Set<string>();
    for (const other of earlier) {
      this.#compare(other, attempt.digests, (host, block) => {
        if (attempt.hosts[block] === host) liars.add(host);
      });
    }
    this.#remember(piece, earlier, attempt);
    return [...liars];
  }

  /** It became known what each block must be: the right piece came, or its leaves did. Returns the hosts that had sent something else. */
  passed(piece: PieceIndex, digests: Uint8Array): string[] {
    const liars = new Set<string>();
    for (const attempt of this.#attempts.get(piece) ?? []) this.#compare(attempt, digests, (host) => liars.add(host));
    this.forget(piece);
    return [...liars];
  }

  /** Nothing more will be learned about a piece, as it came another way. */
  forget(piece: PieceIndex): void {
    for (const { hosts } of this.#attempts.get(piece) ?? []) this.#blocks -= hosts.length;
    this.#attempts.delete(piece);
  }

  #remember(piece: PieceIndex, earlier: readonly PieceAttempt[], attempt: PieceAttempt): void {
    this.forget(piece);
    const kept = [...earlier.slice(1 - MOST_ATTEMPTS), attempt];
    while (kept.length > 1 && kept.length * attempt.hosts.length > this.#mostBlocks) kept.shift();
    const needed = kept.length * attempt.hosts.length;
    for (const oldest of this.#attempts.keys()) {
      if (this.#blocks + needed <= this.#mostBlocks) break;
      this.forget(oldest);
    }
    this.#attempts.set(piece, kept);
    this.#blocks += needed;
  }

  /** Calls back for each block of an attempt that differs from the same block in `digests`, and whose sender is known. */
  #compare(attempt: PieceAttempt, digests: Uint8Array, differs: (host: string, block: number) => void): void {
    const width = this.#width;
    attempt.hosts.forEach((host, block) => {
      if (host === undefined) return;
      for (let i = block * width; i < (block + 1) * width; i++) {
        if (attempt.digests[i] !== digests[i]) return differs(host, block);
      }
    });
  }
}
