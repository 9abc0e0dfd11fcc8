import { formatEndpoint } from '../../base/endpoint.ts';
import { EnsembleError, messageOf } from '../../base/errors.ts';
import { NowAndThen } from '../../base/now-and-then.ts';
import type { PeerSourceKind } from '../../base/peer-source.ts';
import type { Disk, DiskFile } from '../../ports/disk.ts';
import type { Clock } from '../../ports/clock.ts';
import { type IdentityIndex, millis } from '../../base/ids.ts';
import type { FromIdentity } from '../../identity/messages.ts';
import type { Member } from '../run/member.ts';

/** Version of the lines, which is in the first line of each run. */
const LOG_VERSION = 1;
/** By this a log is known. */
const BEGINNING = '{"version":';
const FLUSH_EVERY = millis(200);
const SAMPLE_EVERY = millis(10_000);

/** One line without time and identity, which every line has (`docs/cli.md`, "The experiment log"). */
export type LogLine =
  | { readonly event: 'start'; readonly pieces: number }
  | { readonly event: 'claim' | 'release'; readonly piece: number }
  | { readonly event: 'hash-fail'; readonly piece: number; readonly from: readonly string[] }
  | { readonly event: 'piece'; readonly piece: number; readonly from: readonly string[]; readonly seconds: number }
  | {
      readonly event: 'peer';
      readonly address: string;
      readonly source: PeerSourceKind;
      readonly incoming: boolean;
      readonly connected: boolean;
    }
  | {
      readonly event: 'sample';
      readonly pieces: number;
      readonly down: number;
      readonly up: number;
      readonly peers: number;
    }
  | {
      readonly event: 'end';
      readonly pieces: number;
      readonly downloaded: number;
      readonly uploaded: number;
      readonly reason: string;
    };

/** How an identity stands. */
type Sampled = Pick<Member, 'index' | 'pieces' | 'down' | 'up'> & {
  readonly status: { readonly peers: number } | undefined;
};

/**
 * The experiment log (A3): JSON Lines, appended in batches to a new file or an earlier log. If it cannot
 * be written the log ends, and the download goes on.
 */
export class ExperimentLog {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #path: string;
  readonly #warn: (text: string) => void;
  readonly #samples = new NowAndThen(SAMPLE_EVERY, 0);
  #file: DiskFile | undefined;
  #lines: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #scheduled = false;
  #failed = false;
  #first = true;

  constructor(ports: { readonly disk: Disk; readonly clock: Clock }, path: string, warn: (text: string) => void) {
    this.#disk = ports.disk;
    this.#clock = ports.clock;
    this.#path = path;
    this.#warn = warn;
  }

  write(identity: IdentityIndex, line: LogLine): void {
    if (this.#failed) return;
    const version = this.#first ? { version: LOG_VERSION } : {};
    this.#first = false;
    this.#lines.push(JSON.stringify({ ...version, t: this.#clock.wall(), identity, ...line }));
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.after(FLUSH_EVERY, () => {
      this.#scheduled = false;
      void this.flush();
    });
  }

  /** What an identity tells of its peers. */
  heard(identity: IdentityIndex, message: Extract<FromIdentity, { readonly type: 'peer' | 'hash-failed' }>): void {
    if (message.type === 'hash-failed') {
      this.write(identity, { event: 'hash-fail', piece: message.piece, from: message.from });
    } else {
      const { endpoint, source, incoming, connected } = message;
      this.write(identity, { event: 'peer', address: formatEndpoint(endpoint), source, incoming, connected });
    }
  }

  /** An identity no longer has the download, for this reason. */
  ended({ index, pieces, totals }: Pick<Member, 'index' | 'pieces' | 'totals'>, reason: string): void {
    const { downloaded, uploaded } = totals;
    this.write(index, { event: 'end', pieces, downloaded, uploaded, reason });
  }

  /** May be called as often as one likes: writes how they stand every 10 s. */
  sample(identities: readonly Sampled[]): void {
    if (!this.#samples.due(this.#clock.now())) return;
    for (const { index, pieces, down, up, status } of identities) {
      this.write(index, { event: 'sample', pieces, down, up, peers: status?.peers ?? 0 });
    }
  }

  /** When it resolves, all lines so far are in the file. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      if (this.#lines.length === 0 || this.#failed) return;
      const text = `${this.#lines.join('\n')}\n`;
      this.#lines = [];
      try {
        this.#file ??= await this.#open();
        await this.#file.write(new TextEncoder().encode(text), 0);
      } catch (error) {
        this.#failed = true;
        this.#warn(`The log ${this.#path} is not written any more: ${messageOf(error)}`);
      }
    });
    return this.#writing;
  }

  /** Nothing is appended to a file that is no log: it would be the user's own, named by mistake. */
  async #open(): Promise<DiskFile> {
    const found = await this.#disk.info(this.#path);
    if (found?.kind === 'file' && found.size > 0) {
      const file = await this.#disk.open(this.#path, 'read');
      const head = new Uint8Array(BEGINNING.length);
      try {
        await file.read(head, 0);
      } finally {
        await file.close();
      }
      if (new TextDecoder().decode(head) !== BEGINNING) {
        throw new EnsembleError('exists', 'it holds something that is no such log: name another file.');
      }
    }
    return this.#disk.open(this.#path, 'append');
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
  }
}
