import { type BytesPerSecond, type Millis, millis } from '../base/ids.ts';
import type { DownloadState, IdentityState, MeetingSnapshot, Stall } from './engine.ts';
import type { TrackerStatus } from './statuses.ts';

/** After so long without a byte nobody can tell when the rest will be there. */
export const NO_ESTIMATE_AFTER = millis(10_000);
/** After so long without a byte a download counts as stalled. */
export const STALLED_AFTER = millis(30_000);
/** A limit that lets fewer bytes than these through in that time is a reason by itself: a block is 16 KiB (BEP 3). */
const FEW_BYTES = 2 * 16_384;

/** What a reason follows from. */
export interface StallFacts {
  readonly state: DownloadState;
  /** Since the last byte came, or since it began to look for any. */
  readonly idle: Millis;
  readonly identities: readonly IdentityState[];
  /** Whether the link of any may be used to fetch. */
  readonly fetches: boolean;
  /** Connected ones. */
  readonly peers: number;
  /** Those that have something that is missing here. */
  readonly useful: number;
  /** Of these, the ones that choke us. */
  readonly choking: number;
  readonly trackers: readonly Pick<TrackerStatus, 'url' | 'state' | 'message'>[];
  /** The lowest limit that holds for the download; 0: none. */
  readonly limit: BytesPerSecond;
}

/** Whether a download waits for the server where machines meet, or for what is with others: then the swarm owes it nothing. */
export function waitsForMachines(meeting: MeetingSnapshot | undefined): boolean {
  return meeting !== undefined && (meeting.state !== 'met' || meeting.waits || meeting.done);
}

/** Why a download gets nothing; undefined: it does, or is not meant to, or not for long enough. */
export function stallOf(facts: StallFacts): Stall | undefined {
  const { state, idle, identities, peers, useful, choking, limit } = facts;
  if (state !== 'downloading' && state !== 'metadata') return undefined;
  // That does not change by itself.
  if (!facts.fetches) return { kind: 'no-fetch' };
  if (idle < STALLED_AFTER) return undefined;
  const there = identities.filter((one) => one !== 'left' && one !== 'given-up' && one !== 'silent');
  if (there.length > 0 && there.every((one) => one === 'no-address')) return { kind: 'no-link' };
  if (peers === 0) return failingTracker(facts) ?? { kind: 'no-peers' };
  if (state === 'metadata') return { kind: 'silent', peers };
  if (useful === 0) return { kind: 'no-seed', peers };
  if (choking >= useful) return { kind: 'choked', peers: useful };
  if (limit > 0 && (limit * STALLED_AFTER) / 1000 < FEW_BYTES) return { kind: 'limited', limit };
  return { kind: 'silent', peers: useful - choking };
}

/** Set where no tracker answers, and one of them failed. */
function failingTracker({ trackers }: StallFacts): Stall | undefined {
  if (trackers.some(({ state }) => state === 'working')) return undefined;
  const failed = trackers.find(({ state, message }) => state === 'failed' && message !== undefined);
  return failed && { kind: 'tracker', url: failed.url, message: failed.message ?? '' };
}
