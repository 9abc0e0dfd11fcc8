import { bytesPerSecond } from '../base/ids.ts';
import type { Settings } from '../engine/settings.ts';
import type { Args } from './args.ts';
import type { KeptChoices } from './host.ts';
import { SPEED_UNIT } from './json.ts';
import { kept, shown } from './seeding.ts';

/**
 * A number of Transmission with a switch of its own. Here a number that does not hold is none, so that the last one is kept beside the settings.
 */
interface Switched {
  readonly number: string;
  readonly enabled: string;
  /** Where the number is kept while it is off. */
  readonly last: Exclude<keyof KeptChoices, 'start'>;
  /** What holds now, in Transmission's unit; undefined: nothing does. */
  now(settings: Settings): number | undefined;
  set(value: number | undefined, settings: Settings): Partial<Settings>;
}

const positive = (value: number): number | undefined => (value > 0 ? value : undefined);

const speed = (way: 'down' | 'up'): Switched => ({
  number: `speed-limit-${way}`,
  enabled: `speed-limit-${way}-enabled`,
  last: way,
  now: (settings) => positive(Math.round(settings[way] / SPEED_UNIT)),
  set: (value) => ({ [way]: value === undefined ? 0 : Math.max(1, value) * SPEED_UNIT }),
});

const goal = (of: 'ratio' | 'idle', number: string, enabled: string): Switched => ({
  number,
  enabled,
  last: of,
  now: ({ seedGoals }) => (seedGoals[of] === 'none' ? undefined : shown(of, seedGoals[of])),
  set: (value, { seedGoals }) => ({
    seedGoals: { ...seedGoals, [of]: value === undefined ? 'none' : kept(of, value) },
  }),
});

const places = (which: 'download' | 'seed', setting: 'activeDownloads' | 'activeSeeds'): Switched => ({
  number: `${which}-queue-size`,
  enabled: `${which}-queue-enabled`,
  last: `${which}s`,
  now: (settings) => positive(settings[setting]),
  set: (value) => ({ [setting]: value === undefined ? 0 : Math.max(1, Math.min(100_000, Math.trunc(value))) }),
});

const SWITCHED: readonly Switched[] = [
  speed('down'),
  speed('up'),
  goal('ratio', 'seedRatioLimit', 'seedRatioLimited'),
  goal('idle', 'idle-seeding-limit', 'idle-seeding-limit-enabled'),
  places('download', 'activeDownloads'),
  places('seed', 'activeSeeds'),
  {
    number: 'queue-stalled-minutes',
    enabled: 'queue-stalled-enabled',
    last: 'stalled',
    now: ({ stalledAfter }) => positive(stalledAfter),
    set: (value) => ({ stalledAfter: value === undefined ? 0 : Math.max(1, Math.min(10_080, Math.trunc(value))) }),
  },
];

/** All of them as `session-get` tells them. */
export function switchedFields(settings: Settings, choices: KeptChoices): Readonly<Record<string, number | boolean>> {
  return Object.fromEntries(
    SWITCHED.flatMap(({ number, enabled, last, now }) => {
      const holds = now(settings);
      return [
        [number, holds ?? choices[last]],
        [enabled, holds !== undefined],
      ];
    }),
  );
}

/** What `session-set` says of them: settings, and numbers to keep. Clients send number and switch one after the other, in any order. */
export function switchedChanges(
  args: Args,
  before: Settings,
  choices: KeptChoices,
): { readonly settings: Partial<Settings>; readonly kept: Partial<KeptChoices> } {
  let settings: Partial<Settings> = {};
  const keep: Record<string, number> = {};
  for (const { number, enabled, last, now, set } of SWITCHED) {
    const said = args.real(number);
    const holds = now({ ...before, ...settings });
    const isOn = args.flag(enabled) ?? holds !== undefined;
    const value = Math.min(1e6, Math.max(0, said ?? holds ?? choices[last]));
    if (said !== undefined || holds !== undefined) keep[last] = last === 'ratio' ? value : Math.round(value);
    if (isOn !== (holds !== undefined) || (isOn && said !== undefined)) {
      settings = { ...settings, ...set(isOn ? value : undefined, { ...before, ...settings }) };
    }
  }
  return { settings, kept: keep };
}

/** The alternative limits and their schedule, whose days are bits from Sunday on. */
export function alternativeFields({
  alternativeDown,
  alternativeUp,
  schedule,
}: Settings): Readonly<Record<string, number | boolean>> {
  return {
    'alt-speed-down': Math.round(alternativeDown / SPEED_UNIT),
    'alt-speed-up': Math.round(alternativeUp / SPEED_UNIT),
    'alt-speed-time-enabled': schedule.on,
    'alt-speed-time-begin': schedule.from,
    'alt-speed-time-end': schedule.to,
    'alt-speed-time-day': schedule.days.reduce((bits, day) => bits | (1 << day), 0),
  };
}

export function alternativeChanges(args: Args, { schedule }: Settings): Partial<Settings> {
  const down = args.whole('alt-speed-down');
  const up = args.whole('alt-speed-up');
  const on = args.flag('alt-speed-time-enabled');
  const from = minute(args.whole('alt-speed-time-begin'));
  const to = minute(args.whole('alt-speed-time-end'));
  const bits = args.whole('alt-speed-time-day');
  const days = bits === undefined ? undefined : [0, 1, 2, 3, 4, 5, 6].filter((day) => (bits & (1 << day)) !== 0);
  const changed = {
    ...(on !== undefined && { on }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(days && { days }),
  };
  return {
    ...(down === undefined ? {} : { alternativeDown: limit(down) }),
    ...(up === undefined ? {} : { alternativeUp: limit(up) }),
    ...(Object.keys(changed).length === 0 ? {} : { schedule: { ...schedule, ...changed } }),
  };
}

const limit = (value: number): Settings['down'] => bytesPerSecond(Math.min(1e6, Math.max(0, value)) * SPEED_UNIT);
const minute = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.min(24 * 60 - 1, Math.max(0, value));
