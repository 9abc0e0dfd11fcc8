import { type NodeId, bitAt, sharedBits } from './node-id.ts';
import type { TableNode } from './table-node.ts';
import { better } from './table-node.ts';

/**
 * Nodes of the first buckets, which cover most of all ids: more of them save steps of a look-up. The others have eight. So many
 * may be in reserve, too.
 */
const LIMITS = [128, 64, 32, 16];
const LEAST_LIMIT = 8;

/** The part of the table for ids that begin with so many bits of our own as the bucket's place says. */
export class Bucket {
  readonly limit: number;
  readonly #at: number;
  live: TableNode[] = [];
  /** Nodes for which there was no room, and such as were only heard of. */
  spare: TableNode[] = [];

  constructor(at: number) {
    this.#at = at;
    this.limit = LIMITS[at] ?? LEAST_LIMIT;
  }

  get full(): boolean {
    return this.live.length >= this.limit;
  }

  get nodes(): TableNode[] {
    return [...this.live, ...this.spare];
  }

  remove(node: TableNode): void {
    this.live = this.live.filter((other) => other !== node);
    this.spare = this.spare.filter((other) => other !== node);
  }

  /** Puts the best of the reserve that have answered where there is room. */
  fill(): void {
    while (!this.full) {
      let best: TableNode | undefined;
      for (const node of this.spare) {
        if (node.answeredAt >= 0 && node.fails === 0 && (best === undefined || better(node, best))) best = node;
      }
      if (best === undefined) return;
      this.spare = this.spare.filter((other) => other !== best);
      this.live.push(best);
    }
  }

  /**
   * The node of a full bucket that should make room for this one, if any: one that fails, else one of those whose ids lie close
   * together where the new one fills a gap, else a worse one beside it. `last`: both halves of what is left of all ids lie here.
   */
  worseThan(node: TableNode, last: boolean): TableNode | undefined {
    let failing: TableNode | undefined;
    for (const one of this.live) if (one.fails > (failing?.fails ?? 0)) failing = one;
    if (failing !== undefined) return failing;
    const slots = new Map<number, TableNode[]>();
    for (const one of this.live) {
      const slot = this.#slot(one.id, last);
      const there = slots.get(slot);
      if (there === undefined) slots.set(slot, [one]);
      else there.push(one);
    }
    const beside = slots.get(this.#slot(node.id, last));
    if (beside !== undefined) {
      const worst = worstOf(beside);
      return worst !== undefined && better(node, worst) ? worst : undefined;
    }
    return worstOf([...slots.values()].filter((there) => there.length > 1).flat());
  }

  /** Whether a bit parts these nodes, so that splitting the bucket makes room. */
  splits(id: NodeId): boolean {
    const bit = bitAt(id, this.#at);
    return this.live.some((node) => bitAt(node.id, this.#at) !== bit);
  }

  /** Keeps those that differ from `self` in the bucket's bit, and gives the others. */
  split(self: NodeId): TableNode[] {
    const moves = (node: TableNode): boolean => sharedBits(self, node.id) > this.#at;
    const out = this.nodes.filter(moves);
    this.live = this.live.filter((node) => !moves(node));
    this.spare = this.spare.filter((node) => !moves(node));
    this.fill();
    return out;
  }

  /** Which of as many equal parts of the bucket's ids as it has places this one lies in. */
  #slot(id: NodeId, last: boolean): number {
    const bits = Math.log2(this.limit);
    const from = this.#at + (last ? 0 : 1);
    let slot = 0;
    for (let i = 0; i < bits; i++) slot = slot * 2 + bitAt(id, Math.min(159, from + i));
    return slot;
  }
}

function worstOf(nodes: readonly TableNode[]): TableNode | undefined {
  let worst: TableNode | undefined;
  for (const node of nodes) if (worst === undefined || better(worst, node)) worst = node;
  return worst;
}
