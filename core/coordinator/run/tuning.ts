import type { SwarmTuning } from '../../engine/statuses.ts';
import { tuningOf } from '../../engine/tuning.ts';
import type { DownloadEnv } from '../download-env.ts';
import { SlotSharing } from '../peers/slot-sharing.ts';
import type { Member } from './member.ts';
import type { RunPlan } from './run-plan.ts';
import type { Team } from './team.ts';

/** What each identity at work is told of the options, of the settings, and of its share of limits and upload slots. */
export class Tuning {
  readonly #env: Pick<DownloadEnv, 'ports' | 'limitsOf' | 'ways'>;
  readonly #plan: Pick<RunPlan, 'key' | 'options'>;
  readonly #team: Team;
  readonly #slots: SlotSharing;

  constructor(env: DownloadEnv, plan: Pick<RunPlan, 'key' | 'options'>, team: Team) {
    this.#env = env;
    this.#plan = plan;
    this.#team = team;
    this.#slots = new SlotSharing(team.members, env.ports.interfaces);
  }

  /** For an identity that takes part or is about to. */
  of(member: Member): SwarmTuning {
    const { key, options } = this.#plan;
    const slots = member.uploads ? this.#slots.take(member, options.maxUploads) : 0;
    return tuningOf(options, this.#env.limitsOf(key, member.index), this.#env.ways(), slots);
  }

  /** Something of it is another now. */
  retune(member: Member): void {
    const tuning = this.of(member);
    member.limited(tuning.limits, this.#env.ports.clock.now());
    this.#team.post(member, { type: 'tune', key: this.#plan.key, tuning });
  }

  /** Tells those whose slots are others now, as identities or their peers came or went. */
  shareSlots(): void {
    for (const member of this.#slots.changed(this.#plan.options.maxUploads)) this.retune(member);
  }
}
