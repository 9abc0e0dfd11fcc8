import { EnsembleError } from '../../base/errors.ts';
import type { DownloadChanges, DownloadOptions } from '../../engine/engine.ts';
import { identitiesWith, LINK_OPTIONS } from '../../engine/first-options.ts';

/** Whether changes choose by which links a download leaves. */
export const choosesLinks = (changes: DownloadChanges): boolean =>
  LINK_OPTIONS.some((name) => changes[name] !== undefined);

/**
 * The options of a download whose links are chosen anew, with as many identities as that asks for. As long as these are as many as before, who
 * has a link that stays keeps it. Throws EnsembleError('usage') where the number of identities is agreed on with others.
 */
export function withOtherLinks(before: DownloadOptions, changes: DownloadChanges): DownloadOptions {
  const after = { ...before, ...changes };
  const identities = identitiesWith(before.identities, before, after);
  if (identities === before.identities) {
    return { ...after, ...Object.fromEntries(LINK_OPTIONS.map((name) => [name, inPlace(before[name], after[name])])) };
  }
  if (before.common !== undefined) {
    const text = 'The identities of a common directory agree on how many they are';
    throw new EnsembleError('usage', `${text}: choose ${before.identities} links, as many as there are now.`);
  }
  return { ...after, identities };
}

/** The same entries, those that were there before in their old places. */
function inPlace(before: readonly string[], after: readonly string[]): readonly string[] {
  const fresh = after.filter((one) => !before.includes(one));
  const kept = before.map((one) => (after.includes(one) ? one : fresh.shift()));
  const placed = [...kept.filter((one) => one !== undefined), ...fresh];
  // Where somebody wants one twice, as he says.
  return placed.length === after.length ? placed : after;
}
