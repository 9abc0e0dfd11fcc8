import * as v from 'valibot';
import { flag, type Frozen, whole } from './values.ts';

// `rpc.json` in the state folder: what clients of Transmission's protocol find as it was, over restarts.

export const RPC_VERSION = 1;
const key = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/));
const number = whole(1, Number.MAX_SAFE_INTEGER);
const limit = whole(0, 1e9);

export const rpcFile = v.object({
  /** The number that the next new torrent gets. */
  next: number,
  /** By the keys of torrents. */
  ids: v.record(key, number),
  /** Torrents that are added begin at once, unless the client says otherwise. */
  start: flag,
  /** Limits over all downloads, in kB/s, as they were last set: they stay known while they are switched off. */
  down: limit,
  up: limit,
  /** The same of how many may be active, of what stalls (minutes), and of goals of seeding: minutes, a ratio. */
  downloads: limit,
  seeds: limit,
  stalled: limit,
  idle: limit,
  ratio: v.pipe(v.number(), v.minValue(0), v.maxValue(1e6)),
});
export type KeptRpc = Frozen<v.InferOutput<typeof rpcFile>>;

export const FIRST_RPC: KeptRpc = {
  next: 1,
  ids: {},
  start: true,
  down: 100,
  up: 100,
  downloads: 5,
  seeds: 10,
  stalled: 30,
  idle: 30,
  ratio: 2,
};
