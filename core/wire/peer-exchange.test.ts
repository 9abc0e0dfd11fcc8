import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode } from '../bencode/bencode.ts';
import { EnsembleError } from '../base/errors.ts';
import { formatIp } from '../base/ip.ts';
import { decodePeerExchange, encodePeerExchange, PEX_FLAG } from './peer-exchange.ts';

const text = (data: Uint8Array): string => new TextDecoder('latin1').decode(data);
const bytes = (data: string): Uint8Array => Uint8Array.from(Buffer.from(data, 'latin1'));
const protocolError = expect.objectContaining({ code: 'protocol' }) as Error;

describe('peer exchange message', () => {
  test('flags go with every list, also an empty one', () => {
    const message = encodePeerExchange({ added: [{ host: '1.2.3.4', port: 0x4142, flags: 0x12 }], dropped: [] });
    expect(text(message)).toBe(
      'd5:added6:\x01\x02\x03\x04AB7:added.f1:\x126:added60:8:added6.f0:7:dropped0:8:dropped60:e',
    );
    expect(text(encodePeerExchange({ added: [], dropped: [] }))).toContain('7:added.f0:');
  });

  test('what is sent is what is read', () => {
    const v4 = fc.uint8Array({ minLength: 4, maxLength: 4, min: 1, max: 200 });
    const v6 = fc.uint8Array({ minLength: 16, maxLength: 16, min: 1, max: 200 });
    const endpoint = fc.record({ host: fc.oneof(v4, v6).map(formatIp), port: fc.integer({ min: 1, max: 65_535 }) });
    const added = fc.array(fc.tuple(endpoint, fc.nat(255)), { maxLength: 90 });
    fc.assert(
      fc.property(added, fc.array(endpoint, { maxLength: 90 }), (entries, dropped) => {
        const peers = entries.map(([one, flags]) => ({ ...one, flags }));
        const byFamily = <T extends { readonly host: string }>(list: readonly T[]): T[] =>
          [...list].sort((a, b) => Number(a.host.includes(':')) - Number(b.host.includes(':')));
        const read = decodePeerExchange(encodePeerExchange({ added: peers, dropped }));
        expect(read).toEqual({ added: byFamily(peers), dropped: byFamily(dropped) });
      }),
    );
  });

  test.each([
    ['an empty one, as aria2 sends it', 'de', [], []],
    ['without flags', 'd5:added6:\x01\x02\x03\x04\x1a\xe1e', [['1.2.3.4', 0]], []],
    [
      'with too few flags',
      'd5:added12:\x01\x02\x03\x04\x1a\xe1\x01\x02\x03\x05\x1a\xe17:added.f1:\x02e',
      [
        ['1.2.3.4', 2],
        ['1.2.3.5', 0],
      ],
      [],
    ],
    ['flags that are no string', 'd5:added6:\x01\x02\x03\x04\x1a\xe17:added.fi3ee', [['1.2.3.4', 0]], []],
    ['a list that is cut', 'd5:added7:\x01\x02\x03\x04\x1a\xe1\x01e', [], []],
    ['a list that is no string', 'd5:addedle7:droppedi1ee', [], []],
    [
      'flags stay with their entries where some are left out',
      'd5:added12:\x01\x02\x03\x04\x00\x00\x01\x02\x03\x05\x1a\xe17:added.f2:\x01\x02e',
      [['1.2.3.5', 2]],
      [],
    ],
    [
      'addresses of nobody',
      'd5:added18:\xff\xff\xff\xff\x1a\xe1\x00\x00\x00\x00\x1a\xe1\xe0\x00\x00\x01\x1a\xe1e',
      [],
      [],
    ],
    ['dropped ones', 'd7:dropped6:\x01\x02\x03\x04\x1a\xe1e', [], ['1.2.3.4']],
    ['fields of later versions', 'd1:xlee', [], []],
  ] as const)('%s', (_, wire, added, dropped) => {
    const message = decodePeerExchange(bytes(wire));
    expect(message.added.map(({ host, flags }) => [host, flags])).toEqual(added);
    expect(message.dropped.map(({ host }) => host)).toEqual(dropped);
  });

  test.each(['', 'i1e', 'le', 'd5:added', '6:length', 'd5:added6:aaaaaae1'])('no message: %j', (wire) => {
    expect(() => decodePeerExchange(bytes(wire))).toThrow(protocolError);
  });

  test('no more than 100 entries of a list are read', () => {
    const list = new Uint8Array(6 * 5000).fill(7);
    const read = decodePeerExchange(encode({ added: list, dropped: list }));
    expect([read.added.length, read.dropped.length]).toEqual([100, 100]);
  });

  test('any bytes fail by name alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (data) => {
        try {
          decodePeerExchange(data);
        } catch (error) {
          expect(error).toBeInstanceOf(EnsembleError);
        }
      }),
    );
  });

  test('flags are bits of their own', () => {
    const all: number[] = Object.values(PEX_FLAG);
    expect(all.reduce((sum, bit) => sum | bit)).toBe(all.reduce((sum, bit) => sum + bit));
  });
});
