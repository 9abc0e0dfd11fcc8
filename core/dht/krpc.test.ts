import { describe, expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import { decodeKrpc, flagIn, listIn, tokenIn } from './krpc.ts';
import { encodeError, encodeQuery, encodeReply } from './krpc-encode.ts';
import { idOf, text } from './testing/scene.ts';

const bytes = (data: string): Uint8Array => Uint8Array.from(Buffer.from(data, 'latin1'));
const ID = 'abcdefghij0123456789';

/** The same, but for a message that is read, as [kind, transaction]. */
function read(data: string): readonly [string, string] | undefined {
  try {
    const message = decodeKrpc(bytes(data));
    return [message.kind, text(message.transaction)];
  } catch (error) {
    expect(error).toMatchObject({ code: 'protocol' });
    expect(error).toBeInstanceOf(EnsembleError);
    return undefined;
  }
}

describe('what is a message', () => {
  test.each([
    ['a ping', `d1:ad2:id20:${ID}e1:q4:ping1:t2:aa1:y1:qe`, ['query', 'aa']],
    ['an answer', `d1:rd2:id20:${ID}e1:t2:aa1:y1:re`, ['reply', 'aa']],
    ['a refusal', 'd1:eli201e5:Wronge1:t2:aa1:y1:ee', ['error', 'aa']],
    ['an id of one byte', `d1:ad2:id20:${ID}e1:q4:ping1:t1:x1:y1:qe`, ['query', 'x']],
    ['an empty id', `d1:ad2:id20:${ID}e1:q4:ping1:t0:1:y1:qe`, ['query', '']],
    ['an id of 32 bytes', `d1:ad2:id20:${ID}e1:q4:ping1:t32:${'x'.repeat(32)}1:y1:qe`, ['query', 'x'.repeat(32)]],
    ['keys in another order', `d1:y1:q1:t2:aa1:q4:ping1:ad2:id20:${ID}ee`, ['query', 'aa']],
    ['a question without an id: whoever answers says so', 'd1:ade1:q4:ping1:t2:aa1:y1:qe', ['query', 'aa']],
    ['a question without arguments', 'd1:q4:ping1:t2:aa1:y1:qe', ['query', 'aa']],
    ['arguments that are a list', 'd1:ale1:q4:ping1:t2:aa1:y1:qe', ['query', 'aa']],
    // An answer of nobody is none.
    ['an answer without an id', 'd1:rde1:t2:aa1:y1:re', ['error', 'aa']],
    ['an answer without a body', 'd1:t2:aa1:y1:re', ['error', 'aa']],
    ['nothing but kind and id', 'd1:t1:t1:y1:re', ['error', 't']],
    ['an answer with a short id', 'd1:rd2:id3:abce1:t2:aa1:y1:re', ['error', 'aa']],
    ['an answer whose id is a number', 'd1:rd2:idi1ee1:t2:aa1:y1:re', ['error', 'aa']],
    ['an answer whose body is text', 'd1:r2:de1:t2:aa1:y1:re', ['error', 'aa']],
    ['a refusal without a reason', 'd1:t2:aa1:y1:ee', ['error', 'aa']],
    ['a refusal that is a number', 'd1:ei201e1:t2:aa1:y1:ee', ['error', 'aa']],
    ['a refusal turned round', 'd1:el5:Wrongi201ee1:t2:aa1:y1:ee', ['error', 'aa']],
  ] as const)('%s', (_, data, expected) => {
    expect(read(data)).toEqual(expected);
  });

  test.each([
    ['nothing', ''],
    ['an empty dictionary', 'de'],
    ['a list', 'le'],
    ['a number', 'i1e'],
    ['text', '2:de'],
    ['no transaction id', `d1:ad2:id20:${ID}e1:q4:ping1:y1:qe`],
    ['a transaction id that is a number', `d1:ad2:id20:${ID}e1:q4:ping1:ti5e1:y1:qe`],
    ['a transaction id of 33 bytes', `d1:ad2:id20:${ID}e1:q4:ping1:t33:${'x'.repeat(33)}1:y1:qe`],
    ['no kind', `d1:ad2:id20:${ID}e1:q4:ping1:t2:aae`],
    ['another kind', `d1:ad2:id20:${ID}e1:q4:ping1:t2:aa1:y1:xe`],
    ['a kind of two letters', `d1:ad2:id20:${ID}e1:q4:ping1:t2:aa1:y2:qqe`],
    ['a kind that is a number', `d1:ad2:id20:${ID}e1:q4:ping1:t2:aa1:yi0ee`],
    ['a question without its name', `d1:ad2:id20:${ID}e1:t2:aa1:y1:qe`],
    ['a question whose name is a list', `d1:ad2:id20:${ID}e1:qle1:t2:aa1:y1:qe`],
    ['a question with an endless name', `d1:ad2:id20:${ID}e1:q33:${'p'.repeat(33)}1:t2:aa1:y1:qe`],
    ['something behind the end', `d1:rd2:id20:${ID}e1:t2:aa1:y1:ree`],
    ['a key that comes twice', `d1:rd2:id20:${ID}e1:t2:aa1:t2:bb1:y1:re`],
    ['a length with a leading zero', `d1:rd2:id020:${ID}e1:t2:aa1:y1:re`],
    ['a length beyond the end', `d1:rd2:id99:${ID}e1:t2:aa1:y1:re`],
    ['a length beyond all bounds', 'd20000000100'],
    ['a length of ten digits without text', '1111111111:'],
    ['a key of which the value is missing', 'd1:t1:t1:y1:r1:ze'],
    ['a number of which the end is missing', `d1:ii1`],
    ['lists in each other', `d1:r${'l'.repeat(40)}${'e'.repeat(40)}1:t2:aa1:y1:re`],
    ['more than 1,500 bytes', `d1:p1500:${'p'.repeat(1500)}1:rd2:id20:${ID}e1:t2:aa1:y1:re`],
    ['thousands of values', `d1:l${'le'.repeat(700)}1:rd2:id20:${ID}e1:t2:aa1:y1:re`],
  ])('not %s', (_, data) => {
    expect(read(data)).toBeUndefined();
  });

  test('read-only, and how others see us', () => {
    const ro = (part: string) => decodeKrpc(bytes(`d1:ad2:id20:${ID}e1:q4:ping${part}1:t2:aa1:y1:qe`));
    expect(['', '2:roi0e', '2:roi1e', '2:ro1:1'].map((part) => (ro(part) as { readOnly: boolean }).readOnly)).toEqual([
      false,
      false,
      true,
      false,
    ]);
    const message = decodeKrpc(bytes(`d2:ip6:abcdef1:rd2:id20:${ID}e1:t2:aa1:y1:re`));
    expect(message).toMatchObject({ kind: 'reply', ip: bytes('abcdef') });
  });

  test('fields of an answer that are not what they should be count as missing', () => {
    const message = decodeKrpc(bytes(`d1:rd2:id20:${ID}5:tokenle6:valuesl1:ai5elee1:xi0ee1:t2:aa1:y1:re`));
    if (message.kind !== 'reply') throw new Error(message.kind);
    expect(tokenIn(message.body)).toBeUndefined();
    expect(listIn(message.body, 'values').map(text)).toEqual(['a']);
    expect([listIn(message.body, 'id'), flagIn(message.body, 'x'), flagIn(message.body, 'id')]).toEqual([
      [],
      false,
      false,
    ]);
  });
});

describe('what we send', () => {
  const head = { transaction: bytes('aa'), version: bytes('EN\0\x01'), ip: bytes('abcdef') };
  const id = idOf(toHex(bytes(ID)));

  test.each([
    [
      'a question',
      encodeQuery('ping', {}, { ...head, id, readOnly: false }),
      `d1:ad2:id20:${ID}e1:q4:ping1:t2:aa1:v4:EN\0\x011:y1:qe`,
    ],
    [
      'one of a read-only node',
      encodeQuery('ping', {}, { ...head, id, readOnly: true }),
      `d1:ad2:id20:${ID}e1:q4:ping2:roi1e1:t2:aa1:v4:EN\0\x011:y1:qe`,
    ],
    [
      'an answer',
      encodeReply(id, { token: undefined, num: 1 }, head),
      `d2:ip6:abcdef1:rd2:id20:${ID}3:numi1ee1:t2:aa1:v4:EN\0\x011:y1:re`,
    ],
    ['a refusal', encodeError(204, 'no', head), 'd1:eli204e2:noe2:ip6:abcdef1:t2:aa1:v4:EN\0\x011:y1:ee'],
  ])('%s', (_, data, expected) => {
    expect(text(data)).toBe(expected);
  });
});
