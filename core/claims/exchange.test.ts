import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COLLECT_MODES } from '../base/choices.ts';
import { identityIndex, type PeerId } from '../base/ids.ts';
import { parseJsonObject } from '../store/records/checked-json.ts';
import { collects, decodeExchange, MAX_HOSTS } from './exchange.ts';
import { decodeMember, encodeMember } from './sibling-files.ts';

const good = { hosts: ['10.0.0.1', 'fd00::1'], port: 7000, collect: 'all', collecting: true };

test('what one machine says of the exchange is what the others read', () => {
  const link = {
    name: 'Fibre at home',
    interfaceName: 'Ethernet 2',
    kind: 'wireless',
    proxy: 'socks5://10.0.0.9:1080',
  } as const;
  const exchange = { ...good, collect: 'here', link } as const;
  const record = {
    index: identityIndex(2),
    peerId: 'ab'.repeat(20) as PeerId,
    endpoint: { host: '', port: 0 },
    machine: 'm',
    heartbeat: 5,
    exchange,
  };
  expect(decodeMember(encodeMember(record, { seat: 's' }), 'x', 2)).toEqual(record);
});

test.each([
  [{ ...good, port: 0 }],
  [{ ...good, port: 70_000 }],
  [{ ...good, collect: 'some' }],
  [{ ...good, collecting: 1 }],
  [{ ...good, hosts: 'x' }],
  [{ ...good, hosts: Array.from({ length: MAX_HOSTS + 1 }, () => '10.0.0.1') }],
  // Neither names nor what is no address of a machine.
  [{ ...good, hosts: ['router.lan'] }],
  [{ ...good, hosts: ['224.0.0.1'] }],
  [{ ...good, hosts: ['0.0.0.0'] }],
  [{ ...good, hosts: [7] }],
  ['x'],
  [null],
])('%j is passed over, and the rest of the registration counts', (exchange) => {
  expect(decodeExchange({ exchange })).toBeUndefined();
});

test.each([
  [7, undefined],
  [{ name: '' }, undefined],
  [{ name: 'x'.repeat(41), interfaceName: 'eth\n0', proxy: 5 }, undefined],
  [{ name: 'phone', interfaceName: 'x'.repeat(65), kind: 'wired\n' }, { name: 'phone' }],
  [{ kind: 'vpn' }, { kind: 'vpn' }],
  [{ proxy: 'socks5://a:1', other: 1 }, { proxy: 'socks5://a:1' }],
])('of a link %j the rest of the registration does not depend', (said, read) => {
  const link = read === undefined ? {} : { link: read };
  expect(decodeExchange({ exchange: { ...good, link: said } })).toEqual({ ...good, ...link });
});

test('whatever stands there, it is passed over or valid', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (exchange) => {
      expect(decodeExchange({ exchange })).toBeUndefined();
    }),
  );
  const near = fc.record({
    hosts: fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { maxLength: 9 }),
    port: fc.integer({ min: -1, max: 70_000 }),
    collect: fc.constantFrom(...COLLECT_MODES, 'x'),
    collecting: fc.boolean(),
  });
  fc.assert(
    fc.property(near, (exchange) => {
      const data = new TextEncoder().encode(JSON.stringify({ exchange }));
      const read = decodeExchange(parseJsonObject(data) ?? {});
      if (read === undefined) return;
      expect(read.hosts.length).toBeLessThanOrEqual(MAX_HOSTS);
      for (const host of read.hosts) expect(host).toMatch(/^[0-9a-f.:]+$/);
      expect(read.port > 0 && read.port < 65_536).toBe(true);
    }),
  );
});

test('every machine collects, unless one says that it does', () => {
  const all = { collect: 'all' } as const;
  const here = { collect: 'here' } as const;
  const none = { collect: 'none' } as const;
  expect(collects('all', [])).toBe(true);
  expect(collects('all', [all, none])).toBe(true);
  expect(collects('all', [all, here])).toBe(false);
  expect(collects('here', [here])).toBe(true);
  expect(collects('none', [none])).toBe(false);
});
