import type { RunLine } from '../results.ts';
import type { Seconds } from '../seconds.ts';
import type { PeerOutcome } from '../world.ts';
import { fairness, median } from './intervals.ts';

/** One figure of a run. */
export interface Figure {
  readonly value: number;
  /** Somebody was not done when time ran out: the true value is this one or more. */
  readonly atLeast: boolean;
}

/** Something that is compared between arms. */
export interface Measure {
  readonly name: string;
  /** What it is, to be read after "the". */
  readonly words: string;
  readonly unit: 's' | 'B' | '';
  /** Whether less of it is better for those whom it is about; undefined: neither. */
  readonly less: 'better' | 'worse' | undefined;
  /** Undefined: this run has no such figure. `partner`: the run that it is compared with, so that both are of the same peers. */
  of(run: RunLine, partner?: RunLine): Figure | undefined;
}

const exactly = (value: number): Figure | undefined => (Number.isNaN(value) ? undefined : { value, atLeast: false });

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

/** What is compared, each as a pure function of a run. */
export const MEASURES = {
  user: {
    name: 'user',
    words: "user's time",
    unit: 's',
    less: 'better',
    of: ({ outcome: { user, lasted } }) =>
      user.seconds === null ? { value: lasted - user.came, atLeast: true } : exactly(user.seconds),
  },
  identity: {
    name: 'identity',
    words: "median identity's time",
    unit: 's',
    less: 'better',
    of: ({ outcome: { user } }) =>
      exactly(median(user.identities.flatMap(({ seconds }) => (seconds === null ? [] : [seconds])))),
  },
  others: {
    name: 'others',
    words: "others' time (the mean of those leechers whose whole download is seen)",
    unit: 's',
    less: 'better',
    of: othersTime,
  },
  slowest: {
    name: 'slowest',
    words: 'time of the slowest of the others',
    unit: 's',
    less: 'better',
    of: (run, partner) => {
      const times = seenTimes(run, partner);
      return times.length === 0
        ? undefined
        : { value: Math.max(...times.map(({ value }) => value)), atLeast: times.some(({ atLeast }) => atLeast) };
    },
  },
  fairness: {
    name: 'fairness',
    words: "fairness among the others (Jain's index of their speeds)",
    unit: '',
    less: 'worse',
    of: (run, partner) => exactly(fairness(seenTimes(run, partner).map(({ value }) => (value > 0 ? 1 / value : 0)))),
  },
  seedLoad: {
    name: 'seedLoad',
    words: 'load on seeds (what they sent to the user)',
    unit: 'B',
    less: 'better',
    of: ({ outcome: { peers } }) => toUser(peers, 'seed'),
  },
  down: {
    name: 'down',
    words: 'amount that the user received',
    unit: 'B',
    less: undefined,
    of: ({ outcome: { user } }) => exactly(user.down),
  },
  up: {
    name: 'up',
    words: 'amount that the user sent',
    unit: 'B',
    less: undefined,
    of: ({ outcome: { user } }) => exactly(user.up),
  },
  wasted: {
    name: 'wasted',
    words: 'amount that came in vain',
    unit: 'B',
    less: 'better',
    of: ({ outcome: { user } }) => exactly(user.wasted),
  },
  twice: {
    name: 'twice',
    words: 'number of pieces fetched twice',
    unit: '',
    less: 'better',
    of: ({ outcome: { user } }) => exactly(user.twice),
  },
} as const satisfies Readonly<Record<string, Measure>>;

/** When a leecher came, and how long it took. */
interface SeenLeecher {
  readonly came: Seconds;
  readonly seconds: Seconds | null;
}

/**
 * The leechers that came before the user had everything, or time ran out, in both runs: until then a run is waited for, and of those who
 * come later only the quick ones would be seen.
 */
export function seenLeechers(run: RunLine, partner: RunLine = run): SeenLeecher[] {
  const until = Math.min(waitedUntil(run), waitedUntil(partner));
  return run.outcome.peers.flatMap(({ role, came, seconds }) =>
    role === 'seed' || came === null || came > until ? [] : [{ came, seconds }],
  );
}

function seenTimes(run: RunLine, partner?: RunLine): Figure[] {
  const { lasted } = run.outcome;
  return seenLeechers(run, partner).map(({ came, seconds }) =>
    seconds === null ? { value: lasted - came, atLeast: true } : { value: seconds, atLeast: false },
  );
}

const waitedUntil = ({ outcome: { user, lasted } }: RunLine): number =>
  user.seconds === null ? lasted : user.came + user.seconds;

function othersTime(run: RunLine, partner?: RunLine): Figure | undefined {
  const times = seenTimes(run, partner);
  if (times.length === 0) return undefined;
  const mean = sum(times.map(({ value }) => value)) / times.length;
  return { value: mean, atLeast: times.some(({ atLeast }) => atLeast) };
}

function toUser(peers: readonly PeerOutcome[], role: PeerOutcome['role']): Figure | undefined {
  const each = peers.filter((peer) => peer.role === role).map((peer) => peer.toUser);
  return each.includes(null) ? undefined : exactly(sum(each.map((bytes) => bytes ?? 0)));
}
