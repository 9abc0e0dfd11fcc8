import { EnsembleError } from '../../base/errors.ts';
import type { MoveRecord } from '../catalog/move-record.ts';

/** How a move ended: `arrived`: in the new place; `back`: where it was; `stuck`: it goes on when somebody resumes it, or after a restart. */
export type MoveEnd = 'arrived' | 'back' | 'stuck';

/** The move of a download to another folder: what is kept of it over restarts, and whether it is wanted still. */
export class Relocation {
  #record: MoveRecord | undefined;
  #cancelled = false;
  #left = false;
  #underWay: Promise<MoveEnd> | undefined;
  /** Why it did not arrive. */
  error: unknown;

  constructor(record: MoveRecord | undefined) {
    this.#record = record;
  }

  get record(): MoveRecord | undefined {
    return this.#record;
  }

  /** Resolves when the move that is going on has ended; undefined: the last one is settled. */
  get underWay(): Promise<MoveEnd> | undefined {
    return this.#underWay;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** The program ends: what was brought over is for its next run. */
  leave(): void {
    this.#left = true;
  }

  get left(): boolean {
    return this.#left;
  }

  /** To `output`, or on with what was begun. Rejects as `run` does. */
  begin(output: string | undefined, run: () => Promise<MoveEnd>): Promise<MoveEnd> {
    if (output !== undefined) this.#record = { to: output, step: 'bring' };
    this.#cancelled = false;
    this.error = undefined;
    return (this.#underWay = run());
  }

  /** For a move that has ended: true for the first who asks, who puts the download where it is then. */
  settle(move: Promise<MoveEnd>): boolean {
    if (this.#underWay !== move) return false;
    this.#underWay = undefined;
    return true;
  }

  note(changes: Partial<MoveRecord>): void {
    if (this.#record !== undefined) this.#record = { ...this.#record, ...changes };
  }

  /** True where it can still be stopped. */
  cancel(): boolean {
    this.#cancelled = this.#record?.step === 'bring';
    return this.#cancelled;
  }

  drop(): void {
    this.#record = undefined;
  }
}

/** Throws EnsembleError('in-use') for what cannot be done while a download is moved, or files were renamed in part. */
export function expectUnmoved({ relocation, torrent: { name, renaming } }: Movable): void {
  if (renaming !== undefined) throw new EnsembleError('in-use', `Files of ${name} are being renamed: resume it first.`);
  if (relocation.record === undefined && relocation.underWay === undefined) return;
  throw new EnsembleError('in-use', `${name} is being moved to another folder: wait until that is over, or cancel it.`);
}

interface Movable {
  readonly relocation: Relocation;
  readonly torrent: { readonly name: string; readonly renaming: object | undefined };
}
