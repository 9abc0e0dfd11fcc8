import * as v from 'valibot';
import { MAX_IDENTITIES } from '../base/bounds.ts';
import { LINK_KINDS } from '../base/choices.ts';
import {
  bytePerPiece,
  byteCount,
  count,
  flag,
  type Frozen,
  host,
  identity,
  pieces,
  port,
  rate,
  text,
  torrentKey,
} from '../engine/values.ts';

/** Another machine that meets us at a server, as it says itself. `index`: its place there. */
const machineStatus = v.object({
  index: identity,
  state: v.picklist(['downloading', 'sharing', 'silent', 'left']),
  address: v.exactOptional(host),
  port: v.exactOptional(port),
  /** By what it leaves: see `LinkSaid`. */
  link: v.exactOptional(text),
  interfaceName: v.exactOptional(text),
  kind: v.exactOptional(v.picklist(LINK_KINDS)),
  proxy: v.exactOptional(text),
  /** Pieces that it fetched from the swarm. */
  held: count,
  down: rate,
  up: rate,
  downloaded: byteCount,
  uploaded: byteCount,
  peers: count,
});
export type MachineStatus = Frozen<v.InferOutput<typeof machineStatus>>;

/** How it stands with the machines that meet at a server: about once a second, as long as anything changes. */
export const machineNews = v.pipe(
  v.object({
    type: v.literal('machines'),
    key: torrentKey,
    /** Our own place there; undefined while we are not there. */
    place: v.exactOptional(identity),
    machines: v.pipe(v.array(machineStatus), v.maxLength(MAX_IDENTITIES)),
    /** Pieces of which `codes` says something else than before: `MACHINE_PIECE`. */
    pieces,
    codes: bytePerPiece,
    /** What comes from the other machines, and goes to them. */
    down: rate,
    up: rate,
    /** Pieces that were fetched here and by another. */
    twice: count,
    /** All that is missing here others fetch, or have. */
    waits: flag,
    /** Others still fetch what is here. */
    needed: flag,
    /** Nothing is left to be fetched from the swarm, nor to be collected here. */
    done: flag,
    /** Why the server cannot be used now, for people. */
    trouble: v.exactOptional(text),
  }),
  v.check((m) => m.codes.length === m.pieces.length, 'codes and pieces differ in number'),
);
export type MachineNews = Frozen<v.InferOutput<typeof machineNews>>;

/** What a piece is to all machines: the place of the one that fetched it, `claimed` and the place of the one that has claimed it, or missing. */
export const MACHINE_PIECE = { claimed: 64, missing: 255 } as const;
