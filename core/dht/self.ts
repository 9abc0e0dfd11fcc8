import type { Millis } from '../base/ids.ts';
import type { Random } from '../ports/random.ts';
import type { Family } from './contract.ts';
import type { Question, Rpc } from './rpc.ts';
import type { QueryOwner } from './queries.ts';
import type { RoutingTable } from './routing-table.ts';

/** What the parts of one node have in common. */
export interface Self {
  readonly random: Random;
  readonly family: Family;
  readonly table: RoutingTable;
  readonly rpc: Rpc;
  /** Milliseconds that only grow; time that the machine slept counts. */
  now(): Millis;
  /** Asks a node as ourselves, and gives the transaction; undefined: not now, as too much was sent lately. */
  ask(question: Omit<Question, 'self' | 'readOnly'>, owner: QueryOwner): number | undefined;
}
