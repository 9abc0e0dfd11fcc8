import { describe, expect, test } from 'vitest';
import { millis } from '../../core/base/ids.ts';
import type { KeptSession } from '../../core/engine/access.ts';
import { VirtualClock } from '../../core/sim/clock.ts';
import { SeededRandom } from '../../core/sim/random.ts';
import { Access } from './access.ts';

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
  expect(access.session(`x=1; e=${one}; y=2`, 'e')).toBe(one);
  expect(access.session(`e=${other}`, 'e')).toBe(other);
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
  expect(access.session(header, 'e')).toBeUndefined();
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
  expect(access.session(`e=${sessions[0]}`, 'e')).toBe(sessions[0]);
  sessions.push(admitted());
  expect(sessions.map((session) => access.session(`e=${session}`, 'e')).indexOf(undefined)).toBe(1);
  expect(access.session(`e=${sessions[0]}`, 'e')).toBe(sessions[0]);
});

describe('passwords', () => {
  const withPassword = () => {
    const clock = new VirtualClock();
    const asked: string[] = [];
    const isPassword = (text: string): Promise<boolean> => (
      asked.push(text),
      Promise.resolve(text === 'correct horse')
    );
    return { clock, asked, access: new Access(clock, new SeededRandom(1), { isPassword }) };
  };

  test('let in as the token does; guesses have to wait, and then a right one is not even compared', async () => {
    const { clock, asked, access } = withPassword();
    expect(await access.enter('correct horse', 'a')).toHaveProperty('session');
    expect(await access.enter(access.token, 'a')).toHaveProperty('session');
    for (let n = 0; n < 5; n++) expect(await access.enter('guess', 'a')).toBe('wrong');
    asked.length = 0;
    expect(await access.enter('correct horse', 'a')).toEqual({ wait: 30 });
    expect(asked).toEqual([]);
    expect(await access.enter('correct horse', 'b')).toHaveProperty('session');
    await clock.advance(30_000);
    expect(await access.enter('correct horse', 'a')).toHaveProperty('session');
  });

  test('of many at once of one address no more than a few are compared, and few of all', async () => {
    const { asked, access } = withPassword();
    const answers = await Promise.all(Array.from({ length: 50 }, () => access.enter('guess', 'a')));
    expect(asked.length).toBeLessThanOrEqual(8);
    expect(answers.filter((one) => one === 'wrong').length).toBeLessThanOrEqual(5);
    const others = await Promise.all(Array.from({ length: 50 }, (_, n) => access.enter('guess', `other ${n}`)));
    expect(others.filter((one) => one === 'wrong')).toHaveLength(8);
  });

  test('without one only the token lets in', async () => {
    const { access } = start();
    expect(await access.enter('', 'a')).toBe('wrong');
    expect(await access.enter(access.token, 'a')).toHaveProperty('session');
  });
});

test('sessions go on in the next run, of which only hashes are kept', () => {
  const kept: (readonly KeptSession[])[] = [];
  const first = new Access(new VirtualClock(), new SeededRandom(1), { keep: (sessions) => kept.push(sessions) });
  const admission = first.admit(first.token, 'a');
  const session = typeof admission === 'object' && 'session' in admission ? admission.session : '';
  expect(JSON.stringify(kept)).not.toContain(session);
  const next = new Access(new VirtualClock(), new SeededRandom(2), { sessions: kept.at(-1)! });
  expect(next.token).not.toBe(first.token);
  expect(next.session(`e=${session}`, 'e')).toBe(session);
  // Who has the file has no session.
  expect(next.session(`e=${kept.at(-1)![0]!.hash}`, 'e')).toBeUndefined();
});

describe('a session that is not used for 30 days is over', () => {
  const DAY = 24 * 3600 * 1000;

  test('in the run that gave it', async () => {
    const { clock, access, admitted } = start();
    const [used, idle] = [admitted(), admitted()];
    await clock.advance(29 * DAY);
    expect(access.session(`e=${used}`, 'e')).toBe(used);
    await clock.advance(2 * DAY);
    expect(access.session(`e=${idle}`, 'e')).toBeUndefined();
    expect(access.session(`e=${used}`, 'e')).toBe(used);
    expect(access.sessions).toHaveLength(1);
  });

  test('over runs, for which its use is kept about once a day', async () => {
    const kept: (readonly KeptSession[])[] = [];
    const clock = new VirtualClock();
    const first = new Access(clock, new SeededRandom(1), { keep: (sessions) => kept.push(sessions) });
    const admission = first.admit(first.token, 'a');
    const session = typeof admission === 'object' && 'session' in admission ? admission.session : '';
    for (let hours = 0; hours < 48; hours++) {
      await clock.advance(DAY / 24);
      expect(first.session(`e=${session}`, 'e')).toBe(session);
    }
    expect(kept).toHaveLength(3);
    const next = (): Access => new Access(clock, new SeededRandom(2), { sessions: kept.at(-1)! });
    await clock.advance(29 * DAY);
    expect(next().session(`e=${session}`, 'e')).toBe(session);
    await clock.advance(2 * DAY);
    expect(next().session(`e=${session}`, 'e')).toBeUndefined();
  });

  test('one of an older program begins its time anew, and one of a wrong clock now', async () => {
    const clock = new VirtualClock();
    const first = new Access(clock, new SeededRandom(1));
    const admission = first.admit(first.token, 'a');
    const session = typeof admission === 'object' && 'session' in admission ? admission.session : '';
    const { hash } = first.sessions[0]!;
    for (const sessions of [[hash], [{ hash, used: millis(clock.wall() + 1000 * DAY) }]]) {
      const next = new Access(clock, new SeededRandom(2), { sessions });
      expect(next.session(`e=${session}`, 'e')).toBe(session);
      await clock.advance(31 * DAY);
      expect(next.session(`e=${session}`, 'e')).toBeUndefined();
    }
  });
});
