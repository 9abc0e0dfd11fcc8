import { EnsembleError } from '../core/base/errors.ts';
import type { IdentityIndex } from '../core/base/ids.ts';
import { lowerLimit } from '../core/base/lower-limit.ts';
import type { DownloadOptions } from '../core/engine/engine.ts';
import type { LinkProfile } from '../core/engine/link-profiles.ts';
import { firstWay, profileOf } from '../core/engine/link-way.ts';
import type { Context } from './context.ts';

/** The links of the settings, where any of these names is to be one of them. Throws EnsembleError('usage') where one is not. */
export async function linksNamed(
  { backend, env }: Pick<Context, 'backend' | 'env'>,
  names: readonly string[] = [],
): Promise<readonly LinkProfile[]> {
  if (names.length === 0) return [];
  const profiles = await backend.readLinks(backend.defaultStateFolder(env));
  for (const name of names) profileOf(name, profiles);
  return profiles;
}

/** The name of the link of an identity, as `linksOf` deals them; undefined: it has none with a name. */
export function linkAt(
  { links, bind }: Pick<DownloadOptions, 'links' | 'bind'>,
  index: IdentityIndex,
): string | undefined {
  return links[index % (links.length + bind.length)];
}

/**
 * The options of an identity without a coordinator, with its link's address, proxy and limits in place of the link. Throws
 * EnsembleError('usage') for what a coordinator alone can see to.
 */
export function withoutLinks(
  options: DownloadOptions,
  profiles: readonly LinkProfile[],
  index: IdentityIndex,
): DownloadOptions {
  const { links } = options;
  if (links.length === 0) return options;
  const at = index % (links.length + options.bind.length);
  const name = linkAt(options, index);
  const bind = name === undefined ? options.bind.slice(at - links.length).slice(0, 1) : [];
  const proxies = options.proxies.slice(index % options.proxies.length).slice(0, 1);
  if (name === undefined) return { ...options, links: [], bind, proxies };
  const { role, when, metered, down, up } = profileOf(name, profiles);
  if (role !== 'both' || when.kind !== 'always' || metered !== undefined) {
    throw new EnsembleError(
      'usage',
      `The link ${name} has a role, a condition or an allowance, to which \`ensemble get\` alone keeps.`,
    );
  }
  return {
    ...options,
    links: [],
    ...firstWay({ links: [name], bind, proxies }, profiles),
    identityDown: lowerLimit(options.identityDown, down),
    identityUp: lowerLimit(options.identityUp, up),
  };
}
