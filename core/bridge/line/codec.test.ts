import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from './codec.ts';

const numbers = fc.oneof(
  fc.uint8Array(),
  fc.uint16Array(),
  fc.uint32Array(),
  fc.float32Array({ noNaN: true }),
  fc.float64Array({ noNaN: true }),
);
const message = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    numbers,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

test('what is encoded comes back', () => {
  fc.assert(
    fc.property(message, (value) => {
      expect(decodeMessage(encodeMessage(value))).toEqual(value);
    }),
  );
});

test('arrays are in memory of their own, and a view is sent alone', () => {
  const whole = Uint32Array.from([1, 2, 3, 4]);
  const frame = encodeMessage({ part: whole.subarray(1, 3) });
  expect(frame.length).toBeLessThan(80);
  const back = decodeMessage(frame) as { part: Uint32Array };
  frame.fill(0);
  expect(back.part).toEqual(Uint32Array.of(2, 3));
});

test("Node's buffers arrive as bytes", () => {
  const back = decodeMessage(encodeMessage({ file: Buffer.from('ensemble'), list: [Buffer.of(1, 2)] }));
  expect(back).toEqual({ file: new TextEncoder().encode('ensemble'), list: [Uint8Array.of(1, 2)] });
  expect(decodeMessage(encodeMessage(Buffer.of(7)))).toEqual(Uint8Array.of(7));
});

test('bytes cost what they are, not a third more', () => {
  expect(encodeMessage({ map: new Uint8Array(100_000).fill(253) }).length).toBeLessThan(100_100);
});

/** A frame with any header and body. */
function frame(header: string, body = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(header);
  const start = (4 + text.length + 7) & ~7;
  const out = new Uint8Array(start + body.length);
  new DataView(out.buffer).setUint32(0, text.length);
  out.set(text, 4);
  out.set(body, start);
  return out;
}

test.each<[string, Uint8Array]>([
  ['nothing', new Uint8Array(0)],
  ['three bytes', Uint8Array.of(0, 0, 0)],
  ['a header that is cut off', Uint8Array.of(0, 0, 0, 9, 123)],
  ['a header length of four gigabytes', Uint8Array.of(255, 255, 255, 255, 123, 125)],
  ['no JSON', frame('{')],
  ['no UTF-8', Uint8Array.of(0, 0, 0, 1, 0xff)],
  ['an array that is cut off', frame('{"\\u0000":0,"t":"u8","n":9}', new Uint8Array(8))],
  ['an array of a kind that there is not', frame('{"\\u0000":0,"t":"constructor","n":0}')],
  ['an array without a length', frame('{"\\u0000":0,"t":"u8"}')],
  ['an array of a negative length', frame('{"\\u0000":0,"t":"u8","n":-1}')],
  ['an array with half a number', frame('{"\\u0000":0,"t":"u32","n":6}', new Uint8Array(8))],
  ['arrays in the wrong order', frame('[{"\\u0000":1,"t":"u8","n":1}]', new Uint8Array(8))],
  ['the same array twice', frame('[{"\\u0000":0,"t":"u8","n":1},{"\\u0000":0,"t":"u8","n":1}]', new Uint8Array(8))],
])('refused: %s', (_, data) => {
  expect(() => decodeMessage(data)).toThrow(expect.objectContaining({ code: 'invalid-message' }));
});

test('whatever comes is refused or read, and never anything else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (bytes, text) => {
      for (const data of [bytes, frame(text, bytes)]) {
        try {
          decodeMessage(data);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid-message' });
        }
      }
    }),
  );
});
