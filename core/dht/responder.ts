import { parseIp } from '../base/ip.ts';
import type { BencodeDict } from '../bencode/bencode.ts';
import { binaryText } from '../bencode/binary-text.ts';
import { compactEndpoint, compactNodes } from './compact.ts';
import type { DhtSibling, Family } from './contract.ts';
import { type AnswerHead, ErrorCode, type Fields, MAX_MESSAGE_OUT, encodeError, encodeReply } from './krpc-encode.ts';
import { type KrpcQuery, bytesIn, flagIn, listIn } from './krpc.ts';
import { NEAREST } from './lookup.ts';
import { type NodeId, asNodeId } from './node-id.ts';
import { PeerStore } from './peer-store.ts';
import type { Self } from './self.ts';
import { Tokens } from './tokens.ts';

/** Most peers in one answer; `bytes`: what each takes in it. */
const VALUES = { 4: { most: 100, bytes: 8 }, 6: { most: 25, bytes: 21 } };
/** At most what a message of ours takes besides nodes, peers and filters. */
const FRAME_BYTES = 180;
/** Two filters with their keys (BEP 33). */
const FILTERS_BYTES = 532;

/** Answers what other nodes ask, from the table and from the peers that they announced here. */
export class Responder {
  readonly store: PeerStore;
  readonly #self: Self;
  readonly #tokens: Tokens;
  readonly #sibling: () => DhtSibling | undefined;

  constructor(self: Self, sibling: () => DhtSibling | undefined) {
    this.#self = self;
    this.#sibling = sibling;
    this.store = new PeerStore(self.random, self.family);
    this.#tokens = new Tokens(self.random, self.now());
  }

  /** The answer, also a refusal; undefined where there is none to give. */
  answer(query: KrpcQuery, host: string, port: number): Uint8Array | undefined {
    const ip = compactEndpoint(host, port);
    if (ip === undefined) return undefined;
    const head: AnswerHead = { transaction: query.transaction, version: this.#self.rpc.version, ip };
    const answer = query.id === undefined ? 'no valid id' : this.#answer(query, host, port);
    if (answer === undefined) return encodeError(ErrorCode.unknownMethod, 'unknown method', head);
    if (typeof answer === 'string') return encodeError(ErrorCode.protocol, answer, head);
    return encodeReply(this.#self.table.id, answer, head);
  }

  /** What is returned, or what is wrong with the question; undefined: nobody knows such a question. */
  #answer({ method, args }: KrpcQuery, host: string, port: number): Fields | string | undefined {
    switch (method) {
      case 'ping':
        return {};
      case 'find_node': {
        const target = asNodeId(bytesIn(args, 'target'));
        return target === undefined ? 'no valid target' : this.#nodes(target, args, MAX_MESSAGE_OUT - FRAME_BYTES);
      }
      case 'get_peers':
        return this.#peers(args, host);
      case 'announce_peer':
        return this.#announce(args, host, port);
      case 'sample_infohashes':
        return this.#sample(args);
      default:
        return undefined;
    }
  }

  #peers(args: BencodeDict, host: string): Fields | string {
    const hash = asNodeId(bytesIn(args, 'info_hash'));
    const ip = parseIp(host);
    if (hash === undefined || ip === undefined) return 'no valid info_hash';
    const { family, random } = this.#self;
    const now = this.#self.now();
    const kept = this.store.find(hash, now);
    // Without a token the torrent is announced to our neighbours instead.
    const token = this.store.takes(hash, ip, host) ? this.#tokens.issue(ip, hash, now) : undefined;
    const filters = flagIn(args, 'scrape') ? kept?.filters() : undefined;
    let room = MAX_MESSAGE_OUT - FRAME_BYTES - (filters ? FILTERS_BYTES : 0);
    const nodes = this.#nodes(hash, args, room);
    for (const list of Object.values(nodes)) if (list instanceof Uint8Array) room -= list.length;
    const { most, bytes } = VALUES[family];
    const values = kept?.pick(Math.min(most, Math.floor(room / bytes)), !flagIn(args, 'noseed'), random) ?? [];
    return {
      ...nodes,
      ...(filters ? { BFsd: filters.seeds, BFpe: filters.peers } : {}),
      token,
      values: values.length > 0 ? values : undefined,
    };
  }

  #announce(args: BencodeDict, host: string, from: number): Fields | string {
    const hash = asNodeId(bytesIn(args, 'info_hash'));
    const token = bytesIn(args, 'token');
    const ip = parseIp(host);
    const said = args['port'];
    if (hash === undefined || ip === undefined) return 'no valid info_hash';
    if (typeof said !== 'number') return 'no port';
    const port = flagIn(args, 'implied_port') ? from : said;
    if (port < 1 || port > 65535) return 'no valid port';
    const now = this.#self.now();
    if (token === undefined || !this.#tokens.valid(token, ip, hash, now)) return 'no valid token';
    this.store.announce(hash, ip, host, port, flagIn(args, 'seed'), now);
    return {};
  }

  #sample(args: BencodeDict): Fields | string {
    const target = asNodeId(bytesIn(args, 'target'));
    if (target === undefined) return 'no valid target';
    const { hashes, total, interval } = this.store.sample(this.#self.now());
    const samples = new Uint8Array(hashes.length * 20);
    for (const [i, hash] of hashes.entries()) samples.set(hash, i * 20);
    const nodes = this.#nodes(target, args, MAX_MESSAGE_OUT - FRAME_BYTES - samples.length);
    return { ...nodes, interval, num: total, samples };
  }

  /** The nodes nearest to a target, of the families that are wanted (BEP 32); the other family's only where they fit in `room` too. */
  #nodes(target: NodeId, args: BencodeDict, room: number): Fields {
    const { family } = this.#self;
    const want = listIn(args, 'want').map(binaryText);
    const wants = (which: Family): boolean => (want.length === 0 ? which === family : want.includes(`n${which}`));
    const out: { [key: string]: Uint8Array } = {};
    if (wants(family)) out[keyOf(family)] = closestNodes(this.#self, target);
    const other = family === 4 ? 6 : 4;
    const theirs = wants(other) ? this.#sibling()?.closestNodes(target) : undefined;
    if (theirs && theirs.length + (out[keyOf(family)]?.length ?? 0) <= room) out[keyOf(other)] = theirs;
    return out;
  }
}

/** The good nodes nearest to a target, in compact form. */
export function closestNodes({ table, family }: Self, target: NodeId): Uint8Array {
  return compactNodes(
    table.closest(target, NEAREST, ({ fails }) => fails === 0),
    family,
  );
}

const keyOf = (family: Family): string => (family === 4 ? 'nodes' : 'nodes6');
