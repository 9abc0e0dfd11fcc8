import { describe, expect, test } from 'vitest';
import { NodeInterfaces, hasAddress } from './interfaces.ts';

describe('NodeInterfaces', () => {
  test('lists loopback, marked as such, and nothing that is bound to a link', () => {
    const list = new NodeInterfaces().list();
    expect(list).toContainEqual(expect.objectContaining({ address: '127.0.0.1', family: 4, internal: true }));
    expect(list.filter(({ address }) => address.startsWith('fe80'))).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('tells how long packets of an interface may be', () => {
    const interfaces = new NodeInterfaces();
    expect(interfaces.longestPacket('lo')).toBeGreaterThan(1_000);
    expect(['there-is-none', '../../..', ''].map((name) => interfaces.longestPacket(name))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('knows each address that it lists, however it is written', () => {
    for (const { address, family } of new NodeInterfaces().list()) {
      expect(hasAddress(family === 6 ? address.toUpperCase() : address)).toBe(true);
    }
    expect(hasAddress('0:0:0:0:0:0:0:1')).toBe(hasAddress('::1'));
    expect(['192.0.2.1', '2001:db8::1', 'nonsense', ''].map(hasAddress)).toEqual([false, false, false, false]);
    expect(hasAddress('127.0.0.77')).toBe(true);
  });
});
