import type { PathFound } from '../../../core/engine/paths.ts';
import type { LinkProfile } from '../../../core/engine/link-profiles.ts';
import { parseProxyUrl, shownProxy } from '../../../core/base/proxy-url.ts';
import { text } from '../../texts/en.ts';

/** What a download may leave by, as it is chosen. */
export interface ChosenWays {
  /** Names of links. */
  readonly links: readonly string[];
  /** Addresses or interface names. */
  readonly bind: readonly string[];
}

/** The addresses or interfaces that these ways stand for; of one that leads to a proxy, what that is reached from. */
export function placesOf({ links, bind }: ChosenWays, profiles: readonly LinkProfile[]): readonly string[] {
  return [...links.flatMap((name) => placeOf(name, profiles) ?? []), ...bind];
}

function placeOf(name: string, profiles: readonly LinkProfile[]): string | undefined {
  const profile = profiles.find((one) => one.name === name);
  return profile?.bind ?? profile?.proxy;
}

/** What is known of an address, or of the first one of an interface. */
function pathAt(place: string | undefined, paths: readonly PathFound[]): PathFound | undefined {
  return paths.find((one) => one.address === place || one.interfaceName === place);
}

/** What a link is made of: `wired · 192.0.2.14`. `place`: an address or an interface. */
export function kindWords(place: string, paths: readonly PathFound[]): string | undefined {
  const found = pathAt(place, paths);
  if (found === undefined) return undefined;
  const traits = [text.links.kinds[found.kind], ...(found.temporary ? [text.links.temporary] : [])];
  return (place === found.interfaceName ? [...traits, found.address] : traits).join(' · ');
}

/** Where a link with a name leads. */
export function whereWords({ bind, proxy }: LinkProfile): string {
  const place = parseProxyUrl(proxy ?? '');
  return [bind, place && shownProxy(place)].filter((one) => one !== undefined).join(', ');
}

/** Of the chosen ways the first two that leave by the same way: what they are called. */
export function sharedWords(
  chosen: ChosenWays,
  profiles: readonly LinkProfile[],
  { paths, shared }: { readonly paths: readonly PathFound[]; readonly shared: readonly (readonly string[])[] },
): readonly [string, string] | undefined {
  const ways = [
    ...chosen.links.map((name) => [name, pathAt(placeOf(name, profiles), paths)] as const),
    ...chosen.bind.map((place) => [place, pathAt(place, paths)] as const),
  ];
  for (const group of shared) {
    const [first, second] = ways.filter(([, path]) => path !== undefined && group.includes(path.address));
    if (first !== undefined && second !== undefined) return [first[0], second[0]];
  }
  return undefined;
}
