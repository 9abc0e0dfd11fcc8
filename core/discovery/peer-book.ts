import { formatEndpoint } from '../base/endpoint.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { type FoundPeer, lastingFacts, type PeerSourceKind } from '../base/peer-source.ts';
import { canonicalIp } from '../base/ip.ts';
import { keepNewest } from '../base/keep-newest.ts';
import { inTurns, makeRoomFrom } from '../strategy/peers/source-quota.ts';
import { dialable } from './peer-lists.ts';

/** Most peers that are known for one download. */
const MOST_PEERS = 2000;
/** With more bans than this the oldest one ends. */
const MOST_BANS = 10_000;
/** Waits after the first, second, ... failure, in ms. After one failure more the peer is forgotten. */
const WAITS = [10_000, 30_000, 120_000, 600_000, 1_800_000] as const;

/** How long two seeds leave each other alone at first, twice as long each time, and at most. */
const USELESS = 1_800_000;
const USELESS_AT_MOST = 86_400_000;
/** A peer that perhaps does not listen where it was named counts as if it had failed once. */
const UNSURE = 1;

interface BookEntry {
  peer: FoundPeer;
  failures: number;
  /** When it may be dialled again. */
  readyAt: number;
  /** When it last ended or failed, and has to wait for that. */
  waitsSince: number;
  connected: boolean;
  /** How often it turned out that neither side had anything to give. */
  useless: number;
  /** Its canonical priority (BEP 40); null: not worked out. */
  priority: number | null;
}

const NEW: Omit<BookEntry, 'peer'> = {
  failures: 0,
  readyAt: -Infinity,
  waitsSince: -Infinity,
  connected: false,
  useless: 0,
  priority: null,
};

/**
 * The peers that one identity knows of: whom to dial next, who has to wait after failures, who is banned.
 * Pure: time comes in as milliseconds of any clock.
 */
export class PeerBook {
  readonly #peers = new Map<string, BookEntry>();
  /** How many of the known peers each source named. */
  readonly #counts = new Map<PeerSourceKind, number>();
  readonly #banned = new Set<string>();
  readonly #most: number;
  readonly #priorityOf: (endpoint: Endpoint) => number | undefined;

  /**
   * `most`: how many peers it knows at most. Then one of a source with more entries makes room, or one that failed, or the new one
   * is left out. `priorityOf`: who is dialled first among equals.
   */
  constructor(most: number = MOST_PEERS, priorityOf: (endpoint: Endpoint) => number | undefined = () => undefined) {
    this.#most = most;
    this.#priorityOf = priorityOf;
  }

  /** How many are known, connected ones included. */
  get size(): number {
    return this.#peers.size;
  }

  /** Whether anybody is banned. */
  get bans(): boolean {
    return this.#banned.size > 0;
  }

  /** How many each source named. */
  get counts(): ReadonlyMap<PeerSourceKind, number> {
    return this.#counts;
  }

  /** Adds peers that may be dialled and are not banned; returns how many were new. Port 0, names, multicast and the like are skipped. */
  add(peers: Iterable<FoundPeer>): number {
    let added = 0;
    for (const { host, port, source, unsure, ...facts } of peers) {
      const endpoint = dialable(host, port);
      if (!endpoint || this.#banned.has(endpoint.host)) continue;
      const key = formatEndpoint(endpoint);
      const known = this.#peers.get(key);
      const lasting = lastingFacts(known?.peer, facts);
      if (known !== undefined && unsure !== true) known.peer = { ...endpoint, source: known.peer.source, ...lasting };
      if (known !== undefined || (this.#peers.size >= this.#most && !this.#makeRoom(source))) continue;
      const peer = { ...endpoint, source, ...(unsure === true && { unsure }), ...lasting };
      this.#peers.set(key, { peer, ...NEW });
      this.#counts.set(source, (this.#counts.get(source) ?? 0) + 1);
      added++;
    }
    return added;
  }

  /**
   * Up to `count` peers for which `may` holds, to dial now: those with the fewest failures first, among them those of each source in
   * turn, of a source those with the highest priority, then those known longest.
   */
  candidates(now: number, count: number, may: (endpoint: Endpoint) => boolean = () => true): FoundPeer[] {
    const rows: Map<PeerSourceKind, BookEntry[]>[] = [];
    for (const entry of this.#peers.values()) {
      const { peer, failures, readyAt, connected } = entry;
      if (connected || readyAt > now || !may(peer)) continue;
      entry.priority ??= this.#priorityOf(peer) ?? -1;
      const row = (rows[failures + (peer.unsure === true ? UNSURE : 0)] ??= new Map<PeerSourceKind, BookEntry[]>());
      const list = row.get(peer.source);
      if (list === undefined) row.set(peer.source, [entry]);
      else list.push(entry);
    }
    const out: FoundPeer[] = [];
    rows.forEach((row) => {
      for (const list of row.values()) list.sort((a, b) => (b.priority ?? -1) - (a.priority ?? -1));
      for (const { peer } of inTurns(row.values())) out.push(peer);
    });
    return out.slice(0, Math.max(0, count));
  }

  /** Priorities are to be worked out anew. */
  rerank(): void {
    for (const entry of this.#peers.values()) entry.priority = null;
  }

  /** A dial or handshake failed: the peer has to wait, longer each time, and is forgotten in the end. */
  failed(endpoint: Endpoint, now: number): void {
    const key = keyOf(endpoint);
    const peer = this.#peers.get(key);
    if (!peer) return;
    const wait = WAITS[peer.failures];
    if (wait === undefined) {
      this.#delete(key);
      return;
    }
    peer.failures++;
    peer.connected = false;
    peer.waitsSince = now;
    peer.readyAt = now + wait;
  }

  /** A peer is being dialled: it is no candidate until `connected`, `failed` or `gone` says how that went. */
  dialling(endpoint: Endpoint): void {
    const peer = this.#peers.get(keyOf(endpoint));
    if (peer) peer.connected = true;
  }

  /** A peer is connected. */
  connected(endpoint: Endpoint): void {
    const peer = this.#peers.get(keyOf(endpoint));
    if (!peer) return;
    peer.connected = true;
    peer.failures = 0;
    peer.readyAt = -Infinity;
  }

  /**
   * A peer's connection ended. With `now` it has to wait as after a first failure, so that one that hangs up at once is not dialled
   * in a loop.
   */
  gone(endpoint: Endpoint, now?: number): void {
    const peer = this.#peers.get(keyOf(endpoint));
    if (!peer) return;
    peer.connected = false;
    if (now === undefined) return;
    peer.waitsSince = now;
    peer.readyAt = Math.max(peer.readyAt, now + WAITS[0]);
  }

  /** What ended or failed since then did so for a reason of our own, such as an address that went: nobody has to wait for that. */
  forgive(since: number): void {
    for (const peer of this.#peers.values()) {
      if (peer.useless > 0 || peer.waitsSince < since) continue;
      peer.failures = Math.max(0, peer.failures - 1);
      peer.waitsSince = -Infinity;
      peer.readyAt = -Infinity;
    }
  }

  /** A peer is connected and neither side has anything to give: it is not dialled again for half an hour, the next time for an hour, ... */
  useless(endpoint: Endpoint, now: number): void {
    const peer = this.#peers.get(keyOf(endpoint));
    if (!peer) return;
    peer.readyAt = now + Math.min(USELESS_AT_MOST, USELESS * 2 ** peer.useless);
    peer.useless = Math.min(10, peer.useless + 1);
  }

  /** Peers that had nothing to give may have something now: they may be dialled again. */
  wantAgain(): void {
    for (const peer of this.#peers.values()) {
      if (peer.useless === 0) continue;
      peer.useless = 0;
      peer.readyAt = -Infinity;
    }
  }

  /** Forgets one endpoint, such as our own or a sibling's. */
  forget(endpoint: Endpoint): void {
    this.#delete(keyOf(endpoint));
  }

  /** No peer of this host is dialled or accepted again in this run. */
  ban(host: string): void {
    const banned = canonicalIp(host) ?? host;
    this.#banned.add(banned);
    keepNewest(this.#banned, MOST_BANS);
    for (const [key, { peer }] of this.#peers) if (peer.host === banned) this.#delete(key);
  }

  isBanned(host: string): boolean {
    return this.#banned.has(canonicalIp(host) ?? host);
  }

  #delete(key: string): void {
    const source = this.#peers.get(key)?.peer.source;
    if (source === undefined) return;
    this.#peers.delete(key);
    this.#counts.set(source, (this.#counts.get(source) ?? 1) - 1);
  }

  /**
   * Drops an unconnected peer for one of source `newcomer`: the one with the most failures of a source with more entries, or of the
   * same source if one failed.
   */
  #makeRoom(newcomer: PeerSourceKind): boolean {
    for (const source of makeRoomFrom(this.#counts, newcomer)) {
      let worst: string | undefined;
      let most = source === newcomer ? 0 : -1;
      for (const [key, { peer, connected, failures }] of this.#peers) {
        if (peer.source === source && !connected && failures > most) [worst, most] = [key, failures];
      }
      if (worst === undefined) continue;
      this.#delete(worst);
      return true;
    }
    return false;
  }
}

function keyOf({ host, port }: Endpoint): string {
  return formatEndpoint({ host: canonicalIp(host) ?? host, port });
}
