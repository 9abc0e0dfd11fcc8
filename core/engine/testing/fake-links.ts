import { bytes, bytesPerSecond } from '../../base/ids.ts';
import type { LinkProfile, LinkSnapshot } from '../link-profiles.ts';
import { plainLink } from './plain-link.ts';

const none = bytesPerSecond(0);
const GIB = 1024 ** 3;

/** A line, a modem that is metered and stands in for it, and a tunnel. */
export const FAKE_PROFILES: readonly LinkProfile[] = [
  { ...plainLink('Fibre', 'enp3s0'), up: bytesPerSecond(5_000_000) },
  {
    name: 'Phone',
    bind: 'enp4s0',
    down: bytesPerSecond(2_000_000),
    up: none,
    role: 'fetch',
    when: { kind: 'down', interface: 'enp3s0' },
    metered: { allowance: bytes(20 * GIB), day: 1 },
  },
  plainLink('Tunnel', 'wg0'),
];

/** How these links fare, and one address besides: the first carries most, and each that has a condition waits. */
export function fakeLinkStates(profiles: readonly LinkProfile[]): readonly LinkSnapshot[] {
  const named = profiles.map(({ name, bind, role, when, metered }, i): LinkSnapshot => {
    const waits = when.kind !== 'always';
    const share = waits ? 0 : 1 / (i + 1);
    return {
      name,
      at: bind ?? 'socks5://10.0.0.1:1080',
      role,
      ...(waits ? { wait: when } : {}),
      identities: waits ? 0 : 1,
      rate: { down: bytesPerSecond(6_200_000 * share), up: bytesPerSecond(810_000 * share) },
      downloaded: bytes(Math.round(3.2 * GIB * share)),
      uploaded: bytes(Math.round(0.4 * GIB * share)),
      ...(metered === undefined ? {} : { month: { used: bytes(7.5 * GIB), allowance: metered.allowance } }),
    };
  });
  const rate = { down: bytesPerSecond(1_400_000), up: bytesPerSecond(90_000) };
  const plain: LinkSnapshot = {
    at: '192.0.2.16',
    address: '192.0.2.16',
    outside: '198.51.100.7',
    role: 'both',
    identities: 1,
    rate,
    downloaded: bytes(GIB),
    uploaded: bytes(GIB / 8),
  };
  return profiles.length > 0 ? named : [plain];
}
