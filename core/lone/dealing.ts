import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import type { IdentityIndex } from '../base/ids.ts';
import { isWildcard } from '../base/ip.ts';

/** An identity, as far as the dealing of peers goes. */
interface Dialler {
  readonly index: IdentityIndex;
  /** Where it listens; undefined while it does not. */
  readonly endpoint: Endpoint | undefined;
  readonly machine: string;
}

/**
 * The peers that are one's own to dial: identities behind one address never dial the same peer (A16). All that live
 * there come to the same answer, each by itself; what a dead one would dial goes to the others.
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

/** Those who did not bind to an address share that of their machine. */
function addressOf({ endpoint, machine }: Dialler): string {
  const host = endpoint?.host ?? '';
  // A sibling that does not listen yet gives an empty one.
  return host === '' || isWildcard(host) ? `machine ${machine}` : host;
}

/** A number that depends on every character, the same on every machine. */
function spread(text: string): number {
  let n = 0;
  for (let i = 0; i < text.length; i++) n = (Math.imul(n, 31) + text.charCodeAt(i)) >>> 0;
  return n;
}
