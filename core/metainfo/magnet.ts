import type { Endpoint } from '../base/endpoint.ts';
import type { InfoHash } from '../base/ids.ts';

/** A magnet link after validation (BEP 9; `x.pe` and `so` of BEP 53 where they stand). */
export interface Magnet {
  readonly infoHash: InfoHash;
  /** `dn`: a name to show until the metadata is there. */
  readonly name?: string;
  /** `tr`: each a tier of its own. */
  readonly trackers: readonly (readonly string[])[];
  /** `x.pe`: peers to try. */
  readonly peers: readonly Endpoint[];
}
