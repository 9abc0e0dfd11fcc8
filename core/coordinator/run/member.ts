import { type Endpoint, formatEndpoint } from '../../base/endpoint.ts';
import { EnsembleError } from '../../base/errors.ts';
import { bytes, identityIndex, type IdentityIndex, millis, type Millis, type PeerId } from '../../base/ids.ts';
import { RecentRate } from '../../base/rate.ts';
import { canonicalIp, isWildcard } from '../../base/ip.ts';
import type { IdentitySnapshot, IdentityState } from '../../engine/engine.ts';
import { sourceCounts } from '../../engine/source-counts.ts';
import type { PeerStatus, RateLimits, SourceStatus, SwarmStatus } from '../../engine/statuses.ts';
import { parseProxyUrl, shownProxy } from '../../base/proxy-url.ts';
import { LateMap } from '../../base/late-map.ts';
import type { ProxyChoice } from '../../identity/messages.ts';
import type { Random } from '../../ports/random.ts';
import type { BegunRecord } from '../../store/records/begun-record.ts';
import { agedSource } from './aged-source.ts';
import type { MemberLink } from './links.ts';
import { PeerRates } from './peer-rates.ts';

const NOTHING: Member['totals'] = { downloaded: 0, uploaded: 0, wasted: 0 };
const NO_RECORDS: readonly BegunRecord[] = [];
const NOBODY: readonly PeerStatus[] = [];

/**
 * The phase of an identity in its download. `waiting`: its process is not ready yet; `active`: it was given the download;
 * `leaving`: it was told to leave; `left`: it has left; `restarting`: its process died; `given-up`: it will not come back.
 */
export type MemberPhase = 'waiting' | 'active' | 'leaving' | 'left' | 'restarting' | 'given-up';

/**
 * What is known of one identity in one download, even when its process dies and is started again. Whoever hears of it says so by its
 * methods: `Team` how its process comes and goes, the run what it reports.
 */
export class Member {
  readonly index: IdentityIndex;
  readonly peerId: PeerId;
  readonly trackerKey: number;
  #phase: MemberPhase = 'left';
  #seed = false;
  #status: SwarmStatus | undefined;
  #reportedAt = 0 as Millis;
  #endpoint: Endpoint | undefined;
  #begun: readonly BegunRecord[] = NO_RECORDS;
  #pieces = 0;
  #restarts = 0;
  /** When its process died last, Unix milliseconds. */
  #restarted: Millis | undefined;
  #peerList: readonly PeerStatus[] = NOBODY;
  #availability: Uint16Array | undefined;
  readonly #connected = new LateMap<string, Endpoint>();
  #link: MemberLink;
  /** What people are shown. */
  readonly #down = new RecentRate();
  readonly #up = new RecentRate();
  /** Made when somebody looks at its peers. */
  #peerRates: PeerRates | undefined;
  #past = NOTHING;
  #activeBefore = 0;
  #since: Millis | undefined;

  constructor(index: IdentityIndex, peerId: PeerId, trackerKey: number, link: MemberLink) {
    this.index = index;
    this.peerId = peerId;
    this.trackerKey = trackerKey;
    this.#link = link;
  }

  get phase(): MemberPhase {
    return this.#phase;
  }

  /** Every wanted piece is there, and it was told to be an ordinary seed. */
  get seed(): boolean {
    return this.#seed;
  }

  /** Last report of its present process. */
  get status(): SwarmStatus | undefined {
    return this.#status;
  }

  /** How its sources of peers fare. */
  sources(now: Millis): readonly SourceStatus[] {
    const age = millis(Math.max(0, now - this.#reportedAt));
    return (this.#status?.sources ?? []).map((source) => agedSource(source, age));
  }

  /** Where it listens. */
  get endpoint(): Endpoint | undefined {
    return this.#endpoint;
  }

  /** Blocks of pieces that it has not finished, as of when it left. */
  get begun(): readonly BegunRecord[] {
    return this.#begun;
  }

  /** How many pieces it fetched. */
  get pieces(): number {
    return this.#pieces;
  }

  /** Its peers, as it reported them while somebody looked. */
  get peerList(): readonly PeerStatus[] {
    return this.#peerList;
  }

  /** How many peers of its own have each piece; undefined: not told yet. */
  get availability(): Uint16Array | undefined {
    return this.#availability;
  }

  /** The peers that it is connected with, by `formatEndpoint`. */
  get connected(): Pick<LateMap<string, Endpoint>, 'has' | 'size' | 'keys' | 'values'> {
    return this.#connected;
  }

  /** How those outside see its address, or what its router says. */
  get seenAs(): string | undefined {
    return this.#status?.seenAs ?? this.outer?.host;
  }

  /** Where a router makes it reachable from outside. */
  get outer(): Endpoint | undefined {
    const { reachability } = this.#status ?? {};
    const mapping = reachability?.kind === 'reached' ? reachability.mapping : reachability;
    if (mapping?.kind !== 'mapped' || mapping.host === undefined) return undefined;
    return { host: mapping.host, port: mapping.port };
  }

  /** It took part for so long in earlier runs of the program. */
  tookPart(before: Millis): void {
    this.#activeBefore += before;
  }

  /** A run begins: it goes on with what it left there. */
  beginWith(begun: readonly BegunRecord[]): void {
    this.#seed = false;
    this.#begun = begun;
  }

  /** It takes part as soon as its process is ready. */
  called(): void {
    this.#phase = 'waiting';
  }

  /** It was given the download. */
  began(now: Millis): void {
    this.#phase = 'active';
    this.#since ??= now;
  }

  /** It was told to leave. */
  dismissed(): void {
    this.#phase = 'leaving';
  }

  /** It no longer has the download. */
  left(now: Millis, begun = this.#begun): void {
    this.#ended(now);
    this.#begun = begun;
    this.#phase = 'left';
  }

  /** Its process died. `wall`: Unix milliseconds; `gaveUp`: it is not started again. */
  died(now: Millis, wall: Millis, gaveUp: boolean): void {
    this.#ended(now);
    this.#begun = [];
    this.#restarts++;
    this.#restarted = wall;
    this.#phase = this.#phase === 'leaving' ? 'left' : gaveUp ? 'given-up' : 'restarting';
  }

  /** It is told to be an ordinary seed, or, as something is missing again, has found out itself that it is none. */
  seeds(seed: boolean): void {
    this.#seed = seed;
  }

  /** How it stands. The last report of an identity that is leaving has what came since the one before. */
  reported(status: SwarmStatus, now: Millis): void {
    if (this.#phase !== 'active' && this.#phase !== 'leaving') return;
    this.#down.add(status.downloaded - (this.#status?.downloaded ?? 0), now);
    this.#up.add(status.uploaded - (this.#status?.uploaded ?? 0), now);
    this.#status = status;
    this.#reportedAt = now;
    if (status.endpoint !== undefined) this.#endpoint = status.endpoint;
    if (status.peerList !== undefined)
      this.#peerList = (this.#peerRates ??= new PeerRates()).shown(status.peerList, now);
  }

  listens(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
  }

  /** A connection was made or is gone. */
  connection(endpoint: Endpoint, connected: boolean): void {
    const key = formatEndpoint(endpoint);
    if (connected) this.#connected.set(key, endpoint);
    else this.#connected.delete(key);
  }

  sees(availability: Uint16Array): void {
    this.#availability = availability;
  }

  /** It fetched a piece. */
  fetched(): void {
    this.#pieces++;
  }

  /** Whether it takes part, or will again. */
  get taking(): boolean {
    return this.#phase === 'waiting' || this.#phase === 'active' || this.#phase === 'restarting';
  }

  /** How it leaves. */
  get link(): MemberLink {
    return this.#link;
  }

  /** The address that it is bound to; the name of an interface while that is missing. */
  get address(): string | undefined {
    return this.#link.address;
  }

  /** The proxy by which alone it leaves. */
  get proxy(): ProxyChoice | undefined {
    return this.#link.proxy;
  }

  /** Whether its link may be used to fetch. */
  get fetches(): boolean {
    return this.#link.role !== 'seed';
  }

  /** Whether its link may be used to upload. */
  get uploads(): boolean {
    return this.#link.role !== 'fetch';
  }

  /** It leaves by this link from its next beginning on. */
  bindTo(link: MemberLink): void {
    this.#link = link;
  }

  /** False while the interface that it is to be bound to is missing. */
  get hasAddress(): boolean {
    return this.address === undefined || canonicalIp(this.address) !== undefined;
  }

  /** Limits came: the rates that are shown are no higher from now on. */
  limited({ down, up }: RateLimits, now: Millis): void {
    this.#down.cut(down, now);
    this.#up.cut(up, now);
  }

  /** The rates of the last seconds, as they are shown. */
  recent(now: Millis): RateLimits {
    return { down: this.#down.rate(now), up: this.#up.rate(now) };
  }

  /** Whether it either has nothing to do with the download, or takes part in it without a peer. */
  get idle(): boolean {
    if (this.#phase === 'left' || this.#phase === 'given-up') return true;
    // A seed that nothing was heard of yet is to be looked at when something is.
    const { down, up, peers } = this.#status ?? { down: 0, up: 0, peers: this.#seed ? 0 : 1 };
    return this.#phase === 'active' && this.hasAddress && peers === 0 && down === 0 && up === 0;
  }

  /** The steadier rate that limits are divided by. */
  get down(): number {
    return this.#status?.down ?? 0;
  }

  get up(): number {
    return this.#status?.up ?? 0;
  }

  /** Payload bytes of all its processes in this download. */
  get downloaded(): number {
    return this.#past.downloaded + (this.#status?.downloaded ?? 0);
  }

  get uploaded(): number {
    return this.#past.uploaded + (this.#status?.uploaded ?? 0);
  }

  get totals(): { readonly downloaded: number; readonly uploaded: number; readonly wasted: number } {
    const wasted = this.#past.wasted + (this.#status?.wasted ?? 0);
    return { downloaded: this.downloaded, uploaded: this.uploaded, wasted };
  }

  /** It fetched a whole piece that another identity had meanwhile: these bytes are wasted. */
  wasted(bytes: number): void {
    this.#past = { ...this.#past, wasted: this.#past.wasted + bytes };
  }

  active(now: Millis): Millis {
    return millis(this.#activeBefore + (this.#since === undefined ? 0 : now - this.#since));
  }

  /** `claimed`, `held`: pieces; see `IdentitySnapshot`. */
  snapshot(now: Millis, pid: number | undefined, claimed: number, held: number): IdentitySnapshot {
    const { downloaded, uploaded, wasted } = this.totals;
    // If it listens on all addresses it has none of its own.
    const listens = this.#endpoint?.host;
    const address = listens === undefined || isWildcard(listens) ? this.address : listens;
    const place = this.proxy === undefined ? undefined : parseProxyUrl(this.proxy.url);
    return {
      index: this.index,
      state: this.#state(),
      // Behind a proxy it neither has an address nor listens.
      ...(place !== undefined && { proxy: shownProxy(place) }),
      ...(this.link.name !== undefined && { link: this.link.name }),
      ...(this.link.wait !== undefined && { waits: this.link.wait }),
      ...(place === undefined && address !== undefined && this.link.wait === undefined && { address }),
      ...(place === undefined && this.#endpoint !== undefined && { port: this.#endpoint.port }),
      pieces: this.#pieces,
      held,
      rate: this.recent(now),
      downloaded: bytes(downloaded),
      uploaded: bytes(uploaded),
      wasted: bytes(wasted),
      peers: this.#status?.peers ?? 0,
      seeds: this.#status?.seeds ?? 0,
      punched: this.#status?.punched ?? 0,
      claimed,
      reachability: this.#status?.reachability ?? { kind: 'unknown' },
      sources: this.#status === undefined ? {} : sourceCounts(this.#status),
      active: this.active(now),
      restarts: this.#restarts,
      ...(this.#restarted === undefined ? {} : { restarted: this.#restarted }),
      ...(pid === undefined ? {} : { pid }),
    };
  }

  /** Its process no longer has the download: its totals are kept, but not what it knew of the swarm. */
  #ended(now: Millis): void {
    this.#past = this.totals;
    this.#status = undefined;
    this.#endpoint = undefined;
    this.#availability = undefined;
    this.#connected.clear();
    this.#peerList = [];
    if (this.#since !== undefined) this.#activeBefore += now - this.#since;
    this.#since = undefined;
  }

  #state(): IdentityState {
    switch (this.#phase) {
      case 'waiting':
        return 'starting';
      case 'left':
      case 'leaving':
        return 'left';
      case 'restarting':
        return 'restarting';
      case 'given-up':
        return 'given-up';
      case 'active':
        return this.#status?.state === 'fetching-metadata' ? 'downloading' : (this.#status?.state ?? 'starting');
    }
  }
}

/** The identities of a new download, each with its link. */
export function newMembers(links: readonly MemberLink[], random: Random, newPeerId: () => PeerId): Member[] {
  return links.map((link, i) => {
    const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
    return new Member(identityIndex(i), newPeerId(), ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, link);
  });
}

/** The first whose link can be used now, else the first. */
export function firstAble(members: readonly Member[]): Member | undefined {
  return members.find(({ link }) => link.wait === undefined) ?? members[0];
}

/** Throws EnsembleError('usage') for an identity that a download does not have. */
export function expectMember(members: readonly Member[], identity: IdentityIndex): void {
  if (members[identity] !== undefined) return;
  throw new EnsembleError('usage', `There is no identity ${identity + 1} in this download.`);
}
