import { describe, expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import type { ProxyPlace } from '../base/proxy-url.ts';
import type { ProxyStep, ProxyTalk } from '../ports/net.ts';
import { HttpConnectTalk } from './http-connect.ts';
import { Socks5Talk } from './socks5.ts';

const OPEN: ProxyPlace = { kind: 'socks5', host: 'proxy', port: 1080 };
const GUARDED: ProxyPlace = { ...OPEN, user: 'mé', password: 'pw' };
const TARGET = { host: '10.1.2.3', port: 6881 };
const bytes = (...values: readonly (number | string)[]): Uint8Array =>
  concatBytes(
    ...values.map((value) => (typeof value === 'number' ? Uint8Array.of(value) : new TextEncoder().encode(value))),
  );

/** Plays what a proxy sends, in parts of so many bytes; resolves to what it was sent, and the outcome. */
function play(talk: ProxyTalk, said: readonly Uint8Array[], part: number) {
  const sent = [talk.begin()];
  let step: ProxyStep = { kind: 'more' };
  for (const data of said) {
    for (let at = 0; at < data.length && step.kind === 'more'; at += part) {
      step = talk.received(data.slice(at, at + part));
      if (step.kind === 'more' && step.send !== undefined) sent.push(step.send);
    }
  }
  return { sent, step };
}

const YES = bytes(5, 0, 0, 1, 10, 0, 0, 9, 0x12, 0x34);

describe('SOCKS5', () => {
  test.each([
    ['without a name', OPEN, TARGET, [bytes(5, 0), YES], [bytes(5, 1, 0), bytes(5, 1, 0, 1, 10, 1, 2, 3, 0x1a, 0xe1)]],
    [
      'by name and password',
      GUARDED,
      { host: 'tracker.example', port: 80 },
      [bytes(5, 2), bytes(1, 0), YES],
      [bytes(5, 2, 0, 2), bytes(1, 3, 'mé', 2, 'pw'), bytes(5, 1, 0, 3, 15, 'tracker.example', 0, 80)],
    ],
    [
      'by IPv6',
      OPEN,
      { host: '2001:db8::1', port: 1 },
      [bytes(5, 0), bytes(5, 0, 0, 4, ...Array<number>(16).fill(1), 0, 9)],
      [bytes(5, 1, 0), bytes(5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 1, 0, 1)],
    ],
  ] as const)('asks %s, however the answers are cut', (_, place, target, said, expected) => {
    for (const part of [1, 2, 3, 100]) {
      const { sent, step } = play(new Socks5Talk(place, 'connect', target), said, part);
      expect(sent).toEqual(expected);
      expect(step).toMatchObject({ kind: 'open' });
    }
  });

  test('bytes of the target that came along are not lost', () => {
    const talk = new Socks5Talk(OPEN, 'connect', TARGET);
    const { step } = play(talk, [bytes(5, 0), concatBytes(YES, bytes('hello'))], 100);
    expect(step).toEqual({ kind: 'open', rest: bytes('hello') });
    expect(talk.bound).toEqual({ host: '10.0.0.9', port: 0x1234 });
  });

  test.each([
    ['no SOCKS', [bytes('HTTP/1.1 400 no')], 'EPROXY'],
    ['version 4', [bytes(4, 0)], 'EPROXY'],
    ['no way of authentication', [bytes(5, 255)], 'EPROXYAUTH'],
    ['one that was not offered', [bytes(5, 1)], 'EPROXYAUTH'],
    ['more than was asked for', [bytes(5, 0, 9)], 'EPROXY'],
    ['a password that is not asked for', [bytes(5, 2)], 'EPROXYAUTH'],
    ['a reply of another version', [bytes(5, 0), bytes(4, 0, 0, 1)], 'EPROXY'],
    ['an address of no kind', [bytes(5, 0), bytes(5, 0, 0, 9, 1, 2, 3, 4, 5, 6)], 'EPROXY'],
    ['refused by rule', [bytes(5, 0), bytes(5, 2)], 'EACCES'],
    ['refused by the target', [bytes(5, 0), bytes(5, 5, 0, 1, 0, 0, 0, 0, 0, 0)], 'ECONNREFUSED'],
    ['not possible', [bytes(5, 0), bytes(5, 7)], 'EOPNOTSUPP'],
    ['an unknown refusal', [bytes(5, 0), bytes(5, 99)], 'EHOSTUNREACH'],
  ])('%s', (_, said, code) => {
    expect(play(new Socks5Talk(OPEN, 'connect', TARGET), said, 100).step).toEqual({ kind: 'failed', code });
  });

  test('a wrong password', () => {
    const { step } = play(new Socks5Talk(GUARDED, 'connect', TARGET), [bytes(5, 2), bytes(1, 1)], 1);
    expect(step).toEqual({ kind: 'failed', code: 'EPROXYAUTH' });
  });
});

describe('HTTP CONNECT', () => {
  const HTTP: ProxyPlace = { kind: 'http', host: 'proxy', port: 8080 };

  test.each([
    ['without a name', HTTP, TARGET, 'CONNECT 10.1.2.3:6881 HTTP/1.1\r\nHost: 10.1.2.3:6881\r\n\r\n'],
    [
      'by name and password',
      { ...HTTP, user: 'mé', password: 'p:w' },
      { host: '2001:db8::1', port: 443 },
      'CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\nProxy-Authorization: Basic bcOpOnA6dw==\r\n\r\n',
    ],
    [
      'a name that would end the line',
      HTTP,
      { host: 'a\r\nb', port: 1 },
      'CONNECT ab:1 HTTP/1.1\r\nHost: ab:1\r\n\r\n',
    ],
  ])('asks %s', (_, place, target, expected) => {
    expect(new TextDecoder().decode(new HttpConnectTalk(place, target).begin())).toBe(expected);
  });

  test.each([
    'HTTP/1.1 200 Connection established\r\n\r\n',
    'HTTP/1.0 200\r\nProxy-agent: tinyproxy/1.11.1\r\n\r\n',
    'HTTP/1.1 204 x\n\n',
  ])('%j opens it, however it is cut', (head) => {
    for (const part of [1, 2, 5, 1000]) {
      const { step } = play(new HttpConnectTalk(HTTP, TARGET), [bytes(head)], part);
      expect(step).toEqual({ kind: 'open', rest: bytes() });
    }
    const { step } = play(new HttpConnectTalk(HTTP, TARGET), [bytes(head, 'hello\n\n')], 1000);
    expect(step).toEqual({ kind: 'open', rest: bytes('hello\n\n') });
  });

  test.each([
    ['HTTP/1.1 407 who\r\n\r\n', 'EPROXYAUTH'],
    ['HTTP/1.1 403 no\r\nContent-Length: 3\r\n\r\nnot', 'EACCES'],
    ['HTTP/1.1 500 Unable to connect\r\n\r\n', 'EHOSTUNREACH'],
    ['HTTP/1.1 504 late\r\n\r\n', 'ETIMEDOUT'],
    ['HTTP/1.1 405 what\r\n\r\n', 'EOPNOTSUPP'],
    ['HTTP/1.1 100 go on\r\n\r\n', 'EPROXY'],
    ['HTTP/1.1 2000 many\r\n\r\n', 'EPROXY'],
    ['SSH-2.0-x\r\n\r\n', 'EPROXY'],
    ['\x05\x00', 'EPROXY'],
    [`HTTP/1.1 200 ok\r\nX: ${'x'.repeat(17_000)}`, 'EPROXY'],
    [`HTTP/1.1 200 ok\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`, 'EPROXY'],
  ])('answer %#', (head, code) => {
    expect(play(new HttpConnectTalk(HTTP, TARGET), [bytes(head)], 1000).step).toEqual({ kind: 'failed', code });
  });
});
