import { expect, test } from 'vitest';
import type { InterfaceFacts } from './interfaces.ts';
import { LinkKinds } from './link-kinds.ts';

const facts = (kind: InterfaceFacts['kind']): InterfaceFacts => ({ kind, up: true, pointToPoint: false });
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the system is asked once an interface, also where it does not tell', async () => {
  const known = new Map([['eth0', facts('wired')]]);
  let asked = 0;
  const kinds = new LinkKinds({
    describe: () => {
      asked++;
      return Promise.resolve(known);
    },
  });
  const seen = (): string[] => ['eth0', 'eth0:1', 'tun0'].map((interfaceName) => kinds.of({ interfaceName }));
  expect(seen()).toEqual(['unknown', 'unknown', 'unknown']);
  await settled();
  expect(seen()).toEqual(['wired', 'wired', 'unknown']);
  await settled();
  known.set('wg0', facts('vpn'));
  expect(seen()).toEqual(['wired', 'wired', 'unknown']);
  expect(asked).toBe(2);
  kinds.of({ interfaceName: 'wg0' });
  await settled();
  expect([kinds.of({ interfaceName: 'wg0' }), asked]).toEqual(['vpn', 3]);
});
