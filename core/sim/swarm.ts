import type { DownloadSetup } from '../identity/messages.ts';
import type { Torrent } from '../metainfo/torrent.ts';
import type { BucketServer } from '../ports/buckets.ts';
import type { Clock } from '../ports/clock.ts';
import { SimClient } from './client.ts';
import { VirtualClock } from './clock.ts';
import type { MemoryDisk } from './disk.ts';
import type { Lan } from './lan.ts';
import { SimMachine } from './machine.ts';
import type { LinkOptions } from './net-link.ts';
import type { SimHost } from './net-host.ts';
import { SimNet } from './net.ts';
import { SeededRandom } from './random.ts';
import type { SimTorrent } from './torrent.ts';
import { simTorrent } from './torrent.ts';
import { SimTracker } from './tracker.ts';
import type { WirePeerOptions } from './wire-peer.ts';
import { WirePeer } from './wire-peer.ts';

/** Each address of a machine has a line of its own, which the identities behind that address share. */
export interface SimMachineOptions extends LinkOptions {
  readonly addresses?: readonly string[];
  readonly disk?: MemoryDisk;
  /** The server where it meets other machines. */
  readonly buckets?: (clock: Clock) => BucketServer;
}

/** One torrent, its tracker and the peers that share it, on a virtual clock. The same seed gives the same run. */
export class SimSwarm {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly net: SimNet;
  readonly tracker: SimTracker;
  readonly torrent: Torrent;
  readonly payload: Uint8Array;
  readonly clients: SimClient[] = [];

  constructor(
    seed: number,
    options: Pick<Parameters<typeof simTorrent>[1], 'files' | 'pieceLength' | 'private' | 'version'> & {
      /** Without it the peers have to find each other in other ways. */
      readonly tracked?: boolean;
      /** False: all have it without its piece layers (BEP 52), as from a link of version 1. */
      readonly layers?: boolean;
    },
  ) {
    this.random = new SeededRandom(seed);
    this.net = new SimNet(this.clock, this.random);
    this.tracker = new SimTracker(this.clock);
    const made: SimTorrent = simTorrent(this.random, {
      ...options,
      trackers: options.tracked === false ? [] : [[this.tracker.url]],
    });
    const { pieceRoots: _, ...bare } = made.torrent.info;
    this.torrent = options.layers === false ? { ...made.torrent, info: bare } : made.torrent;
    this.payload = made.payload;
  }

  /** An ordinary client that has everything; `lan`: behind a NAT. */
  seed(address: string, link: LinkOptions, changes: Partial<DownloadSetup> = {}, lan?: Lan): SimClient {
    const client = this.#client(address, link, lan);
    client.add(this.torrent, this.payload, changes);
    return client;
  }

  /** An ordinary client that has nothing yet. */
  leecher(address: string, link: LinkOptions, changes: Partial<DownloadSetup> = {}, lan?: Lan): SimClient {
    const client = this.#client(address, link, lan);
    client.add(this.torrent, undefined, changes);
    return client;
  }

  /** An ordinary client that has nothing but a magnet link. */
  seeker(address: string, link: LinkOptions): SimClient {
    const client = this.#client(address, link);
    client.addMagnet(this.torrent);
    return client;
  }

  /** Our program on a machine of its own. */
  machine(options: SimMachineOptions = {}): SimMachine {
    const { addresses = ['10.9.0.1'], disk, buckets, ...link } = options;
    const host = this.net.host(addresses, { latency: 10, ...link });
    return new SimMachine({
      clock: this.clock,
      random: this.random,
      host,
      http: this.tracker.http(addresses[0] ?? ''),
      ...(disk === undefined ? {} : { disk }),
      ...(buckets === undefined ? {} : { buckets }),
    });
  }

  /** A peer for which the test speaks; well-behaved seeds answer with `serve`. It does not announce itself: tell others about it. */
  wirePeer(address: string, link: LinkOptions, script: Partial<WirePeerOptions> = {}): WirePeer {
    return this.wirePeerOn(this.net.host(address, { latency: 10, ...link }), address, script);
  }

  /** As `wirePeer`, as one of several on a machine. */
  wirePeerOn(host: SimHost, address: string, script: Partial<WirePeerOptions> = {}): WirePeer {
    return new WirePeer({ clock: this.clock, host, address, torrent: this.torrent, ...script });
  }

  /** The right bytes of a block. */
  block(piece: number, begin: number, length: number): Uint8Array {
    const at = piece * this.torrent.info.pieceLength + begin;
    return this.payload.subarray(at, at + length);
  }

  #client(address: string, link: LinkOptions, lan: Lan = this.net): SimClient {
    const host = lan.host(address, { latency: 10, ...link });
    const client = new SimClient({
      clock: this.clock,
      random: this.random,
      host,
      address,
      http: this.tracker.http(address),
    });
    this.clients.push(client);
    return client;
  }
}
