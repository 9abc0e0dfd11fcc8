import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { holdsAddress, RangeCollector } from './address-ranges.ts';
import { FilterText } from './filter-text.ts';
import { formatIp } from './ip.ts';

function read(...lines: string[]) {
  const text = new FilterText();
  for (const part of lines.join('\n').match(/.{1,7}/gs) ?? []) text.push(part);
  return text.end();
}

test.each([
  ['Some name:1.2.3.4-1.2.3.9', ['1.2.3.4', '1.2.3.7', '1.2.3.9', '::ffff:1.2.3.5'], ['1.2.3.3', '1.2.3.10']],
  ['a: name, with: colons:1.2.3.4-1.2.3.4', ['1.2.3.4'], ['1.2.3.5']],
  ['001.002.003.000 - 001.002.003.255 , 100 , Somebody', ['1.2.3.0', '1.2.3.255'], ['1.2.4.0']],
  ['10.0.0.0-10.0.0.1', ['10.0.0.1'], ['10.0.0.2']],
  ['192.0.2.128/25', ['192.0.2.128', '192.0.2.255'], ['192.0.2.127', '192.0.3.0']],
  ['0.0.0.0/0', ['0.0.0.0', '255.255.255.255'], ['::1']],
  ['192.0.2.7', ['192.0.2.7'], ['192.0.2.6']],
  ['2001:db8::/33', ['2001:db8::', '2001:db8:7fff::1'], ['2001:db8:8000::', '32.1.13.184']],
  ['2001:db8::1-2001:db8::ff', ['2001:db8::80'], ['2001:db8::100']],
  ['A name:2001:db8::1-2001:db8::ff', ['2001:db8::80'], ['2001:db8::100']],
])('%s', (line, inside, outside) => {
  const { ranges, report } = read(line);
  expect(report).toEqual({ ranges: 1, bad: 0, first: [] });
  for (const host of inside) expect(holdsAddress(ranges, host), host).toBe(true);
  for (const host of [...outside, 'a.name']) expect(holdsAddress(ranges, host), host).toBe(false);
});

test('what lets addresses pass, and remarks, count as nothing; bad lines are counted and named', () => {
  const { ranges, report } = read(
    '# a remark',
    '; another',
    '',
    '1.2.3.4 - 1.2.3.4 , 200 , free',
    'nonsense',
    '1.2.3.9-1.2.3.4',
    '1.2.3.4-2001:db8::1',
    '1.2.3.4/33',
    '300.1.1.1',
    'x'.repeat(9000),
    'name:1.2.3.4-1.2.3.4\r',
  );
  expect(holdsAddress(ranges, '1.2.3.4')).toBe(true);
  expect([report.ranges, report.bad]).toEqual([1, 6]);
  expect(report.first[0]).toEqual({ line: 5, text: 'nonsense' });
});

test('packed ranges hold what any of the ranges holds', () => {
  const address = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 0xffffffff }));
  fc.assert(
    fc.property(fc.array(fc.tuple(address, address)), fc.array(address), fc.boolean(), (pairs, probes, long) => {
      const collector = new RangeCollector();
      const words = (n: number): number[] => (long ? [0x20010db8, 0, n >>> 16, (n << 16) >>> 0] : [n]);
      const text = (n: number): string =>
        formatIp(Uint8Array.from(words(n).flatMap((w) => [w >>> 24, (w >>> 16) & 255, (w >>> 8) & 255, w & 255])));
      const ranges = pairs.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
      for (const [first, last] of ranges) collector.add(words(first), words(last));
      const packed = collector.pack();
      for (const probe of [...probes, ...pairs.flat()]) {
        const held = ranges.some(([first, last]) => first <= probe && probe <= last);
        expect(holdsAddress(packed, text(probe))).toBe(held);
      }
    }),
  );
});
