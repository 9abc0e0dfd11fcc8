import { fromHex, toHex } from '../base/bytes.ts';
import { type Endpoint, formatEndpoint, parseEndpoint } from '../base/endpoint.ts';
import { familyOf, parseIp } from '../base/ip.ts';
import type { Family, SavedDht } from './contract.ts';
import { type NodeId, asNodeId } from './node-id.ts';

/** Most nodes in what is kept. */
export const MAX_SAVED_NODES = 200;

export function savedDht(family: Family, id: NodeId, nodes: readonly Endpoint[]): SavedDht {
  return { version: 1, family, id: toHex(id), nodes: nodes.slice(0, MAX_SAVED_NODES).map(formatEndpoint) };
}

/** What an earlier run kept, checked; undefined where it is of another family or version, or not what `save` writes. */
export function readSavedDht(value: unknown, family: Family): SavedDht | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, family: kept, id, nodes } = value as { readonly [key: string]: unknown };
  if (version !== 1 || kept !== family || typeof id !== 'string' || savedId(id) === undefined) return undefined;
  if (!Array.isArray(nodes) || nodes.length > MAX_SAVED_NODES) return undefined;
  if (!nodes.every((node): node is string => typeof node === 'string')) return undefined;
  return savedPlaces(nodes, family).length === nodes.length ? { version: 1, family, id, nodes } : undefined;
}

export function savedId(id: string): NodeId | undefined {
  return asNodeId(fromHex(id));
}

/** Where the kept nodes are; those that are no addresses of this family are left out. */
export function savedPlaces(nodes: readonly string[], family: Family): Endpoint[] {
  return nodes.flatMap((text) => {
    const endpoint = parseEndpoint(text);
    return endpoint && parseIp(endpoint.host) && familyOf(endpoint.host) === family ? [endpoint] : [];
  });
}
