import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../core/sim/clock.ts';
import { SeededRandom } from '../../core/sim/random.ts';
import { Access, isFromOtherSite, isOurHost, isOurOrigin } from './access.ts';

function start(): { clock: VirtualClock; access: Access; admitted(address?: string): string } {
  const clock = new VirtualClock();
  const access = new Access(clock, new SeededRandom(1));
  const admitted = (address = 'a'): string => {
    const admission = access.admit(access.token, address);
    return typeof admission === 'object' && 'session' in admission ? admission.session : 'refused';
  };
  return { clock, access, admitted };
}

test('the token has 256 bits, and each browser gets a session of its own', () => {
  const { access, admitted } = start();
  expect(Buffer.from(access.token, 'base64url')).toHaveLength(32);
  const [one, other] = [admitted(), admitted()];
  expect(new Set([one, other, access.token, 'refused']).size).toBe(4);
  expect(access.knows(`x=1; e=${one}; y=2`, 'e')).toBe(true);
  expect(access.knows(`e=${other}`, 'e')).toBe(true);
});

test.each([
  ['no cookie', undefined],
  ['an empty one', ''],
  ['another session', 'e=abc'],
  ['another name', 'f=SESSION'],
  ['the token itself', 'e=TOKEN'],
  ['part of the session', 'e=SESSIO'],
])('no session: %s', (_, cookie) => {
  const { access, admitted } = start();
  const session = admitted();
  const header = cookie
    ?.replace('SESSION', session)
    .replace('SESSIO', session.slice(0, -1))
    .replace('TOKEN', access.token);
  expect(access.knows(header, 'e')).toBe(false);
});

describe('wrong tokens', () => {
  test('after five their address is told to wait, twice as long each time; a right one always passes', async () => {
    const { clock, access, admitted } = start();
    for (let n = 0; n < 5; n++) expect(access.admit('guess', 'a')).toBe('wrong');
    expect(access.admit('guess', 'a')).toEqual({ wait: 30 });
    await clock.advance(30_000);
    expect(access.admit('guess', 'a')).toBe('wrong');
    await clock.advance(59_000);
    expect(access.admit('guess', 'a')).toEqual({ wait: 1 });
    expect(admitted()).not.toBe('refused');
    // A right one forgets the wrong ones.
    expect(access.admit('guess', 'a')).toBe('wrong');
    expect(admitted()).not.toBe('refused');
  });

  test('do not concern another address', () => {
    const { access, admitted } = start();
    for (let n = 0; n < 9; n++) access.admit('guess', 'a');
    expect(access.admit('guess', 'b')).toBe('wrong');
    expect(admitted('a')).not.toBe('refused');
  });

  test('from ever new addresses keep no new one out, and forget who failed longest ago', () => {
    const { access, admitted } = start();
    for (let n = 0; n < 5; n++) access.admit('guess', 'often');
    for (let n = 0; n < 999; n++) access.admit('guess', `address ${n}`);
    expect(access.admit('guess', 'often')).toEqual({ wait: 30 });
    for (let n = 0; n < 10_000; n++) expect(access.admit('guess', `later ${n}`)).toBe('wrong');
    expect(access.admit('guess', 'often')).toBe('wrong');
    expect(access.admit('guess', 'a new one')).toBe('wrong');
    expect(admitted('another new one')).not.toBe('refused');
  });
});

test('the sixty-fifth browser puts out the one that was used longest ago', () => {
  const { access, admitted } = start();
  const sessions = Array.from({ length: 64 }, () => admitted());
  expect(access.knows(`e=${sessions[0]}`, 'e')).toBe(true);
  sessions.push(admitted());
  expect(sessions.map((session) => access.knows(`e=${session}`, 'e')).indexOf(false)).toBe(1);
  expect(access.knows(`e=${sessions[0]}`, 'e')).toBe(true);
});

const HOST = 'localhost:80';
test.each<[string, IncomingHttpHeaders, boolean]>([
  ['an address bar', { 'sec-fetch-site': 'none' }, false],
  ['our own page', { 'sec-fetch-site': 'same-origin', referer: `http://${HOST}/` }, false],
  ['our own page, of an older browser', { referer: `http://${HOST}/x?y` }, false],
  ['a call of our own page', { origin: `http://${HOST}` }, false],
  ['a program', {}, false],
  ['a picture of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, true],
  ['another port of this machine', { 'sec-fetch-site': 'same-site' }, true],
  ['a link of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, true],
  ['what says two things', { 'sec-fetch-site': 'none', origin: 'http://evil.example' }, true],
  ['a site that browsers will know one day', { 'sec-fetch-site': 'near' }, true],
  ['a form of another site', { origin: 'http://evil.example' }, true],
  ['a page without an origin', { origin: 'null' }, true],
  ['a picture of another site, of an older browser', { referer: 'http://evil.example/' }, true],
  ['another port, of an older browser', { referer: 'http://localhost:81/' }, true],
  ['a name that begins as ours', { referer: 'http://localhost:80.evil.example/' }, true],
  ['a referer that is none', { referer: 'about:blank' }, true],
])('%s', (_, headers, other) => {
  expect(isFromOtherSite({ host: HOST, ...headers })).toBe(other);
});

test.each<[string | undefined, string, string, boolean]>([
  ['127.0.0.1:8080', '127.0.0.1', '127.0.0.1', true],
  ['localhost:8080', '127.0.0.1', '127.0.0.1', true],
  ['LOCALHOST', '127.0.0.1', '127.0.0.1', true],
  ['[::1]:8080', '::1', '::1', true],
  ['192.0.2.7:80', '0.0.0.0', '192.0.2.7', true],
  ['192.0.2.7:80', '::', '::ffff:192.0.2.7', true],
  ['192.0.2.7:80', '192.0.2.7', '::ffff:192.0.2.7', true],
  ['nas.local:80', 'nas.local', '192.0.2.7', true],
  ['evil.example:8080', '127.0.0.1', '127.0.0.1', false],
  ['evil.example', '0.0.0.0', '192.0.2.7', false],
  ['localhost.evil.example', '127.0.0.1', '127.0.0.1', false],
  ['127.0.0.1.evil.example:80', '127.0.0.1', '127.0.0.1', false],
  ['10.0.0.1:8080', '127.0.0.1', '127.0.0.1', false],
  ['user@127.0.0.1', '127.0.0.1', '127.0.0.1', false],
  ['127.0.0.1:8080:1', '127.0.0.1', '127.0.0.1', false],
  ['', '127.0.0.1', '127.0.0.1', false],
  [undefined, '127.0.0.1', '127.0.0.1', false],
])('Host %s, listening on %s, reached at %s: %s', (header, started, local, ours) => {
  expect(isOurHost(header, started, local)).toBe(ours);
});

test.each<[string | undefined, string | undefined, boolean]>([
  ['http://localhost:80', 'localhost:80', true],
  ['http://LOCALHOST:80', 'localhost:80', true],
  ['https://localhost:80', 'localhost:80', false],
  ['http://localhost:81', 'localhost:80', false],
  ['http://evil.example', 'localhost:80', false],
  ['null', 'localhost:80', false],
  ['http://localhost:80.evil.example', 'localhost:80', false],
  [undefined, 'localhost:80', false],
  ['http://undefined', undefined, false],
])('Origin %s for Host %s: %s', (origin, host, ours) => {
  expect(isOurOrigin(origin, host)).toBe(ours);
});
