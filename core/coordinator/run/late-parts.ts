import type { IdentityIndex } from '../../base/ids.ts';
import { ClaimsDesk } from '../../claims/claims-desk.ts';
import { WorkSharing } from '../../claims/work-sharing.ts';
import type { ToIdentity } from '../../identity/messages.ts';
import { dealingNamed, homesBy } from '../../strategy/dealings/dealings.ts';
import type { DownloadEnv } from '../download-env.ts';
import type { ExperimentLog } from '../download/experiment-log.ts';
import { BanSharing } from '../peers/ban-sharing.ts';
import { SwarmAvailability } from '../peers/swarm-availability.ts';
import type { Member } from './member.ts';
import { PieceSources } from './piece-sources.ts';
import type { RunPlan } from './run-plan.ts';
import type { Team } from './team.ts';
import { Urgency } from './urgency.ts';

/** What the parts of a run work with. */
interface Working {
  readonly env: Pick<DownloadEnv, 'ports'>;
  readonly plan: RunPlan;
  readonly team: Team;
  readonly log: ExperimentLog | undefined;
  post(to: IdentityIndex, message: ToIdentity): void;
}

interface Made {
  desk?: ClaimsDesk;
  availability?: SwarmAvailability;
  sources?: PieceSources;
  urgency?: Urgency;
  sharing?: WorkSharing;
  bans?: BanSharing;
}

/** Parts of a run that are made when they are needed: of thousands of seeds few ever need one. */
export class LateParts {
  readonly #o: Working;
  readonly #made: Made = {};

  constructor(working: Working) {
    this.#o = working;
  }

  /** Those that were needed so far. */
  get made(): Readonly<Made> {
    return this.#made;
  }

  get desk(): ClaimsDesk {
    return this.#made.desk ?? this.makeDesk();
  }

  /** From now on it is settled who is to fetch what. Identities that are at work already know that all is there. */
  makeDesk(): ClaimsDesk {
    const desk = (this.#made.desk = this.#newDesk());
    for (const { index } of this.#o.team.active) desk.begin(index);
    return desk;
  }

  #newDesk(): ClaimsDesk {
    const { env, plan, log, post } = this.#o;
    const { key, info, ledger, options, members } = plan;
    const [count, pieceCount] = [members.length, info.pieceCount];
    return new ClaimsDesk(
      {
        clock: env.ports.clock,
        ledger,
        pieceCount,
        count,
        fixed: count === 1 || options.selection === 'fixed',
        takeOver: options.takeOver,
        home: homesBy(dealingNamed(options.dealing), { count, pieceCount }),
        fetches: (identity) => members[identity]?.fetches !== false,
      },
      {
        shares: (to, state, pieces) => post(to, { type: 'shares', key, state, pieces }),
        present: (to, pieces, owners) => post(to, { type: 'present', key, pieces, owners }),
        log: (identity, event, index) => log?.write(identity, { event, piece: index }),
      },
    );
  }

  get availability(): SwarmAvailability {
    return (this.#made.availability ??= new SwarmAvailability(this.#o.plan.info.pieceCount));
  }

  get sources(): PieceSources {
    return (this.#made.sources ??= new PieceSources(this.#o.plan.info.pieceCount));
  }

  get bans(): BanSharing {
    return (this.#made.bans ??= new BanSharing(this.#o.plan.key, this.#o.team));
  }

  get urgency(): Urgency {
    const { env, plan, post } = this.#o;
    return (this.#made.urgency ??= new Urgency({
      clock: env.ports.clock,
      desk: this.desk,
      plan,
      active: () => this.#fetching,
      post,
    }));
  }

  get sharing(): WorkSharing {
    const { env, plan, post } = this.#o;
    const { key, info } = plan;
    return (this.#made.sharing ??= new WorkSharing(info.pieceLength, env.ports.clock, this.desk, {
      active: () => this.#fetching,
      giveBack: (from, most) => post(from, { type: 'give-back', key, most }),
    }));
  }

  get #fetching(): readonly Member[] {
    return this.#o.team.active.filter(({ fetches }) => fetches);
  }
}
