import { MAX_IDENTITIES } from '../base/bounds.ts';
import { EnsembleError } from '../base/errors.ts';
import { type IdentityIndex, identityIndex } from '../base/ids.ts';
import { encodeJson, parseJsonObject, stringField } from '../store/records/checked-json.ts';
import { memberKey, type StoreSession } from './store-session.ts';

/** Which identity a machine is that was not told. */
export interface FreeIndex {
  readonly index: IdentityIndex;
  /** Identifies the folder of this identity, from now on. */
  readonly seat: string;
}

/**
 * Takes the place of the identity that had this folder before, else of one that was never there, else of one that has left. `seats`: by
 * identity, what its folder is known by here. Rejects with EnsembleError('usage') where all places are taken.
 */
export async function takeFreeIndex(
  session: StoreSession,
  seats: ReadonlyMap<IdentityIndex, string>,
  fresh: string,
): Promise<FreeIndex> {
  const all = Array.from({ length: Math.min(session.rules.count, MAX_IDENTITIES) }, (_, i) => identityIndex(i));
  const known = all.filter((i) => seats.has(i));
  const others = all.filter((i) => !seats.has(i));
  const unheard = others.filter((i) => !session.heardOf.has(i));
  const left = others.filter((i) => session.heardOf.has(i));
  for (const index of [...known, ...unheard, ...left]) {
    const seat = seats.get(index) ?? fresh;
    if (await takes(session, index, seat)) return { index, seat };
  }
  const text = `All ${all.length} places are taken, by machines that run or were heard within the last minute.`;
  throw new EnsembleError('usage', `${text} Let one of them end, or choose another name.`);
}

/** Registers, so that of several that want the same place one has it. */
async function takes(session: StoreSession, index: IdentityIndex, seat: string): Promise<boolean> {
  const key = memberKey(index);
  const there = await session.registrations.get(key);
  const taken = there !== undefined && there.value.length > 0;
  const fields = taken ? parseJsonObject(there.value) : undefined;
  if (taken) return fields !== undefined && stringField(fields, 'seat', 64) === seat;
  const own = encodeJson({ version: 1, seat });
  return (await session.registrations.update(key, own, there?.revision ?? 0)) !== undefined;
}
