import { EnsembleError } from '../base/errors.ts';
import type { LinkProfile, LinkSnapshot } from './link-profiles.ts';
import { waitText } from './link-rules.ts';

/** What somebody leaves by, of links, addresses and proxies the first. */
interface Chosen {
  readonly links: readonly string[];
  readonly bind: readonly string[];
  readonly proxies: readonly string[];
}

/**
 * The way of a first identity, for what is fetched before there is one. `states`: those of the links, where they are known. Throws
 * EnsembleError('usage') where there is no such link, and EnsembleError('network') where it is not to be used now.
 */
export function firstWay(
  { links, bind, proxies }: Chosen,
  profiles: readonly LinkProfile[],
  states: readonly LinkSnapshot[] = [],
): Pick<Chosen, 'bind' | 'proxies'> {
  const [name] = links;
  if (name === undefined) return { bind, proxies };
  const profile = profileOf(name, profiles);
  const wait = states.find((one) => one.name === name)?.wait;
  if (wait !== undefined) throw new EnsembleError('network', `The link ${name} waits: ${waitText(wait)}.`);
  const { bind: at, proxy = proxies[0] } = profile;
  return { bind: at === undefined ? [] : [at], proxies: proxy === undefined ? [] : [proxy] };
}

/** The link of this name. Throws EnsembleError('usage') where there is none. */
export function profileOf(name: string, profiles: readonly LinkProfile[]): LinkProfile {
  const found = profiles.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = profiles.map((one) => one.name);
  const known = names.length === 0 ? 'no link has a name yet' : `there are: ${names.join(', ')}`;
  throw new EnsembleError('usage', `"${name}" is no link of the settings: ${known}.`);
}
