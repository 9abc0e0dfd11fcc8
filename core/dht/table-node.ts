import type { Millis } from '../base/ids.ts';
import { type Contact, subnetOf } from './compact.ts';
import { isSecureId } from './secure-id.ts';

/** Ages after which a node has to be asked again before it counts as good (BEP 5). */
const GOOD_FOR = 15 * 60_000;

export const NEVER = -1;

/** What the routing table knows of a node. Times are NEVER, or milliseconds as the node's owner counts them. */
export interface TableNode extends Contact {
  readonly subnet: string;
  /** Its id follows from its address (BEP 42). */
  readonly secure: boolean;
  /** Milliseconds that it takes to answer. */
  rtt: number;
  /** Questions in a row that it did not answer. */
  fails: number;
  answeredAt: number;
  /** It asked us something. */
  heardAt: number;
  askedAt: number;
}

export function newNode({ id, host, port }: Contact): TableNode {
  const secure = isSecureId(id, host);
  const times = { answeredAt: NEVER, heardAt: NEVER, askedAt: NEVER };
  return { id, host, port, subnet: subnetOf(host), secure, rtt: Infinity, fails: 0, ...times };
}

/** When it last showed that it is there. */
export function seenAt(node: TableNode): number {
  return Math.max(node.answeredAt, node.heardAt);
}

/** It has answered ever, nothing failed since, and it was seen lately (BEP 5). */
export function isGood(node: TableNode, now: Millis): boolean {
  return node.answeredAt >= 0 && node.fails === 0 && now - seenAt(node) < GOOD_FOR;
}

/** Whether `a` is rather kept than `b`. */
export function better(a: TableNode, b: TableNode): boolean {
  if (a.fails !== b.fails) return a.fails < b.fails;
  if (a.answeredAt >= 0 !== b.answeredAt >= 0) return a.answeredAt >= 0;
  if (a.secure !== b.secure) return a.secure;
  return a.rtt < b.rtt;
}
