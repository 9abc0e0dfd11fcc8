import { Bitfield } from '../base/bitfield.ts';
import type { CollectMode } from '../base/choices.ts';
import {
  type BytesPerSecond,
  type IdentityIndex,
  identityIndex,
  type Millis,
  millis,
  piece as pieceIndex,
  type PieceIndex,
} from '../base/ids.ts';
import { parseProxyUrl, shownProxy } from '../base/proxy-url.ts';
import { RecentRate } from '../base/rate.ts';
import { TokenBucket } from '../base/token-bucket.ts';
import { MAX_IDENTITIES } from '../base/bounds.ts';
import { counted } from '../base/counted.ts';
import { EnsembleError } from '../base/errors.ts';
import type { BucketStore } from '../claims/bucket-store.ts';
import type { Exchange, Figures, LinkSaid } from '../claims/claim-store.ts';
import { collects, MAX_HOSTS } from '../claims/exchange.ts';
import type { Sibling } from '../claims/sibling-watch.ts';
import { Collector } from '../collect/collector.ts';
import { PieceServing } from '../collect/piece-serving.ts';
import type { DownloadSetup, MachineNews } from '../identity/messages.ts';
import { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { HttpListener, ServedRequest } from '../ports/http-server.ts';
import { userAgentOf } from '../webseed/http-stream.ts';
import { LinkKinds } from '../ports/link-kinds.ts';
import type { OwnRecord } from './own-record.ts';
import type { Timer } from '../ports/clock.ts';
import type { LonePorts } from './setup.ts';

/** How pieces go from machine to machine. */
export interface ExchangeChoice {
  readonly collect: CollectMode;
  /** Limit of what comes from other machines, and of what goes to them; 0: none. */
  readonly limit: BytesPerSecond;
  /** False: what no other machine has is not fetched from the swarm, and ends it. */
  readonly fetches: boolean;
}

export interface PieceExchangeOptions extends ExchangeChoice {
  readonly ports: LonePorts;
  readonly info: Info;
  readonly identity: IdentityIndex;
  readonly lease: Millis;
  /** By what it is in the swarm, and what people call that. */
  readonly way: Pick<DownloadSetup, 'address' | 'proxy'> & { readonly name?: string | undefined };
  readonly store: Pick<BucketStore, 'holders' | 'secret' | 'claimedBy'>;
  readonly record: OwnRecord;
  /** Reads from a piece that lies here. */
  read(piece: PieceIndex, begin: number, into: Uint8Array): Promise<void>;
  /** Writes and records a piece that is right. */
  keep(piece: PieceIndex, data: Uint8Array): Promise<void>;
  /** It is here now. */
  kept(piece: PieceIndex): void;
  /** Those who had these are gone: they are to be fetched again. */
  orphaned(pieces: readonly PieceIndex[]): void;
  /** These are to be had again, from the identity of the same place. */
  found(pieces: Uint32Array, owners: Uint8Array): void;
  /** How this machine fares in the swarm. */
  figures(): Figures;
  /** What siblings are told has changed. */
  changed(): void;
  failed(error: unknown): void;
  /** What people call a sibling; undefined: by its number. */
  named?(index: IdentityIndex): string;
  /** For people. */
  warn(text: string): void;
}

/** By then siblings know what they are told: they look every second. */
const HEARD_WITHIN = millis(3000);

/** What is new of the others is looked at after this long, with what else comes until then. */
const SOON = millis(50);

/** How often others are told how this machine fares, for people. */
const FIGURES_EVERY = millis(3000);

type Other = Exchange & { readonly index: IdentityIndex };

/** What one machine of a group gives to the others of its pieces, and fetches of theirs. */
export class PieceExchange {
  readonly #o: PieceExchangeOptions;
  readonly #collector: Collector;
  readonly #serving: PieceServing;
  readonly #kinds: LinkKinds;
  readonly #rate = { down: new RecentRate(), up: new RecentRate() };
  #listener: HttpListener | undefined;
  /** The machines that live and give out pieces, and what they say of that. */
  #others: readonly Other[] = [];
  /** When each sibling was last known to live. */
  readonly #lived = new Map<number, Millis>();
  readonly #began: Millis;
  #collecting = true;
  #figuresAt: Millis;
  #collect: CollectMode;
  /** When siblings were told last whether it collects. */
  #toldAt: Millis;
  /** Since when nobody has what is missing. */
  #lacking: Millis | undefined;
  #soon: Timer | undefined;
  /** Pieces that others have from here. */
  readonly #given: Bitfield;
  /** There is nothing to look at before the client is there. */
  #looks = false;

  constructor(options: PieceExchangeOptions) {
    this.#o = options;
    const { ports, info, store, record, read, keep, kept, failed, warn, limit } = options;
    const now = ports.clock.now();
    this.#began = now;
    this.#kinds = new LinkKinds(ports.interfaces);
    this.#collect = options.collect;
    this.#toldAt = now;
    this.#figuresAt = now;
    const geometry = new Geometry(info);
    this.#given = new Bitfield(info.pieceCount);
    const { infoHash } = info;
    const secret = (): Uint8Array | undefined => store.secret;
    this.#serving = new PieceServing({
      ports,
      infoHash,
      geometry,
      secret,
      has: (piece) => record.here.has(piece),
      read: (piece, begin, into) => {
        this.#given.add(piece);
        return read(piece, begin, into);
      },
      limit: new TokenBucket(limit, now),
      gave: (bytes) => this.#rate.up.add(bytes, ports.clock.now()),
    });
    this.#collector = new Collector({
      ports,
      infoHash,
      info,
      geometry,
      userAgent: userAgentOf(ports.program.client),
      limit: new TokenBucket(limit, now),
      secret,
      uniform: ports.random.uniform,
      holders: (piece) => store.holders(piece),
      keep,
      kept: (piece) => {
        kept(piece);
        if (this.#collector.wanted === 0) this.heard();
      },
      came: (bytes) => this.#rate.down.add(bytes, ports.clock.now()),
      broke: failed,
      named: (index) => options.named?.(index) ?? `identity ${index}`,
      warn,
    });
  }

  /** Rejects with EnsembleError('network') where nothing can listen. */
  async start(): Promise<void> {
    const { listen } = this.#o.ports;
    const at = { port: 0, answer: (request: ServedRequest) => this.#serving.answer(request) };
    // Where there is no IPv6 nothing can listen on both at once.
    this.#listener = await listen?.({ ...at, host: '::' }).catch(() => listen({ ...at, host: '0.0.0.0' }));
  }

  /** What siblings are told. */
  get said(): Exchange | undefined {
    const port = this.#listener?.local.port;
    if (port === undefined) return undefined;
    const { figures } = this.#o;
    const said = { hosts: this.#hosts, port, collect: this.#collect, collecting: this.#collecting };
    return { ...said, figures: figures(), link: this.#link };
  }

  get #link(): LinkSaid {
    const { way, ports } = this.#o;
    const { name, address, proxy } = way;
    const place = proxy && parseProxyUrl(proxy.url);
    const own = ports.interfaces.list().find((one) => one.address === address);
    return {
      ...(name !== undefined && { name }),
      ...(own !== undefined && { interfaceName: own.interfaceName, kind: this.#kinds.of(own) }),
      ...(place !== undefined && { proxy: shownProxy(place) }),
    };
  }

  /** How many pieces were fetched from the swarm here and elsewhere: here, and another has it though nobody got it from here. */
  get twice(): number {
    const { record, store } = this.#o;
    let count = 0;
    for (const p of record.fetched.indexes()) if (!this.#given.has(p) && store.holders(pieceIndex(p)) !== 0) count++;
    return count;
  }

  /** What goes between the machines at present. */
  rates(): Pick<MachineNews, 'down' | 'up'> {
    const now = this.#o.ports.clock.now();
    return { down: this.#rate.down.rate(now), up: this.#rate.up.rate(now) };
  }

  met(siblings: readonly Sibling[]): void {
    this.#others = siblings.flatMap(({ index, alive, exchange }) =>
      alive && exchange !== undefined ? [{ ...exchange, index }] : [],
    );
    this.#collector.setMachines(this.#wants ? this.#others : []);
    this.heard();
  }

  /** Whether what the others have is fetched here. */
  get #wants(): boolean {
    return collects(this.#collect, this.#others);
  }

  /** Others have something new, or nothing is on its way any more: looks soon. */
  heard(): void {
    if (!this.#looks) return;
    this.#soon ??= this.#o.ports.clock.after(SOON, () => {
      this.#soon = undefined;
      this.look();
    });
  }

  /** To be called now and then, first when the client is there: what others verified since is fetched, and what is gone with them is found again. */
  look(): void {
    this.#looks = true;
    const { record, store } = this.#o;
    const { ledger, here } = record;
    const alive = this.#alive();
    const wants = this.#wants;
    let left = 0;
    const orphaned: PieceIndex[] = [];
    const found: [number, number][] = [];
    for (let p = 0; wants && p < ledger.present.length; p++) {
      const piece = pieceIndex(p);
      if (here.has(p) || !ledger.wants(piece)) {
        this.#collector.unwant(piece);
        continue;
      }
      left++;
      const holders = store.holders(piece);
      if (!ledger.present.has(p)) {
        if ((holders & alive.now) !== 0) found.push([p, 31 - Math.clz32(holders & alive.now)]);
      } else if ((holders & alive.lately) === 0) orphaned.push(piece);
      else this.#collector.want(piece);
    }
    for (const piece of orphaned) this.#collector.unwant(piece);
    if (!this.#o.fetches) this.#expectSome(wants);
    else if (orphaned.length > 0) this.#o.orphaned(orphaned);
    if (found.length > 0) {
      this.#o.found(
        Uint32Array.from(found, ([p]) => p),
        Uint8Array.from(found, ([, owner]) => owner),
      );
    }
    this.#collector.fill();
    const collecting = wants && left > 0;
    const time = this.#o.ports.clock.now();
    const changed = collecting !== this.#collecting;
    if (!changed && time - this.#figuresAt < FIGURES_EVERY) return;
    this.#figuresAt = time;
    if (changed) this.#toldAt = time;
    this.#collecting = collecting;
    this.#o.changed();
  }

  /** Rejects the whole where nobody has had what is missing for a lease. */
  #expectSome(wants: boolean): void {
    const { ports, lease, record, failed, info } = this.#o;
    if (!wants || this.#collector.wanted > 0 || record.here.isFull) this.#lacking = undefined;
    else this.#lacking ??= ports.clock.now();
    if (this.#lacking === undefined || ports.clock.now() - this.#lacking < lease) return;
    const count = counted(info.pieceCount - record.here.count, 'piece');
    const text = `${count} of ${info.pieceCount} ${count.startsWith('1 ') ? 'is' : 'are'} with no machine that runs.`;
    const help = 'Start those that have them again, or fetch the rest here with `ensemble get` and the same --common.';
    failed(new EnsembleError('verification', `${text} ${help}`));
  }

  /** Whether nothing is to be fetched any more, and nobody fetches from here. */
  get over(): boolean {
    return !this.#collecting && !this.needed;
  }

  /** Whether pieces of others are still to come here. */
  get fetching(): boolean {
    return this.#collecting;
  }

  /** The machines for which alone this one stays. */
  get staysFor(): readonly IdentityIndex[] {
    return this.#collecting ? [] : this.#others.filter(({ collecting }) => collecting).map(({ index }) => index);
  }

  /** Whether others fetch from here, or are to hear something first. */
  get needed(): boolean {
    return this.#others.some(({ collecting }) => collecting) || this.#staysToTell;
  }

  /** Which machines fetch what the others have, from now on. */
  setCollect(mode: CollectMode): void {
    if (this.#collect === mode) return;
    this.#collect = mode;
    this.#toldAt = this.#o.ports.clock.now();
    this.#collector.setMachines(this.#wants ? this.#others : []);
    this.#o.changed();
  }

  /** Whether it is to be heard first that this one alone wanted the whole, and has it: whoever sees it gone before that collects itself. */
  get #staysToTell(): boolean {
    if (this.#collect !== 'here' || !this.#others.some(({ collect }) => collect === 'all')) return false;
    return this.#o.ports.clock.now() - this.#toldAt < HEARD_WITHIN;
  }

  async stop(): Promise<void> {
    this.#looks = false;
    this.#soon?.cancel();
    this.#collector.stop();
    await this.#listener?.close();
  }

  /** Bits of those who give out pieces: now, and at some time within the last lease. */
  #alive(): { readonly now: number; readonly lately: number } {
    const { ports, lease } = this.#o;
    const time = ports.clock.now();
    const { useless } = this.#collector;
    let now = 0;
    let lately = 0;
    for (const { index } of this.#others) {
      if (((useless >>> index) & 1) === 1) continue;
      now |= 1 << index;
      this.#lived.set(index, time);
    }
    for (let i = 0; i < MAX_IDENTITIES; i++) {
      const index = identityIndex(i);
      if (((useless >>> i) & 1) === 1) continue;
      if (time - (this.#lived.get(index) ?? this.#began) < lease) lately |= 1 << i;
    }
    return { now, lately };
  }

  /** The addresses at which others may reach this machine. */
  get #hosts(): readonly string[] {
    const { ports } = this.#o;
    const all = ports.interfaces.list().filter(({ deprecated }) => deprecated !== true);
    const outer = all.filter(({ internal, address }) => !internal && !/^fe80:/i.test(address));
    const hosts = (outer.length > 0 ? outer : all).map(({ address }) => address);
    return [...new Set(hosts)].slice(0, MAX_HOSTS);
  }
}
