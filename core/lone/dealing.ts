import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import type { IdentityIndex } from '../base/ids.ts';
import { isWildcard } from '../base/ip.ts';

/** What matters of an identity when peers are dealt. */
interface Dialler {
  readonly index: IdentityIndex;
  /** Where it listens; undefined while it does not listen. */
  readonly endpoint: Endpoint | undefined;
  readonly machine: string;
}

/**
 * The peers that this identity is to dial: identities behind one address never dial the same peer (A16). Each living identity works
 * out the same division by itself; the peers of a dead one go to the others.
 */
export function dealtTo<Peer extends Endpoint>(
  own: Dialler,
  siblings: readonly (Dialler & { readonly alive: boolean })[],
  known: readonly Peer[],
): Peer[] {
  const there = siblings.filter((one) => one.alive && addressOf(one) === addressOf(own)).map((one) => one.index);
  const all = [...there, own.index].sort((a, b) => a - b);
  const place = all.indexOf(own.index);
  return known.filter((endpoint) => spread(formatEndpoint(endpoint)) % all.length === place);
}

/** Identities that did not bind to an address share that of their machine. */
function addressOf({ endpoint, machine }: Dialler): string {
  const host = endpoint?.host ?? '';
  // A sibling that does not listen yet has an empty host.
  return host === '' || isWildcard(host) ? `machine ${machine}` : host;
}

/** A hash of the text that is the same on every machine. */
function spread(text: string): number {
  let n = 0;
  for (let i = 0; i < text.length; i++) n = (Math.imul(n, 31) + text.charCodeAt(i)) >>> 0;
  return n;
}
