import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex, writeU32 } from '../base/bytes.ts';
import type { HashRange } from '../base/hash-range.ts';
import { piece } from '../base/ids.ts';
import { Decoder } from './decoder.ts';
import type { DecoderLimits } from './decoder.ts';
import * as encode from './encode.ts';
import { encodeHashes, encodeHashReject, encodeHashRequest } from './hash-message.ts';
import type { WireHandler } from './handler.ts';
import { MessageBatch } from './message-batch.ts';

/** A handler that writes down all it hears, payloads as hex digits. Blocks of odd pieces are skipped. */
function recorder(): { handler: WireHandler; heard: unknown[][] } {
  const heard: unknown[][] = [];
  let target: Uint8Array | undefined;
  const own: Partial<WireHandler> = {
    bitfield: (data) => void heard.push(['bitfield', toHex(data)]),
    extended: (id, payload) => void heard.push(['extended', id, toHex(payload)]),
    hashes: (range, hashes) => void heard.push(['hashes', range, toHex(hashes)]),
    blockTarget: (index, _begin, length) => (target = index % 2 === 0 ? new Uint8Array(length) : undefined),
    block: (index, begin, length, kept) =>
      void heard.push(['block', index, begin, length, kept, kept && toHex(target as Uint8Array)]),
  };
  const handler = new Proxy(own, {
    get: (known, name) =>
      Reflect.get(known, name) ?? ((...values: unknown[]): void => void heard.push([String(name), ...values])),
  }) as WireHandler;
  return { handler, heard };
}

function decode(chunks: readonly Uint8Array[], limits: DecoderLimits = { v2: true }): unknown[][] {
  const { handler, heard } = recorder();
  const decoder = new Decoder(handler, limits);
  for (const chunk of chunks) decoder.push(chunk);
  return heard;
}

/** Cuts `data` at the given places (modulo its length). */
function cut(data: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (data.length + 1)), data.length].sort((a, b) => a - b);
  return sorted.slice(1).map((end, i) => data.slice(sorted[i], end));
}

function block(index: number, begin: number, payload: Uint8Array): Uint8Array {
  return concatBytes(encode.encodePieceHeader(piece(index), begin, payload.length), payload);
}

/** A message of any id and body, its length prefix right or as given. */
function raw(id: number, body: number, prefix = body + 1): Uint8Array {
  const out = new Uint8Array(5 + body);
  writeU32(out, 0, prefix);
  out[4] = id;
  return out;
}

const HIGH = 0xffffffff;
const RANGE: HashRange = { root: 'ab'.repeat(32), base: 4, index: 8, length: 4, proofLayers: 2 };
const RANGE_HEX = `${RANGE.root}00000004000000080000000400000002`;
/** A `hashes` message with that many bytes of hashes, of which nothing but the head has come. */
function hashesHead(change: Partial<HashRange>, hashes: number): Uint8Array {
  const out = encodeHashes({ ...RANGE, ...change }, new Uint8Array(0));
  writeU32(out, 0, out.length - 4 + hashes);
  return out;
}

describe('each message', () => {
  test.each<[string, Uint8Array, unknown[]]>([
    ['00000000', encode.encodeKeepAlive(), ['keepAlive']],
    ['0000000100', encode.encodeChoke(), ['choke']],
    ['0000000101', encode.encodeUnchoke(), ['unchoke']],
    ['0000000102', encode.encodeInterested(), ['interested']],
    ['0000000103', encode.encodeNotInterested(), ['notInterested']],
    ['0000000504fffffffe', encode.encodeHave(piece(HIGH - 1)), ['have', HIGH - 1]],
    ['0000000305a0f0', encode.encodeBitfield(Uint8Array.of(0xa0, 0xf0)), ['bitfield', 'a0f0']],
    ['0000000105', encode.encodeBitfield(new Uint8Array(0)), ['bitfield', '']],
    [
      '0000000d06000000018000000000004000',
      encode.encodeRequest(piece(1), 0x80000000, 0x4000),
      ['request', 1, 0x80000000, 0x4000],
    ],
    ['0000000d060000000100000000ffffffff', encode.encodeRequest(piece(1), 0, HIGH), ['request', 1, 0, HIGH]],
    ['0000000d08000000010000000200000003', encode.encodeCancel(piece(1), 2, 3), ['cancel', 1, 2, 3]],
    [
      '0000000b070000000200004000abcd',
      block(2, 0x4000, Uint8Array.of(0xab, 0xcd)),
      ['block', 2, 0x4000, 2, true, 'abcd'],
    ],
    [
      '0000000b070000000300004000abcd',
      block(3, 0x4000, Uint8Array.of(0xab, 0xcd)),
      ['block', 3, 0x4000, 2, false, false],
    ],
    ['000000090700000002ffffffff', block(2, HIGH, new Uint8Array(0)), ['block', 2, HIGH, 0, true, '']],
    ['0000000309ffff', encode.encodePort(65535), ['port', 65535]],
    ['000000050d00000007', encode.encodeSuggest(piece(7)), ['suggest', 7]],
    ['000000010e', encode.encodeHaveAll(), ['haveAll']],
    ['000000010f', encode.encodeHaveNone(), ['haveNone']],
    ['0000000d10000000010000000200000003', encode.encodeReject(piece(1), 2, 3), ['reject', 1, 2, 3]],
    ['000000051100000007', encode.encodeAllowedFast(piece(7)), ['allowedFast', 7]],
    ['000000041403abcd', encode.encodeExtended(3, Uint8Array.of(0xab, 0xcd)), ['extended', 3, 'abcd']],
    ['000000021400', encode.encodeExtended(0, new Uint8Array(0)), ['extended', 0, '']],
    [`0000003115${RANGE_HEX}`, encodeHashRequest(RANGE), ['hashRequest', RANGE]],
    [`0000003117${RANGE_HEX}`, encodeHashReject(RANGE), ['hashReject', RANGE]],
    [
      `000000d116${RANGE_HEX}${'cd'.repeat(160)}`,
      encodeHashes(RANGE, new Uint8Array(160).fill(0xcd)),
      ['hashes', RANGE, 'cd'.repeat(160)],
    ],
  ])('%s', (wire, encoded, heard) => {
    expect(toHex(encoded)).toBe(wire);
    const data = fromHex(wire) as Uint8Array;
    expect(decode([data])).toEqual([heard]);
    expect(decode(Array.from(data, (byte) => Uint8Array.of(byte)))).toEqual([heard]);
  });

  test('of an unknown id is skipped, whatever it carries', () => {
    const data = concatBytes(raw(11, 0), raw(99, 5000), raw(255, 3), encode.encodeChoke());
    expect(decode([data])).toEqual([['choke']]);
    expect(decode(cut(data, [3, 5, 7, 1000, 5015]))).toEqual([['choke']]);
  });
});

describe('a breach is told before any of the body is waited for', () => {
  test.each<[string, Uint8Array, DecoderLimits?]>([
    ['prefix of 2^32 - 1', raw(7, 0, HIGH)],
    ['prefix of 2^31', raw(99, 0, 2 ** 31)],
    ['prefix just over the most', raw(99, 0, 131072 + 10)],
    ['prefix over a lower bound', raw(99, 0, 101), { maxMessage: 100 }],
    ['choke with a body', raw(0, 0, 2)],
    ['have of 3 bytes', raw(4, 0, 4)],
    ['request without a length', raw(6, 0, 9)],
    ['request that is too long', raw(6, 0, 17)],
    ['cancel of nothing', raw(8, 0, 1)],
    ['port of 4 bytes', raw(9, 0, 5)],
    ['piece without begin', raw(7, 0, 5)],
    ['block of more than 128 KiB', raw(7, 0, 9 + 131073)],
    ['extended without its own id', raw(20, 0, 1)],
    ['extended of more than 64 KiB', raw(20, 0, 2 + 65537)],
    ['bitfield of more than 64 KiB', raw(5, 0, 1 + 65537)],
    ['bitfield over its bound', raw(5, 0, 1 + 11), { maxBitfield: 10 }],
    ['reject of 12 bytes', raw(16, 0, 12)],
    ['have all that was not agreed on', raw(14, 0), { fast: false }],
    ['allowed fast that was not agreed on', raw(17, 0, 5), { fast: false }],
    ['hash request on a connection of version 1', encodeHashRequest(RANGE), {}],
    ['hashes on a connection of version 1', encodeHashes(RANGE, new Uint8Array(160)), {}],
    ['hash request without its last number', raw(21, 0, 45)],
    ['hash request with something behind it', raw(21, 0, 50)],
    ['hash reject of nothing', raw(23, 0, 1)],
    ['hashes without what they are about', raw(22, 0, 48)],
    ['hashes of more than is ever asked for', raw(22, 0, 49 + 553 * 32)],
    ['hashes, one of which is missing', hashesHead({}, 128)],
    ['hashes with half a hash', hashesHead({}, 176)],
    ['hashes of three', hashesHead({ length: 3, index: 0, proofLayers: 0 }, 96)],
    ['hashes of one', hashesHead({ length: 1, index: 0, proofLayers: 0 }, 32)],
    ['hashes from the middle', hashesHead({ index: 6 }, 160)],
    ['hashes of far too many', hashesHead({ length: 2 ** 31, index: 0 }, 160)],
    ['hashes with a tree of 2^32 layers', hashesHead({ proofLayers: HIGH }, 160)],
  ])('%s', (_, data, limits) => {
    const breach = expect.objectContaining({ name: 'EnsembleError', code: 'protocol' });
    expect(() => decode([data], limits)).toThrow(breach);
    expect(() =>
      decode(
        Array.from(data, (byte) => Uint8Array.of(byte)),
        limits,
      ),
    ).toThrow(breach);
  });

  test.each<[string, Uint8Array, DecoderLimits?]>([
    ['block of 128 KiB', raw(7, 0, 9 + 131072)],
    ['extended of 64 KiB', raw(20, 0, 2 + 65536)],
    ['bitfield within its bound', raw(5, 0, 1 + 10), { maxBitfield: 10 }],
    ['have all', raw(14, 0), { fast: true }],
    ['hash request for anything at all', encodeHashRequest({ ...RANGE, base: HIGH, index: 1, length: 0 })],
    ['hashes of 512 with the longest proof', hashesHead({ index: 512, length: 512, proofLayers: 40 }, 544 * 32)],
  ])('but not for the largest that may be: %s', (_, data, limits) => {
    expect(() => decode([data], limits)).not.toThrow();
  });

  test('the bound of a bitfield can be set when the number of pieces is known', () => {
    const { handler, heard } = recorder();
    const decoder = new Decoder(handler);
    decoder.setMaxBitfield(1);
    decoder.push(encode.encodeBitfield(Uint8Array.of(0x80)));
    expect(heard).toEqual([['bitfield', '80']]);
    expect(() => decoder.push(raw(5, 2))).toThrow(/length of 3/);
  });
});

test('a target of the wrong size is our own mistake', () => {
  const { handler } = recorder();
  handler.blockTarget = () => new Uint8Array(3);
  expect(() => new Decoder(handler).push(block(0, 0, new Uint8Array(2)))).toThrow(RangeError);
});

test('after stop nothing more is told, not of the same chunk either', () => {
  const { handler, heard } = recorder();
  const decoder = new Decoder(handler);
  handler.choke = () => decoder.stop();
  decoder.push(concatBytes(encode.encodeUnchoke(), encode.encodeChoke(), encode.encodeUnchoke()));
  decoder.push(encode.encodeUnchoke());
  expect(heard).toEqual([['unchoke']]);
});

test('a dropped target is not written to any more, and the rest of its block is skipped', () => {
  const { handler } = recorder();
  const target = new Uint8Array(4);
  const kept: boolean[] = [];
  handler.blockTarget = () => target;
  handler.block = (_piece, _begin, _length, wasKept) => void kept.push(wasKept);
  const decoder = new Decoder(handler);
  decoder.dropTarget();
  const data = concatBytes(block(0, 0, Uint8Array.of(1, 2, 3, 4)), block(0, 0, Uint8Array.of(5, 6, 7, 8)));
  decoder.push(data.subarray(0, 15));
  decoder.dropTarget();
  decoder.push(data.subarray(15, 17));
  expect([...target]).toEqual([1, 2, 0, 0]);
  decoder.push(data.subarray(17));
  expect([...target]).toEqual([5, 6, 7, 8]);
  expect(kept).toEqual([false, true]);
});

const word = fc.nat({ max: 2 ** 32 - 1 });
const bytes = fc.uint8Array({ maxLength: 300 });
const anyMessage = fc.oneof(
  fc.constantFrom(encode.encodeKeepAlive(), encode.encodeChoke(), encode.encodeHaveAll(), raw(77, 40)),
  word.map((n) => encode.encodeHave(piece(n))),
  fc.tuple(word, word, word).map(([p, b, l]) => encode.encodeRequest(piece(p), b, l)),
  bytes.map((data) => encode.encodeBitfield(data)),
  fc.tuple(word, word, bytes).map(([p, b, data]) => block(p, b, data)),
  fc.tuple(fc.nat({ max: 255 }), bytes).map(([id, data]) => encode.encodeExtended(id, data)),
  fc.tuple(word, word, word).map(([base, index, length]) => encodeHashRequest({ ...RANGE, base, index, length })),
  fc.nat({ max: 255 }).map((byte) => encodeHashes(RANGE, new Uint8Array(160).fill(byte))),
);

describe('properties', () => {
  test('any cut of the stream gives the same messages', () => {
    fc.assert(
      fc.property(
        fc.array(anyMessage, { maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (messages, places) => {
          const stream = concatBytes(...messages);
          const whole = decode([stream]);
          const skipped = messages.filter((message) => message[4] === 77).length;
          expect(whole).toHaveLength(messages.length - skipped);
          expect(decode(cut(stream, places))).toEqual(whole);
        },
      ),
    );
  });

  test('whatever comes, it is messages or a breach, and the same ones however it is cut', () => {
    const outcome = (chunks: readonly Uint8Array[]): unknown[] => {
      const { handler, heard } = recorder();
      const decoder = new Decoder(handler, { fast: false, v2: true, maxBitfield: 100 });
      try {
        for (const chunk of chunks) decoder.push(chunk);
      } catch (error) {
        expect(error).toMatchObject({ code: 'protocol' });
        heard.push(['breach', String(error)]);
      }
      return heard;
    };
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 5 });
    const stream = fc.array(anyMessage, { maxLength: 20 }).map((messages) => concatBytes(...messages));
    const places = fc.array(fc.nat(), { maxLength: 30 });
    fc.assert(
      fc.property(fc.oneof(stream, fc.uint8Array({ maxLength: 2000 })), damage, places, (data, changes, cuts) => {
        const bytes = data.slice();
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
        const whole = outcome([bytes]);
        expect(whole.length).toBeLessThanOrEqual(bytes.length / 4 + 1);
        expect(outcome(cut(bytes, cuts))).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a batch', () => {
  test.each<[string, (batch: MessageBatch) => void, Uint8Array]>([
    ['keepAlive', (batch) => batch.keepAlive(), encode.encodeKeepAlive()],
    ['choke', (batch) => batch.choke(), encode.encodeChoke()],
    ['unchoke', (batch) => batch.unchoke(), encode.encodeUnchoke()],
    ['interested', (batch) => batch.interested(), encode.encodeInterested()],
    ['notInterested', (batch) => batch.notInterested(), encode.encodeNotInterested()],
    ['have', (batch) => batch.have(piece(HIGH)), encode.encodeHave(piece(HIGH))],
    ['request', (batch) => batch.request(piece(1), 2, 3), encode.encodeRequest(piece(1), 2, 3)],
    ['cancel', (batch) => batch.cancel(piece(1), 2, 3), encode.encodeCancel(piece(1), 2, 3)],
    ['pieceHeader', (batch) => batch.pieceHeader(piece(1), 2, 3), encode.encodePieceHeader(piece(1), 2, 3)],
    ['haveAll', (batch) => batch.haveAll(), encode.encodeHaveAll()],
    ['haveNone', (batch) => batch.haveNone(), encode.encodeHaveNone()],
    ['suggest', (batch) => batch.suggest(piece(5)), encode.encodeSuggest(piece(5))],
    ['reject', (batch) => batch.reject(piece(1), 2, 3), encode.encodeReject(piece(1), 2, 3)],
    ['allowedFast', (batch) => batch.allowedFast(piece(5)), encode.encodeAllowedFast(piece(5))],
  ])('writes %s as it is encoded alone', (_, put, encoded) => {
    const batch = new MessageBatch();
    put(batch);
    expect(batch.size).toBe(encoded.length);
    expect(batch.take()).toEqual(encoded);
  });

  test('holds any number, tells its first, and does not touch what was taken', () => {
    const batch = new MessageBatch();
    let begun = 0;
    const counted = new MessageBatch(() => begun++);
    const parts: Uint8Array[] = [];
    for (let i = 0; i < 300; i++) {
      batch.request(piece(i), i, 16384);
      batch.have(piece(i));
      batch.keepAlive();
      batch.pieceHeader(piece(i), 5, 0);
      counted.choke();
      parts.push(
        encode.encodeRequest(piece(i), i, 16384),
        encode.encodeHave(piece(i)),
        encode.encodeKeepAlive(),
        encode.encodePieceHeader(piece(i), 5, 0),
      );
    }
    expect(batch.size).toBe(concatBytes(...parts).length);
    const taken = batch.take() as Uint8Array;
    expect(batch.take()).toBeUndefined();
    batch.haveNone();
    expect(taken).toEqual(concatBytes(...parts));
    expect(batch.take()).toEqual(encode.encodeHaveNone());
    expect(begun).toBe(1);
  });
});
