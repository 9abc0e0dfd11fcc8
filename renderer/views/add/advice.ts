import type { AddressView } from '../../../core/bridge/views.ts';

/** What several identities bring with the available and chosen addresses. */
export type Advice = 'none' | 'offer' | 'one' | 'one-chosen' | 'same-link' | 'choose' | 'dealt';

/** Addresses by which something outside can be reached. */
export function usableAddresses(addresses: readonly AddressView[]): readonly AddressView[] {
  return addresses.filter((one) => !one.internal && !one.address.toLowerCase().startsWith('fe80:'));
}

/**
 * Several identities behind one address bring little, since most peers accept only one connection from it; addresses of one
 * interface share its speed. `bind` holds addresses or interface names.
 */
export function adviceOn(identities: number, bind: readonly string[], addresses: readonly AddressView[]): Advice {
  const usable = usableAddresses(addresses);
  const links = (of: readonly AddressView[]): number => new Set(of.map((one) => one.interfaceName)).size;
  if (identities === 1) return bind.length === 0 && links(usable) > 1 ? 'offer' : 'none';
  if (bind.length === 0) {
    if (usable.length <= 1) return 'one';
    return links(usable) === 1 ? 'same-link' : 'choose';
  }
  if (bind.length === 1) return 'one-chosen';
  const chosen = addresses.filter((one) => bind.includes(one.address) || bind.includes(one.interfaceName));
  return chosen.length > 0 && links(chosen) === 1 ? 'same-link' : 'dealt';
}
