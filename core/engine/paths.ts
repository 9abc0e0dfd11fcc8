import type { LinkKind, PathVerdict } from '../base/choices.ts';
import type { LinkSnapshot } from './link-profiles.ts';

/** A command of the system, as words. */
export type SystemCommand = readonly string[];

/** A local address, and by which link what is sent from it leaves. `null`: there is none, or it is not known. */
export interface PathFound {
  readonly interfaceName: string;
  readonly address: string;
  readonly family: 4 | 6;
  readonly kind: LinkKind;
  /** Whether something is plugged in. */
  readonly up: boolean;
  /** An IPv6 address that lasts for some hours or days only. */
  readonly temporary: boolean;
  /** An IPv6 address that nothing new should use. */
  readonly deprecated: boolean;
  /** The link's router. */
  readonly gateway: string | null;
  readonly verdict: PathVerdict;
  /** The interface by which its packets leave, and the router that they go to. */
  readonly leavesBy: string | null;
  readonly to: string | null;
  /** What the system says where they do not leave. */
  readonly why: string | null;
  /** Commands that set it right, and those that take that back; empty where it is right, or none are known. */
  readonly make: readonly SystemCommand[];
  readonly undo: readonly SystemCommand[];
}

/** The ways out of this machine. */
export interface PathsFound {
  readonly paths: readonly PathFound[];
  /** Groups of addresses that leave by the same way: together they carry what one carries. */
  readonly shared: readonly (readonly string[])[];
}

/** The same with what downloads send by them, and how those whom they speak to see the addresses. */
export interface PathsInUse extends PathsFound {
  readonly paths: readonly (PathFound & { readonly outside: string | null })[];
  readonly links: readonly LinkSnapshot[];
}

interface Seen {
  readonly address: string;
  /** How others see it. */
  readonly outside: string | null;
}

/** Groups of addresses that others see as one, but for those in one of the groups `shared`: behind a router they may share a line. */
export function seenAsOne(paths: readonly Seen[], shared: PathsFound['shared']): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const { address, outside } of paths) {
    if (outside !== null) groups.set(outside, [...(groups.get(outside) ?? []), address]);
  }
  return [...groups.values()].filter(
    (group) => group.length > 1 && !shared.some((known) => group.every((address) => known.includes(address))),
  );
}
