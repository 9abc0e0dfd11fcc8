import { expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { parseIp } from '../base/ip.ts';
import { ScrapeFilter } from './scrape-filter.ts';

test('the vector of BEP 33', () => {
  const filter = new ScrapeFilter();
  for (let i = 0; i <= 255; i++) filter.add(Uint8Array.of(192, 0, 2, i));
  for (let i = 0; i <= 0x3e7; i++) filter.add(parseIp(`2001:db8::${i.toString(16)}`) ?? new Uint8Array());
  expect(toHex(filter.bytes)).toBe(
    'f6c3f5eaa07ffd91bde89f777f26fb2bff37bdb8fb2bbaa2fd3ddde7bacfff75ee7ccbaefe5eedb1fbfaff67f6abff5e43ddbca3fd9b9ffd' +
      'f4ffd3e9dff12d1bdf59db53dbe9fa5b7ff3b8fdfcde1afb8bedd7be2f3ee71ebbbfe93bcdeefe148246c2bc5dbff7e7efdcf24fd8dc7adf' +
      'fd8fffdfddfff7a4bbeedf5cb95ce81fc7fcff1ff4ffffdfe5f7fdcbb7fd79b3fa1fc77bfe07fff905b7b7ffc7fefeffe0b8370bb0cd3f5b' +
      '7f2bd93feb4386cfdd6f7fd5bfaf2e9ebffffeecd67adbf7c67f17efd5d75eba6ffeba7fff47a91eb1bfbb53e8abfb5762abe8ff237279bf' +
      'efbfeef5ffc5febfdfe5adffadfee1fb737ffffbfd9f6aeffeee76b6fd8f72ef',
  );
});
