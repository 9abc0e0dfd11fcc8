import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EnsembleError } from './errors.ts';
import { HttpAnswerReader } from './http-answer.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const text = (data: Uint8Array): string => String.fromCharCode(...data);

/** Reads an answer in parts of so many bytes; the connection ends behind it. */
function read(data: string, part = data.length, max = 1000) {
  const reader = new HttpAnswerReader(max);
  for (let at = 0; at < data.length && !reader.done; at += Math.max(1, part)) {
    reader.push(bytes(data.slice(at, at + Math.max(1, part))));
  }
  const early = reader.done;
  if (!early) reader.end();
  const { head, body, whole } = reader;
  return { status: head?.status, headers: head?.headers, body: text(body), whole, early };
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

describe('HttpAnswerReader', () => {
  test.each([
    ['a length', `${OK}Content-Length: 4\r\n\r\nbodyrest`, 'body', true],
    ['no length: to the end', `${OK}\r\nbody`, 'body', false],
    ['a length of nothing', `${OK}Content-Length: 0\r\n\r\nrest`, '', true],
    ['chunks', `${CHUNKED}2\r\nbo\r\n2;x=y\r\ndy\r\n0\r\n\r\n`, 'body', true],
    ['lines that end in LF', 'HTTP/1.0 200 OK\nA: b\n\nbody', 'body', false],
    ['lines that end in LF or CRLF, as it comes', 'HTTP/1.0 200 OK\r\nA: b\n\r\nbody', 'body', false],
    ['lines that end in more than CRLF', 'HTTP/1.0 200 OK\r\r\nA: b\r\r\n\r\r\nbody', 'body', false],
    ['no reason', 'HTTP/1.1 200\r\n\r\nbody', 'body', false],
    ['blanks in its first line', 'HTTP/1.1   200   OK\r\n\r\nbody', 'body', false],
    ['empty lines before it', `\r\n\n${OK}\r\nbody`, 'body', false],
    ['the same length twice', `${OK}Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody`, 'body', true],
    ['the same length twice in a line', `${OK}Content-Length: 4, 4\r\n\r\nbody`, 'body', true],
    ['two lengths: the longer', `${OK}Content-Length: 2\r\nContent-Length: 4\r\n\r\nbody`, 'body', true],
    [
      'two lengths, less than the longer there',
      `${OK}Content-Length: 2\r\nContent-Length: 9\r\n\r\nbody`,
      'body',
      false,
    ],
    ['a length that is none', `${OK}Content-Length: many\r\n\r\nbody`, 'body', false],
    ['a negative length', `${OK}Content-Length: -1\r\n\r\nbody`, 'body', false],
    [
      'chunks and a length',
      `${OK}Content-Length: 2\r\n${CHUNKED.slice(OK.length)}4\r\nbody\r\n0\r\n\r\n`,
      'body',
      true,
    ],
    ['chunks whose lines end in LF', `${CHUNKED}4\nbody\n0\n\n`, 'body', true],
    ['chunks with nothing behind them', `${CHUNKED}4\r\nbody0\r\n\r\n`, 'body', true],
    ['chunks with headers behind them', `${CHUNKED}4\r\nbody\r\n0\r\nA: b\r\n\r\n`, 'body', true],
    ['blanks around the length of a chunk', `${CHUNKED} 4 \r\nbody\r\n0\r\n\r\n`, 'body', true],
    ['chunks that are none', `${CHUNKED}d8:intervali1800ee`, 'd8:intervali1800ee', false],
    ['chunks that are none, in lines', `${CHUNKED}d1:a1:\r\ne`, 'd1:a1:\r\ne', false],
    ['chunks that are none, without an end of line', `${CHUNKED}${'x'.repeat(900)}`, 'x'.repeat(900), false],
    ['lines that are no headers', `${OK}nonsense\r\n: x\r\nContent-Length: 4\r\n\r\nbody`, 'body', true],
    ['a blank before the colon', `${OK}Content-Length : 4\r\n\r\nbody`, 'body', true],
    ['a header that goes on', `${OK}Content-Length:\r\n  4\r\n\r\nbody`, 'body', true],
    ['a line that goes on from nowhere', `${OK} x\r\nContent-Length: 4\r\n\r\nbody`, 'body', true],
    [
      'another one before it',
      `HTTP/1.1 100 Continue\r\nContent-Length: 1\r\n\r\n${OK}Content-Length: 4\r\n\r\nbody`,
      'body',
      true,
    ],
  ])('reads an answer with %s', (_, data, body, early) => {
    for (const part of [data.length, 1, 3, 7]) {
      expect(read(data, part)).toMatchObject({ status: 200, body, whole: true, early });
    }
  });

  test.each([
    ['less than its length', `${OK}Content-Length: 9\r\n\r\nbody`, 'body'],
    ['a chunk that is cut off', `${CHUNKED}9\r\nbody`, 'body'],
    ['no last chunk', `${CHUNKED}4\r\nbody\r\n`, 'body'],
    ['a chunk without a length', `${CHUNKED}4\r\nbody\r\nwhat\r\n`, 'body'],
  ])('tells that it is not all there: %s', (_, data, body) => {
    for (const part of [data.length, 1]) expect(read(data, part)).toMatchObject({ body, whole: false });
  });

  test.each([
    [204, ''],
    [304, ''],
  ])('an answer %i has no body', (status, body) => {
    const data = `HTTP/1.1 ${status} X\r\nContent-Length: 9\r\n\r\n`;
    expect(read(data)).toMatchObject({ status, body, whole: true, early: true });
  });

  test('keeps headers by name, each as often as it came', () => {
    const { headers } = read(`${OK}Location: /a\r\nX: 1\r\nlocation:/b \r\n__proto__: c\r\n\r\n`);
    expect([...(headers ?? [])]).toEqual([
      ['location', ['/a', '/b']],
      ['x', ['1']],
      ['__proto__', ['c']],
    ]);
  });

  test.each([
    ['nothing', '', /before an answer/],
    ['half a head', `${OK}A: b\r\n`, /before an answer/],
    ['something else', 'SSH-2.0-x\r\n', /no answer of HTTP/],
    ['a binary', '\0\x01\n', /no answer of HTTP/],
    ['a status that is none', 'HTTP/1.1 2000 OK\r\n', /no answer of HTTP/],
    ['headers without end', `${OK}${'A: b\r\n'.repeat(20_000)}`, /headers are longer/],
    ['a header without end', `${OK}A: ${'b'.repeat(100_000)}`, /headers are longer/],
    ['empty lines without end', '\n'.repeat(100_000), /headers are longer/],
    ['answers before it without end', 'HTTP/1.1 100 x\n\n'.repeat(10_000), /headers are longer/],
    ['a length beyond the bound', `${OK}Content-Length: 1001\r\n\r\n`, /longer than 1000 bytes/],
    ['a chunk beyond the bound', `${CHUNKED}3e9\r\n`, /longer than 1000 bytes/],
    ['chunks beyond the bound', `${CHUNKED}${`64\r\n${'x'.repeat(100)}\r\n`.repeat(11)}`, /longer than 1000 bytes/],
    ['a body beyond the bound', `${OK}\r\n${'x'.repeat(1001)}`, /longer than 1000 bytes/],
    ['chunks that are none beyond the bound', `${CHUNKED}${'x'.repeat(1001)}`, /longer than 1000 bytes/],
  ])('refuses %s', (_, data, why) => {
    for (const part of [data.length, 5]) {
      expect(() => read(data, part)).toThrow(EnsembleError);
      expect(() => read(data, part)).toThrow(why);
    }
  });

  test('whatever comes, in whatever parts: the same, bounded, and no other error', () => {
    const line = fc.constantFrom(
      OK,
      '\r\n',
      '\n',
      ' ',
      'HTTP/1.1 100 x\n',
      'Content-Length: 5\r\n',
      'Transfer-Encoding: chunked\r\n',
      'A: b\n',
      '3\r\n',
      'abc',
      '0\r\n',
      '\0',
      ':',
      'ff;\n',
    );
    const outcome = (data: string, part: number): unknown => {
      try {
        const { headers, ...rest } = read(data, part, 40);
        return { ...rest, headers: [...(headers ?? [])] };
      } catch (error) {
        expect(error).toMatchObject({ name: 'EnsembleError', code: 'protocol' });
        return (error as Error).message;
      }
    };
    fc.assert(
      fc.property(fc.array(line, { maxLength: 14 }), fc.integer({ min: 1, max: 9 }), (lines, part) => {
        const data = OK + lines.join('');
        expect(outcome(data, part)).toEqual(outcome(data, data.length));
      }),
      { numRuns: 2000 },
    );
  });
});
