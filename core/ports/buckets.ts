import type { Millis } from '../base/ids.ts';

/** A value under a key. `revision` grows with each write to the bucket, whatever its key. */
export interface BucketEntry {
  readonly key: string;
  /** Empty where the key was removed. */
  readonly value: Uint8Array;
  readonly revision: number;
}

/** Keys and values that several machines share. Every call rejects with BucketError; after `away` nobody knows whether it was carried out. */
export interface Bucket {
  /** Writes a key that is still at this revision; 0: that is missing. Resolves to the new revision; undefined: it is not. */
  update(key: string, value: Uint8Array, revision: number): Promise<number | undefined>;
  /** Writes a key, whatever is there. Resolves to the new revision. */
  put(key: string, value: Uint8Array): Promise<number>;
  get(key: string): Promise<BucketEntry | undefined>;
  remove(key: string): Promise<void>;
}

export interface BucketOptions {
  /** No more than this is kept; beyond it writes are refused. */
  readonly maxBytes: number;
  /** What was written longer ago than this is forgotten, without a word; undefined: never. */
  readonly ttl?: Millis;
}

/** One connection to a server of buckets. It is never mended: who lost one makes another. */
export interface BucketConnection {
  /**
   * Opens a bucket, or makes it, and follows it: `told` gets the last entry of every key that is there, and then each as it is written, all
   * of them in the order of their revisions.
   */
  open(name: string, options: BucketOptions, told: (entry: BucketEntry) => void): Promise<Bucket>;
  /** Resolves once the server has answered. */
  check(): Promise<void>;
  /** Resolves when it is over, whatever ended it. */
  readonly ended: Promise<void>;
  close(): void;
}

export interface BucketServer {
  /** For people, without a password, such as `nats://10.0.0.1/film`. */
  readonly name: string;
  /** Rejects with BucketError. */
  connect(): Promise<BucketConnection>;
}

/** Most characters of what is said of it: a server may say anything, and people are told. */
const MAX_SAID = 300;

/** Why a server of buckets did not do what it was asked. A long message is cut. */
export class BucketError extends Error {
  override readonly name = 'BucketError';
  /** `away`: no answer, or none that helps; `full`: it has no room; `refused`: it does not let us in. */
  readonly kind: 'away' | 'full' | 'refused';

  constructor(kind: BucketError['kind'], message: string, options?: { cause?: unknown }) {
    super(message.length > MAX_SAID ? `${message.slice(0, MAX_SAID)}…` : message, options);
    this.kind = kind;
  }
}
