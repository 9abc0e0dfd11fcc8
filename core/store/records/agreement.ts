import { MAX_IDENTITIES } from '../../base/bounds.ts';
import { SELECTION_MODES, type SelectionMode } from '../../base/choices.ts';
import { integerField, type JsonFields, stringField } from './checked-json.ts';

/** A shorter lease would end at the next hiccup of a disk; with a longer one the claims of dead identities would be stuck. */
const LEASE_SECONDS = { least: 2, most: 3600 };

/** What all identities of a download agree on wherever they meet, as it is written there; undefined: missing, or not valid. */
interface AgreedFields {
  readonly infoHash: string | undefined;
  /** K. */
  readonly count: number | undefined;
  readonly selection: SelectionMode | undefined;
  /** An identity without a heartbeat for this long counts as dead. */
  readonly leaseSeconds: number | undefined;
}

export function agreedFields(fields: JsonFields): AgreedFields {
  return {
    infoHash: stringField(fields, 'infoHash', 64),
    count: integerField(fields, 'count', 1, MAX_IDENTITIES),
    selection: SELECTION_MODES.find((mode) => mode === fields['selection']),
    leaseSeconds: integerField(fields, 'leaseSeconds', LEASE_SECONDS.least, LEASE_SECONDS.most),
  };
}

/** Says what differs; undefined: nothing does. */
export function whatDiffers(
  all: readonly (readonly [what: string, theirs: string | number, ours: string | number])[],
): string | undefined {
  const differs = all.filter(([, theirs, ours]) => theirs !== ours);
  if (differs.length === 0) return undefined;
  return differs.map(([what, theirs, ours]) => `its ${what} is ${theirs}, not ${ours}`).join('; ');
}
