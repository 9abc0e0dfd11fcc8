import { MAX_IDENTITIES } from '../base/bounds.ts';
import { type IdentityIndex, identityIndex, piece as pieceIndex, type PieceIndex } from '../base/ids.ts';
import { parseJsonObject, type JsonFields } from '../store/records/checked-json.ts';
import type { Claimed } from './claim-store.ts';

/** Most pieces that one message claims and gives back. */
export const MAX_BATCH = 1024;
const MAX_TURN = 999_999;
const MAX_BYTES = 64 * 1024;
const VERSION = 1;

/** Some pieces, each with a turn. */
export type ClaimTurns = readonly (readonly [PieceIndex, number])[];

/** What one message to all siblings says: these are claimed, and those given back. */
export interface ClaimBatch {
  readonly identity: IdentityIndex;
  readonly claimed: ClaimTurns;
  readonly freed: ClaimTurns;
}

/** Pieces that follow one another in the same turn are one run. */
export function encodeBatch({ identity, claimed, freed }: ClaimBatch): Uint8Array {
  const value = { version: VERSION, identity, claimed: runsOf(claimed), freed: runsOf(freed) };
  return new TextEncoder().encode(JSON.stringify(value));
}

/** What a message says; undefined for one that is not valid, as somebody else may have written it. */
export function decodeBatch(data: Uint8Array, pieceCount: number): ClaimBatch | undefined {
  if (data.length > MAX_BYTES) return undefined;
  const fields = parseJsonObject(data);
  if (fields?.['version'] !== VERSION) return undefined;
  const { identity } = fields;
  if (!isWhole(identity, MAX_IDENTITIES - 1)) return undefined;
  const claimed = turnsOf(fields, 'claimed', pieceCount);
  const freed = turnsOf(fields, 'freed', pieceCount);
  if (claimed === undefined || freed === undefined) return undefined;
  return { identity: identityIndex(identity), claimed, freed };
}

type Logged = Claimed & { readonly holder: IdentityIndex };

/**
 * Who claims what, as it follows from the messages of all siblings in the order in which a server keeps them. Whoever reads the same
 * messages comes to the same: of several claims on a piece in one turn the first counts, and a later turn beats an earlier one.
 */
export class ClaimLog {
  readonly #claims = new Map<PieceIndex, Logged>();

  /** The last claim of every piece that was ever claimed. */
  get claims(): ReadonlyMap<PieceIndex, Claimed> {
    return this.#claims;
  }

  /** Who has the last claim on a piece, and its turn. */
  last(piece: PieceIndex): Logged | undefined {
    return this.#claims.get(piece);
  }

  read({ identity, claimed, freed }: ClaimBatch): void {
    for (const [piece, turn] of claimed) {
      if (turn > (this.#claims.get(piece)?.turn ?? -1))
        this.#claims.set(piece, { turn, free: false, holder: identity });
    }
    for (const [piece, turn] of freed) {
      const there = this.#claims.get(piece);
      if (there?.turn === turn && there.holder === identity) this.#claims.set(piece, { ...there, free: true });
    }
  }
}

function runsOf(turns: ClaimTurns): number[][] {
  const runs: number[][] = [];
  let last: [number, number, number] | undefined;
  for (const [piece, turn] of turns) {
    if (last !== undefined && piece === last[0] + last[1] && turn === last[2]) last[1]++;
    else runs.push((last = [piece, 1, turn]));
  }
  return runs;
}

function turnsOf(fields: JsonFields, name: string, pieceCount: number): [PieceIndex, number][] | undefined {
  const runs = fields[name];
  if (!Array.isArray(runs) || runs.length > MAX_BATCH) return undefined;
  const out: [PieceIndex, number][] = [];
  for (const run of runs as readonly unknown[]) {
    if (!Array.isArray(run) || run.length !== 3) return undefined;
    const [first, count, turn] = run as readonly unknown[];
    if (!isWhole(first, pieceCount - 1) || !isWhole(count, pieceCount - first) || !isWhole(turn, MAX_TURN)) {
      return undefined;
    }
    if (out.length + count > MAX_BATCH) return undefined;
    for (let p = first; p < first + count; p++) out.push([pieceIndex(p), turn]);
  }
  return out;
}

function isWhole(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most;
}
