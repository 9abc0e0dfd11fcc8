import type { Bytes } from '../base/ids.ts';
import type { Arm } from './scenario/arms.ts';
import type { Scenario } from './scenario/scenario.ts';
import type { Seconds } from './seconds.ts';

/** Where an experiment takes place. */
export const WORLDS = ['sim', 'real'] as const;
export type WorldName = (typeof WORLDS)[number];

/** When a piece was verified by an identity: seconds after the user came, and its index. */
export type PieceTime = readonly [Seconds, number];

/** What one identity of the user did. */
export interface IdentityOutcome {
  readonly index: number;
  readonly address: string;
  /** From the user's coming until its last piece was there; null: it had none. */
  readonly seconds: Seconds | null;
  /** Payload. */
  readonly down: Bytes;
  readonly up: Bytes;
  /** Of `down`: what seeds sent, and leechers; null where the world cannot tell. */
  readonly fromSeeds: Bytes | null;
  readonly fromLeechers: Bytes | null;
  /** In the order of time; empty where it is not measured. */
  readonly pieces: readonly PieceTime[];
}

/** What the user got. */
export interface UserOutcome {
  /** When the user came, from the begin of the run. */
  readonly came: Seconds;
  /** From then until every file was there, verified; null: it never was. */
  readonly seconds: Seconds | null;
  readonly down: Bytes;
  readonly up: Bytes;
  /** Payload that came and was of no use: blocks that were there, pieces that others had fetched, wrong ones. */
  readonly wasted: Bytes;
  /** Pieces that two identities fetched. */
  readonly twice: number;
  readonly identities: readonly IdentityOutcome[];
}

/** What one of the others did. */
export interface PeerOutcome {
  readonly role: 'seed' | 'leecher';
  /** Which of the scenario's groups of its role, and which of that group. */
  readonly group: number;
  readonly index: number;
  /** When it came, from the begin of the run; null: the run ended before. */
  readonly came: Seconds | null;
  /** From then until it had everything; null: it was a seed, or never had. */
  readonly seconds: Seconds | null;
  /** When it left, from the begin of the run; null: it stayed to the end. */
  readonly left: Seconds | null;
  /** Payload. */
  readonly down: Bytes;
  readonly up: Bytes;
  /** Of `up` and `down`: what went to the user, and came from there; null where the world cannot tell. */
  readonly toUser: Bytes | null;
  readonly fromUser: Bytes | null;
}

/** What came of a run. */
export interface Outcome {
  /** `done`: the user has everything, and so has everybody that was waited for; `limit`: the time ran out first. */
  readonly end: 'done' | 'limit';
  /** How long it lasted. */
  readonly lasted: Seconds;
  readonly user: UserOutcome;
  readonly peers: readonly PeerOutcome[];
  /** Versions of the programs that took part, beside ours: `{libtorrent: '2.0.8'}`. Of a model: what it stands for. */
  readonly programs: Readonly<Record<string, string>>;
  /** Figures of the world itself, such as how idle the machine was; none where the same seed must give the same bytes. */
  readonly notes: Readonly<Record<string, number | string>>;
}

/** Where runs take place. */
export interface World {
  readonly name: WorldName;
  /** Sentences about what of a scenario it cannot do, each with its field; none: it can be run. */
  refusals(scenario: Scenario): readonly string[];
  /**
   * One run. `scenario` has the arm's values already; the seed decides all chance, also what is drawn by `arrivalTimes`. Rejects with
   * EnsembleError where it cannot take place, or with the signal's reason. What a run was about is told by `Outcome`, also that the user got nothing.
   */
  run(scenario: Scenario, arm: Arm, seed: number, signal: AbortSignal): Promise<Outcome>;
}
