import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../core/sim/clock.ts';
import { SeededRandom } from '../../core/sim/random.ts';
import { Access, isOurHost, isOurOrigin } from './access.ts';

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
  test('five are free; then the right one waits too, twice as long each time', () => {
    const { clock, access, admitted } = start();
    for (let n = 0; n < 5; n++) expect(access.admit('guess', 'a')).toBe('wrong');
    expect(access.admit(access.token, 'a')).toEqual({ wait: 30 });
    return clock.advance(30_000).then(async () => {
      expect(access.admit('guess', 'a')).toBe('wrong');
      await clock.advance(59_000);
      expect(access.admit(access.token, 'a')).toEqual({ wait: 1 });
      await clock.advance(1000);
      expect(admitted()).not.toBe('refused');
      // A right one forgets the wrong ones.
      expect(access.admit('guess', 'a')).toBe('wrong');
      expect(admitted()).not.toBe('refused');
    });
  });

  test('do not keep another address out', () => {
    const { access, admitted } = start();
    for (let n = 0; n < 9; n++) access.admit('guess', 'a');
    expect(admitted('a')).toBe('refused');
    expect(admitted('b')).not.toBe('refused');
  });

  test('from ever new addresses share one count in the end', () => {
    const { access, admitted } = start();
    for (let n = 0; n < 1010; n++) access.admit('guess', `address ${n}`);
    expect(admitted('a new one')).toBe('refused');
  });
});

test('the sixty-fifth browser puts the first out', () => {
  const { access, admitted } = start();
  const sessions = Array.from({ length: 65 }, () => admitted());
  expect(access.knows(`e=${sessions[0]}`, 'e')).toBe(false);
  expect(access.knows(`e=${sessions[1]}`, 'e')).toBe(true);
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
