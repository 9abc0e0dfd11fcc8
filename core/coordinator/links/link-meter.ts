import * as v from 'valibot';
import { messageOf } from '../../base/errors.ts';
import { keepNewest } from '../../base/keep-newest.ts';
import { bytes, type Bytes } from '../../base/ids.ts';
import { byteCount, linkName } from '../../engine/values.ts';
import type { Disk } from '../../ports/disk.ts';
import { readVersioned, writeVersioned } from '../catalog/versioned-file.ts';
import type { MemberLink } from '../run/links.ts';
import type { Member } from '../run/member.ts';

const VERSION = 1;
/** Most links of which it is known what they carried: the ones that were used last. */
const MOST = 256;
/**
 * What a link carries for a byte of payload: packets of 1,500 bytes have 40 to 60 of headers, and acknowledgements, requests and announces come on
 * top.
 */
const OVERHEAD = 1.05;

const file = v.object({
  version: v.literal(VERSION),
  months: v.pipe(
    v.array(v.object({ link: linkName, month: v.pipe(v.string(), v.regex(/^\d{1,6}-\d\d$/)), bytes: byteCount })),
    v.maxLength(10_000),
  ),
});

interface Month {
  readonly month: string;
  bytes: number;
  /** Of these, what no file has yet. */
  unkept: number;
}

interface Carried {
  downloaded: Bytes;
  uploaded: Bytes;
}

export interface LinkMeterOptions {
  readonly disk: Disk;
  /** Absolute folder for `links.json`; undefined: what is counted ends with the program. */
  readonly folder: string | undefined;
  /** The month in which bytes of a metered link count now; undefined: it is none. */
  month(link: string): string | undefined;
  failed(message: string): void;
}

/** Counts what each link carries: since the program began, and, for metered ones, in their month, over runs of the program. */
export class LinkMeter {
  readonly #o: LinkMeterOptions;
  readonly #path: string;
  /** What each identity of each download had moved when it was looked at last. */
  readonly #seen = new WeakMap<Member, Carried>();
  readonly #run = new Map<string, Carried>();
  readonly #months = new Map<string, Month>();
  /** A newer program, or a damaged file: it is left as it is. */
  #foreign = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: LinkMeterOptions) {
    this.#o = options;
    this.#path = `${options.folder}/links.json`;
  }

  /** What earlier runs counted. Never rejects: a file that cannot be read is told of, and left. */
  async read(): Promise<void> {
    if (this.#o.folder === undefined) return;
    try {
      for (const { link, month, bytes: carried } of await this.#kept()) {
        const own = this.#months.get(link);
        if (own === undefined) this.#months.set(link, { month, bytes: carried, unkept: 0 });
        else if (own.month === month) own.bytes += carried;
      }
    } catch (error) {
      this.#foreign = true;
      this.#o.failed(`What metered links carried is not known: ${messageOf(error)}`);
    }
  }

  /** Counts what these identities moved since they were looked at last, for the links that they have now. */
  look(members: readonly Member[]): void {
    for (const member of members) {
      const { downloaded, uploaded } = member;
      const last = this.#seen.get(member);
      const down = downloaded - (last?.downloaded ?? 0);
      const up = uploaded - (last?.uploaded ?? 0);
      if (down === 0 && up === 0) continue;
      this.#seen.set(member, { downloaded: bytes(downloaded), uploaded: bytes(uploaded) });
      const { name } = member.link;
      this.#count(linkKey(member.link), down, up);
      if (name !== undefined) this.#countMonth(name, down + up);
    }
  }

  /** Payload since the program began, of a link by `linkKey`. */
  carried(key: string): Readonly<Carried> {
    return this.#run.get(key) ?? { downloaded: bytes(0), uploaded: bytes(0) };
  }

  /** Bytes in this month. */
  used(link: string, month: string): number {
    const own = this.#months.get(link);
    return own?.month === month ? own.bytes : 0;
  }

  /** Adds what was counted to what is kept, to which other programs of this user may add, too. Never rejects. */
  write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#o.folder === undefined || this.#foreign) return;
    const news = [...this.#months].filter(([, { unkept }]) => unkept > 0);
    if (news.length === 0) return;
    const told = news.map(([link, own]) => ({ link, own, month: own.month, added: own.unkept }));
    try {
      const all = new Map((await this.#kept()).map((one) => [one.link, one]));
      for (const { link, month, added } of told) {
        const kept = all.get(link);
        all.delete(link);
        all.set(link, { link, month, bytes: bytes((kept?.month === month ? kept.bytes : 0) + added) });
      }
      keepNewest(all, MOST);
      await writeVersioned(this.#o.disk, this.#path, VERSION, { months: [...all.values()] });
      for (const { link, own, month, added } of told) {
        own.unkept -= added;
        const kept = all.get(link);
        if (kept?.month === month) own.bytes = Math.max(own.bytes, kept.bytes);
      }
    } catch (error) {
      this.#o.failed(`What metered links carried could not be kept: ${messageOf(error)}`);
    }
  }

  async #kept() {
    return (await readVersioned(this.#o.disk, this.#path, VERSION, file))?.months ?? [];
  }

  #count(key: string, down: number, up: number): void {
    const now = this.#run.get(key) ?? { downloaded: bytes(0), uploaded: bytes(0) };
    this.#run.delete(key);
    this.#run.set(key, { downloaded: bytes(now.downloaded + down), uploaded: bytes(now.uploaded + up) });
    keepNewest(this.#run, MOST);
  }

  #countMonth(link: string, payload: number): void {
    const month = this.#o.month(link);
    if (month === undefined) return;
    const added = Math.ceil(payload * OVERHEAD);
    const own = this.#months.get(link);
    if (own?.month === month) {
      own.bytes += added;
      own.unkept += added;
    } else this.#months.set(link, { month, bytes: added, unkept: added });
  }
}

/** What a link is counted by: its name, or else the address that it was given, or its proxy. */
export function linkKey({ name, address }: Partial<Pick<MemberLink, 'name' | 'address'>>): string {
  return name === undefined ? (address ?? '') : `= ${name}`;
}
