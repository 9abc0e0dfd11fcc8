import { expect, test } from 'vitest';
import { FAKE_PATHS } from '../../../core/bridge/testing/fake-paths.ts';
import { FAKE_PROFILES } from '../../../core/engine/testing/fake-links.ts';
import { kindWords, sharedWords } from './link-facts.ts';

test.for<[readonly string[], readonly string[], readonly string[] | undefined]>([
  [['Fibre', 'Phone'], [], ['Fibre', 'Phone']],
  [['Fibre'], ['192.0.2.15'], ['Fibre', '192.0.2.15']],
  [[], ['enp3s0', '192.0.2.15'], ['enp3s0', '192.0.2.15']],
  [['Fibre', 'Tunnel'], [], undefined],
  [['Fibre', 'gone'], ['10.9.9.9'], undefined],
])('%o and %o: two that leave by the same way are %o', ([links, bind, shared]) => {
  expect(sharedWords({ links, bind }, FAKE_PROFILES, FAKE_PATHS)).toEqual(shared);
});

test('what a link is made of', () => {
  expect(kindWords('wg0', FAKE_PATHS.paths)).toBe('tunnel · 192.0.2.16');
  expect(kindWords('192.0.2.16', FAKE_PATHS.paths)).toBe('tunnel');
  expect(kindWords('eth9', FAKE_PATHS.paths)).toBeUndefined();
});
