import { KILO } from '../../../core/base/sizes.ts';
import { bytes, bytesPerSecond, type BytesPerSecond } from '../../../core/base/ids.ts';
import { parseProxyUrl } from '../../../core/base/proxy-url.ts';
import type { LinkCondition, LinkProfile, LinkRole } from '../../../core/engine/link-profiles.ts';
import { text } from '../../texts/en.ts';
import { whole } from '../add/choices.ts';

const GIGA = 1e9;
const MAX_NAME = 40;
const MAX_DAY = 28;

/** A link with a name as it is edited; numbers are text, as they are typed. */
export interface LinkForm {
  readonly name: string;
  /** Empty: none. */
  readonly bind: string;
  readonly proxy: string;
  /** kB/s; 0: none. */
  readonly down: string;
  readonly up: string;
  readonly role: LinkRole;
  readonly when: LinkCondition['kind'];
  readonly interface: string;
  /** Minutes after midnight. */
  readonly from: number;
  readonly to: number;
  readonly metered: boolean;
  /** GB. */
  readonly allowance: string;
  readonly day: string;
}

export function linkForm(profile: LinkProfile | undefined): LinkForm {
  const { name = '', bind = '', proxy = '', down = 0, up = 0, role = 'both', metered } = profile ?? {};
  const when: LinkCondition = profile?.when ?? { kind: 'always' };
  return {
    name,
    bind,
    proxy,
    down: String(Math.round(down / KILO)),
    up: String(Math.round(up / KILO)),
    role,
    when: when.kind,
    interface: 'interface' in when ? when.interface : '',
    from: 'from' in when ? when.from : 0,
    to: 'to' in when ? when.to : 7 * 60,
    metered: metered !== undefined,
    allowance: String((metered?.allowance ?? 0) / GIGA),
    day: String(metered?.day ?? 1),
  };
}

export type LinkErrors = Partial<Record<'name' | 'place' | 'proxy' | 'limits' | 'interface' | 'allowance', string>>;

/** What is wrong, a sentence each. `taken`: names of the other links. */
export function wrongInLink(form: LinkForm, taken: readonly string[]): LinkErrors {
  const { errors } = text.links.profiles;
  const out: LinkErrors = {};
  const name = form.name.trim();
  if (name === '' || name.length > MAX_NAME || /[\p{Cc},/]/u.test(name)) out.name = errors.name;
  else if (taken.includes(name)) out.name = errors.taken;
  const proxy = form.proxy.trim();
  if (proxy !== '' && parseProxyUrl(proxy) === undefined) out.proxy = errors.proxy;
  if (form.bind.trim() === '' && proxy === '') out.place = errors.place;
  if ([form.down, form.up].some((limit) => whole(limit, 0, 1e9) === undefined)) out.limits = errors.limit;
  const needsInterface = form.when === 'up' || form.when === 'down';
  if (needsInterface && form.interface.trim() === '') out.interface = errors.interface;
  const isAllowance = Number(form.allowance) > 0 && Number(form.allowance) <= 1e6;
  if (form.metered && !(isAllowance && whole(form.day, 1, MAX_DAY) !== undefined)) out.allowance = errors.allowance;
  return out;
}

/** The link of a form with nothing wrong. */
export function linkOf(form: LinkForm): LinkProfile {
  const [bind, proxy] = [form.bind.trim(), form.proxy.trim()];
  const rate = (typed: string): BytesPerSecond => bytesPerSecond(Number(typed) * KILO);
  return {
    name: form.name.trim(),
    ...(bind === '' ? {} : { bind }),
    ...(proxy === '' ? {} : { proxy }),
    down: rate(form.down),
    up: rate(form.up),
    role: form.role,
    when: conditionOf(form),
    ...(form.metered
      ? { metered: { allowance: bytes(Math.round(Number(form.allowance) * GIGA)), day: Number(form.day) } }
      : {}),
  };
}

function conditionOf({ when, from, to, ...form }: LinkForm): LinkCondition {
  switch (when) {
    case 'always':
      return { kind: when };
    case 'hours':
      return { kind: when, from, to };
    default:
      return { kind: when, interface: form.interface.trim() };
  }
}
