import { describe, expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import { type Asked, MOST_SKIPPED, judge, type AnswerVerdict } from './answer.ts';

const MIB = 1024 * 1024;
const asked: Asked = { from: 100, to: 200, length: 1000 };
const far: Asked = { from: 20 * MIB, to: 21 * MIB, length: 100 * MIB };
const wall = millis(Date.UTC(2026, 0, 1));

function verdict(status: number, headers: Record<string, string | string[]>, of = asked): AnswerVerdict {
  const list = Object.entries(headers).map(([name, value]): [string, string[]] => [name, [value].flat()]);
  return judge({ status, headers: new Map(list) }, of, wall);
}

const range = (text: string) => ({ 'content-range': text });

describe('answers of web seeds', () => {
  test.each<[string, number, Record<string, string | string[]>, Partial<AnswerVerdict>, Asked?]>([
    ['the part', 206, range('bytes 100-199/1000'), { kind: 'take', at: 100, to: 200, ranges: true }],
    ['the part of a file of unknown length', 206, range('bytes 100-199/*'), { kind: 'take', at: 100, to: 200 }],
    ['less than was asked for', 206, range('bytes 100-149/1000'), { kind: 'take', at: 100, to: 150 }],
    ['more than was asked for', 206, range('bytes 90-299/1000'), { kind: 'take', at: 90, to: 300 }],
    ['a part without its place', 206, { 'content-length': '100' }, { kind: 'take', at: 100, to: 200 }],
    ['a part without its place, of another length', 206, { 'content-length': '99' }, { kind: 'bad' }],
    ['several parts', 206, { 'content-type': 'multipart/byteranges; boundary=x' }, { kind: 'bad' }],
    ['another part', 206, range('bytes 101-199/1000'), { kind: 'bad' }],
    ['a part before it', 206, range('bytes 0-99/1000'), { kind: 'bad' }],
    ['a part that ends behind the file', 206, range('bytes 100-1000/*'), { kind: 'bad' }],
    ['a part of another file', 206, range('bytes 100-199/1001'), { kind: 'no-file' }],
    ['nonsense for a place', 206, range('bytes x-y/z'), { kind: 'bad' }],
    ['a place of no end of digits', 206, range(`bytes ${'1'.repeat(400)}-2/3`), { kind: 'bad' }],
    ['the whole file', 200, { 'content-length': '1000' }, { kind: 'take', at: 0, to: 1000, ranges: false }],
    ['the whole file in chunks', 200, { 'transfer-encoding': 'chunked' }, { kind: 'take', at: 0, to: 1000 }],
    ['a whole file of another length', 200, { 'content-length': '999' }, { kind: 'no-file' }],
    ['a page instead of the file', 200, { 'content-length': '4711', 'content-type': 'text/html' }, { kind: 'no-file' }],
    ['the whole file where much was wanted of its middle', 200, {}, { kind: 'no-file' }, far],
    ['a part that begins much earlier', 206, range(`bytes 0-${far.to}/*`), { kind: 'no-file' }, far],
    ['the whole file where little is to skip', 200, {}, { kind: 'take', at: 0 }, { ...far, from: MOST_SKIPPED }],
    ['compressed, in chunks', 200, { 'content-encoding': 'gzip' }, { kind: 'bad' }],
    ['compressed, a part', 206, { ...range('bytes 100-199/*'), 'content-encoding': 'br' }, { kind: 'bad' }],
    [
      'called compressed, and of the right length',
      200,
      { 'content-encoding': 'x-gzip', 'content-length': '1000' },
      { kind: 'take' },
    ],
    [
      'not compressed, and told',
      206,
      { ...range('bytes 100-199/*'), 'content-encoding': 'identity' },
      { kind: 'take' },
    ],
    ['two lengths', 200, { 'content-length': ['999', '1000'] }, { kind: 'take', at: 0 }],
    ['no such file', 404, {}, { kind: 'no-file', why: 'status 404' }],
    ['gone', 410, {}, { kind: 'no-file' }],
    ['forbidden', 403, {}, { kind: 'no-file' }],
    ['a password wanted', 401, {}, { kind: 'no-file' }],
    ['no such part', 416, range('bytes */500'), { kind: 'no-file' }],
    ['busy', 503, { 'retry-after': '120' }, { kind: 'wait', after: millis(120_000) }],
    [
      'busy until a time',
      503,
      { 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' },
      { kind: 'wait', after: millis(60_000) },
    ],
    ['busy, for no known time', 503, { 'retry-after': 'soon' }, { kind: 'wait', why: 'status 503' }],
    ['too many requests', 429, { 'retry-after': '7' }, { kind: 'wait', after: millis(7000) }],
    ['a fault', 500, {}, { kind: 'wait' }],
    ['elsewhere', 302, { location: '/b' }, { kind: 'redirect', location: '/b' }],
    ['elsewhere for good', 308, { location: 'http://b.example/' }, { kind: 'redirect', location: 'http://b.example/' }],
    ['elsewhere, nowhere told', 302, {}, { kind: 'bad' }],
    ['nothing', 204, {}, { kind: 'bad' }],
    ['not changed', 304, {}, { kind: 'bad' }],
  ])('%s', (_, status, headers, expected, of) => {
    expect(verdict(status, headers, of)).toMatchObject(expected);
  });
});
