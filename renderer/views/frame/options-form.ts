import { MAX_PEERS, MAX_UPLOADS } from '../../../core/base/bounds.ts';
import { bytesPerSecond } from '../../../core/base/ids.ts';
import type { DownloadOptions } from '../../../core/engine/download-options.ts';
import type { DownloadChanges } from '../../../core/engine/engine.ts';
import { text } from '../../texts/en.ts';
import { whole } from '../add/choices.ts';

const KILO = 1000;
/** kB/s; 0: none. */
export const LIMITS = ['down', 'up', 'identityDown', 'identityUp'] as const;
/** Numbers from 1, and the most that each may be. */
const MOST = { maxUploads: MAX_UPLOADS, maxPeers: MAX_PEERS } as const;
export const COUNTS = Object.keys(MOST) as readonly (keyof typeof MOST)[];
export const SWITCHES = ['share', 'assemble', 'sequential', 'stay'] as const;

type Limit = (typeof LIMITS)[number];
type Count = keyof typeof MOST;
type Switch = (typeof SWITCHES)[number];

/** The content of the dialog; numbers are text, as they are typed. */
export type OptionsForm = Record<Limit | Count | 'ratio', string> &
  Record<Switch, boolean> &
  Pick<DownloadOptions, 'encryption'> & { readonly seed: DownloadOptions['seed']['kind'] };

export function formOf(options: DownloadOptions): OptionsForm {
  const { seed, encryption } = options;
  return {
    ...eachOf(LIMITS, (name) => String(Math.round(options[name] / KILO))),
    ...eachOf(COUNTS, (name) => String(options[name])),
    ...eachOf(SWITCHES, (name) => options[name]),
    encryption,
    seed: seed.kind,
    ratio: String(seed.kind === 'ratio' ? seed.ratio : 1),
  };
}

/** What is wrong, a sentence each; empty where the changes can be made. */
export function wrongIn(form: OptionsForm): { readonly limits?: string; readonly ratio?: string } {
  const { errors } = text.add;
  const count = COUNTS.find((name) => whole(form[name], 1, MOST[name]) === undefined);
  const limits = LIMITS.some((name) => whole(form[name], 0, 1e9) === undefined)
    ? errors.limit
    : count && text.options.wrongCount(text.options[count], MOST[count]);
  return {
    ...(limits === undefined ? {} : { limits }),
    ...(form.seed === 'ratio' && !(Number(form.ratio) > 0) ? { ratio: errors.ratio } : {}),
  };
}

/** The changes of a form with nothing wrong. */
export function changesOf(form: OptionsForm): DownloadChanges {
  return {
    ...eachOf(LIMITS, (name) => bytesPerSecond(Number(form[name]) * KILO)),
    ...eachOf(COUNTS, (name) => Number(form[name])),
    ...eachOf(SWITCHES, (name) => form[name]),
    encryption: form.encryption,
    seed: form.seed === 'ratio' ? { kind: 'ratio', ratio: Number(form.ratio) } : { kind: form.seed },
  };
}

function eachOf<K extends string, T>(names: readonly K[], value: (name: K) => T): Record<K, T> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<K, T>;
}
