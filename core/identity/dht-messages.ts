import * as v from 'valibot';
import { dhtNodeStatus } from '../engine/statuses.ts';
import { count, endpoint, flag, type Frozen, host, identity, infoHash, listOf, port } from '../engine/values.ts';
import { variantBy } from '../engine/variant-by.ts';
import { proxy } from './message-parts.ts';

// What coordinator and identities say to each other of the DHT. A node stands for a local address, in the first process that has a
// socket there; the other processes' searches go to it by way of the coordinator.

/** Most of our own addresses in a message. */
const MOST_ADDRESSES = 256;
const addresses = v.pipe(v.array(v.object({ address: host, port })), v.maxLength(MOST_ADDRESSES));
const peers = v.pipe(v.array(endpoint), v.maxLength(1000));
/** Unique among the searches of one process. */
const id = count;
const announce = v.exactOptional(v.object({ port, seed: flag }));
const search = { id, address: host, infoHash, announce };
const found = { id, peers };
/** The search is over. */
const searched = { id, nodes: count, announced: count };
/** There may be nodes at these places. */
const heard = { address: host, nodes: peers };

/** What a node keeps from one run to the next; whoever starts it with that checks it. */
export const keptNode = v.object({
  version: v.literal(1),
  family: v.picklist([4, 6]),
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
  nodes: v.pipe(v.array(v.pipe(v.string(), v.maxLength(100))), v.maxLength(200)),
});
export type KeptNode = Frozen<v.InferOutput<typeof keptNode>>;

export const dhtToIdentity = variantBy('type', [
  /** Which nodes run in this process, and where the others of this machine are. Well-known nodes to start from. */
  v.object({
    type: v.literal('dht-nodes'),
    here: v.pipe(v.array(v.object({ address: host, kept: v.exactOptional(keptNode) })), v.maxLength(MOST_ADDRESSES)),
    elsewhere: addresses,
    bootstrap: listOf(endpoint),
  }),
  /** Another process wants your node at this address to search. */
  v.object({ type: v.literal('dht-search'), from: identity, ...search }),
  v.object({ type: v.literal('dht-cancel'), from: identity, id }),
  v.object({ type: v.literal('dht-found'), ...found }),
  v.object({ type: v.literal('dht-searched'), ...searched }),
  v.object({ type: v.literal('dht-heard'), ...heard }),
  /** Nodes at this address (undefined: at all of the machine) run also while no torrent wants them, or no longer so. */
  v.object({
    type: v.literal('dht-always'),
    on: flag,
    address: v.exactOptional(host),
    proxy: v.exactOptional(proxy),
    port,
  }),
]);
export type DhtToIdentity = Frozen<v.InferOutput<typeof dhtToIdentity>>;

export const dhtFromIdentity = variantBy('type', [
  /** The addresses where torrents of this process want nodes, each with its UDP port: the whole list each time. */
  v.object({ type: v.literal('dht-addresses'), addresses }),
  v.object({ type: v.literal('dht-search'), ...search }),
  v.object({ type: v.literal('dht-cancel'), id }),
  v.object({ type: v.literal('dht-found'), to: identity, ...found }),
  v.object({ type: v.literal('dht-searched'), to: identity, ...searched }),
  v.object({ type: v.literal('dht-heard'), ...heard }),
  /** To be kept for the next run. */
  v.object({ type: v.literal('dht-kept'), address: host, kept: keptNode }),
  /** All nodes of this process. */
  v.object({ type: v.literal('dht-status'), nodes: v.pipe(v.array(dhtNodeStatus), v.maxLength(MOST_ADDRESSES)) }),
]);
export type DhtFromIdentity = Frozen<v.InferOutput<typeof dhtFromIdentity>>;
