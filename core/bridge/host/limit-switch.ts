import { limitsInForce } from '../../engine/alternative-limits.ts';
import type { RateLimits } from '../../engine/statuses.ts';
import type { HostServices } from './services.ts';

type Services = Pick<HostServices, 'engine' | 'settings' | 'clock' | 'localTime'>;

/** Has the engine keep to the limits that the settings say, or to the alternative ones, by schedule and by hand. */
export class LimitSwitch {
  readonly #services: Services;
  /** What the engine was told last; it began with the settings as they were. */
  #told: RateLimits;

  constructor(services: Services) {
    this.#services = services;
    const { down, up } = services.settings.current;
    this.#told = { down, up };
  }

  /** Whether the alternative limits hold. */
  get alternative(): boolean {
    return this.#now.alternative;
  }

  /** Once a second, and when the settings have changed. */
  look(): void {
    const { engine, settings } = this.#services;
    const { limits, handOver } = this.#now;
    // Where it cannot be stored it is over in this run.
    if (handOver) void settings.change({ byHand: null }).catch(() => undefined);
    if (limits.down === this.#told.down && limits.up === this.#told.up) return;
    this.#told = limits;
    engine.setLimits(limits);
  }

  /** By hand, until the schedule says something else. */
  async use(on: boolean): Promise<void> {
    await this.#services.settings.change({ byHand: { on, scheduled: this.#now.scheduled } });
    this.look();
  }

  get #now(): ReturnType<typeof limitsInForce> {
    const { settings, clock, localTime } = this.#services;
    return limitsInForce(settings.current, localTime(clock.wall()));
  }
}
