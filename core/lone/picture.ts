import { bytes, bytesPerSecond, type IdentityIndex, identityIndex, piece, type PieceIndex } from '../base/ids.ts';
import { MAX_IDENTITIES } from '../base/bounds.ts';
import { isWildcard } from '../base/ip.ts';
import { isLinkStandIn } from '../base/stand-in.ts';
import type { BucketStore } from '../claims/bucket-store.ts';
import type { Sibling } from '../claims/sibling-watch.ts';
import type { StoreClaimer } from '../claims/store-claimer.ts';
import type { PieceLedger } from '../coordinator/download/piece-ledger.ts';
import { codesOf, markBegun } from '../coordinator/download/piece-map.ts';
import type { Member } from '../coordinator/run/member.ts';
import type { MeetingSnapshot, PieceMapSnapshot } from '../engine/engine.ts';
import type { DownloadSetup, MachineStatus } from '../identity/messages.ts';
import { PIECE } from '../engine/piece-codes.ts';
import type { PieceExchange } from './piece-exchange.ts';

/** The other machines: those that registered, and those that left, by what lies here or there of theirs. */
export function machinesOf(
  own: IdentityIndex,
  siblings: readonly Sibling[],
  heldBy: (identity: IdentityIndex) => number,
): MachineStatus[] {
  const out: MachineStatus[] = [];
  for (let i = 0; i < MAX_IDENTITIES; i++) {
    const index = identityIndex(i);
    const held = heldBy(index);
    const there = siblings.find((one) => one.index === index);
    if (index !== own && (there !== undefined || held > 0)) out.push(machineOf(index, there, held));
  }
  return out;
}

/** Undefined: it has left. */
function machineOf(index: IdentityIndex, there: Sibling | undefined, held: number): MachineStatus {
  const { alive = false, endpoint = { host: '', port: 0 }, exchange } = there ?? {};
  const { down = 0, up = 0, peers = 0, downloaded = 0, uploaded = 0 } = (alive && exchange?.figures) || {};
  const { name, interfaceName, kind, proxy } = exchange?.link ?? {};
  // One that is bound to none says at which addresses it gives out pieces.
  const [given = endpoint.host] = exchange?.hosts ?? [];
  const address =
    isWildcard(endpoint.host) || isLinkStandIn(endpoint.host) || endpoint.host === '' ? given : endpoint.host;
  const done = exchange?.collecting === false;
  return {
    index,
    state: there === undefined ? 'left' : alive ? (done ? 'sharing' : 'downloading') : 'silent',
    ...(address !== '' && { address }),
    ...(endpoint.port > 0 && { port: endpoint.port }),
    ...(name !== undefined && { link: name }),
    ...(interfaceName !== undefined && { interfaceName }),
    ...(kind !== undefined && { kind }),
    ...(proxy !== undefined && { proxy }),
    held,
    down: bytesPerSecond(down),
    up: bytesPerSecond(up),
    downloaded: bytes(downloaded),
    uploaded: bytes(uploaded),
    peers,
  };
}

/** Whether the server can be used. */
export function troubleOf({ trouble }: Pick<BucketStore, 'trouble'>): Pick<MeetingSnapshot, 'state' | 'trouble'> {
  return trouble === undefined ? { state: 'met' } : { state: 'trouble', trouble };
}

/** How a machine stands with the others. */
export function standingOf(
  { done, waits }: Pick<StoreClaimer, 'done' | 'waits'>,
  { needed, fetching }: Pick<PieceExchange, 'needed' | 'fetching'>,
): Pick<MeetingSnapshot, 'waits' | 'needed' | 'done'> {
  return { waits: waits || (done && fetching), needed, done: done && !fetching };
}

interface Pieces {
  readonly setup: Pick<DownloadSetup, 'key'>;
  readonly ledger: PieceLedger;
  readonly member: Member;
  /** Who has claimed a piece that is not there. */
  claimedBy(piece: PieceIndex): IdentityIndex | undefined;
}

/** Whose each piece is, over all machines: fetched, or claimed. */
export function pieceMapOf({ setup, ledger, member, claimedBy }: Pieces): PieceMapSnapshot {
  const pieces = codesOf(ledger, MAX_IDENTITIES);
  const begun = markBegun(pieces, [member]);
  for (let p = 0; p < pieces.length; p++) {
    if (pieces[p] !== PIECE.missing) continue;
    const holder = claimedBy(piece(p));
    if (holder === undefined || holder === member.index) continue;
    pieces[p] = PIECE.fetching;
    begun.push(p, holder, 0);
  }
  const availability = member.availability ?? new Uint16Array(pieces.length);
  return { key: setup.key, pieces, begun: Uint32Array.from(begun), availability };
}
