import type { PathVerdict } from '../base/choices.ts';
import { deviceOf, type InterfaceFacts, type LocalAddress } from '../ports/interfaces.ts';

/** Where the system sends a packet from one address to the internet, by its own route look-up. */
export type WayTaken =
  | { readonly kind: 'leaves'; readonly by: string; readonly gateway?: string }
  /** It has no route for it. `why`: what the system says. */
  | { readonly kind: 'none'; readonly why: string }
  /** It cannot be asked. */
  | { readonly kind: 'untold' };

/** An address of this machine with the link that it lies on. */
export interface Link {
  readonly own: LocalAddress;
  readonly at: InterfaceFacts;
  /** The router of the link, where one is known. */
  readonly gateway?: string;
  readonly way: WayTaken;
}

/** Whether who binds its address leaves by its link. */
export function judge({ own, way }: Pick<Link, 'own' | 'way'>): PathVerdict {
  switch (way.kind) {
    case 'leaves':
      return way.by === deviceOf(own) ? 'own' : 'elsewhere';
    case 'none':
      return 'nowhere';
    case 'untold':
      return 'untold';
  }
}

/** Whether its packets have a way that is not missing for want of a rule: with one, or with a router named, they leave by their link. */
export function canBeSetRight(link: Link): boolean {
  const verdict = judge(link);
  if (verdict !== 'elsewhere' && verdict !== 'nowhere') return false;
  return link.at.up && (link.gateway !== undefined || link.at.pointToPoint);
}

/** Groups of addresses whose packets leave by the same interface to the same router: together they carry what one carries. */
export function sharedWays(links: readonly Link[]): readonly (readonly Link[])[] {
  const ways = new Map<string, Link[]>();
  for (const link of links) {
    if (link.way.kind !== 'leaves') continue;
    const key = `${link.own.family} ${link.way.by} ${link.way.gateway ?? ''}`;
    ways.set(key, [...(ways.get(key) ?? []), link]);
  }
  return [...ways.values()].filter((group) => group.length > 1);
}
