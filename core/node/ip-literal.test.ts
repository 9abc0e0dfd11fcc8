import fc from 'fast-check';
import { isIP } from 'node:net';
import { expect, test } from 'vitest';
import { literalFamily } from './ip-literal.ts';

test('tells what Node tells, of addresses, names and any text', () => {
  const texts = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.domain(),
    fc.string(),
    fc.constantFrom('fe80::1%eth0', '::', '1.2.3', ''),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(literalFamily(text)).toBe(isIP(text));
    }),
  );
});
