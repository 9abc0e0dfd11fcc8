import { expect, test } from 'vitest';
import fc from 'fast-check';
import type { TransportName } from '../../base/choices.ts';
import { millis } from '../../base/ids.ts';
import type {
  DialAttempt,
  AttemptState,
  ConnectPlan,
  ConnectSnapshot,
  EncryptionName,
  DialWay,
} from './connect-plan.ts';
import { planConnect } from './connect-plan.ts';

const STATES: readonly AttemptState[] = ['dialling', 'open', 'unreachable', 'broken', 'final'];

const way = (text: string): DialWay => {
  const [transport, encryption] = text.split(' ');
  return { transport: transport as TransportName, encryption: encryption as EncryptionName };
};

/** `tcp plain 0 dialling`: way, since, state. */
const attempt = (text: string): DialAttempt => {
  const [transport, encryption, since, state] = text.split(' ');
  return { way: way(`${transport} ${encryption}`), since: millis(Number(since)), state: state as AttemptState };
};

const told = (plan: ConnectPlan): string =>
  plan.kind === 'dial'
    ? `${plan.way.transport} ${plan.way.encryption}`
    : plan.kind === 'wait' && plan.until !== undefined
      ? `wait until ${plan.until}`
      : plan.kind;

const ALL = { transports: ['tcp', 'utp'], encryptions: ['plain', 'mse'] } as const;
const TODAY = { transports: ['tcp'], encryptions: ['plain'] } as const;
const TCP = { ...ALL, transports: ['tcp'] } as const;

type Allowed = Pick<ConnectSnapshot, 'transports' | 'encryptions'>;

test.each<[string, Allowed, string | undefined, number, string[], string]>([
  ['one way: it is tried', TODAY, undefined, 0, [], 'tcp plain'],
  ['and waited for', TODAY, undefined, 9000, ['tcp plain 0 dialling'], 'wait'],
  ['and that is all', TODAY, undefined, 9000, ['tcp plain 0 unreachable'], 'give-up'],
  ['also where the peer broke off', TODAY, undefined, 9000, ['tcp plain 0 broken'], 'give-up'],
  ['what worked and is not allowed any more is not tried', TODAY, 'utp mse', 0, [], 'tcp plain'],
  ['nothing is allowed', { transports: [], encryptions: ['plain'] }, undefined, 0, [], 'give-up'],

  ['the other encryption at once, where the peer broke off', TCP, undefined, 5, ['tcp plain 0 broken'], 'tcp mse'],
  ['but not where nobody answers', TCP, undefined, 5, ['tcp plain 0 unreachable'], 'give-up'],
  ['both broke off', TCP, undefined, 9, ['tcp plain 0 broken', 'tcp mse 5 broken'], 'give-up'],
  ['the encryption that worked first', TCP, 'tcp mse', 0, [], 'tcp mse'],
  ['then the other', TCP, 'tcp mse', 5, ['tcp mse 0 broken'], 'tcp plain'],

  ['a head start', ALL, undefined, 400, ['tcp plain 0 dialling'], 'wait until 1000'],
  ['then the second transport beside it', ALL, undefined, 1000, ['tcp plain 0 dialling'], 'utp plain'],
  ['both are waited for', ALL, undefined, 3000, ['tcp plain 0 dialling', 'utp plain 1000 dialling'], 'wait'],
  ['at once where the first fails', ALL, undefined, 30, ['tcp plain 0 unreachable'], 'utp plain'],
  ['none beside a connection that stands', ALL, undefined, 5000, ['tcp plain 0 open'], 'wait'],
  ['the transport that worked first', ALL, 'utp mse', 0, [], 'utp mse'],
  ['then the other, with what worked', ALL, 'utp mse', 0, ['utp mse 0 unreachable'], 'tcp mse'],
  ['with a head start all the same', ALL, 'utp plain', 10, ['utp plain 0 dialling'], 'wait until 1000'],
  [
    'the other encryption over the transport that answered, while the second is being dialled',
    ALL,
    undefined,
    1500,
    ['tcp plain 0 broken', 'utp plain 1000 dialling'],
    'tcp mse',
  ],
  [
    'over the second transport an encryption that was not broken off before',
    ALL,
    undefined,
    20_000,
    ['tcp plain 0 broken', 'tcp mse 5 unreachable'],
    'utp mse',
  ],
  [
    'the second transport breaks off while the first stands',
    ALL,
    undefined,
    1500,
    ['tcp plain 0 open', 'utp plain 1000 broken'],
    'utp mse',
  ],
  [
    'a word of the peer that is final ends it',
    ALL,
    undefined,
    9,
    ['tcp plain 0 final', 'utp plain 8 dialling'],
    'give-up',
  ],
  [
    'everything failed',
    ALL,
    undefined,
    9,
    ['tcp plain 0 broken', 'tcp mse 0 broken', 'utp plain 0 broken', 'utp mse 0 unreachable'],
    'give-up',
  ],
])('%s', (_, allowed, worked, now, attempts, expected) => {
  const snapshot = {
    ...allowed,
    now: millis(now),
    worked: worked === undefined ? undefined : way(worked),
    attempts: attempts.map(attempt),
  };
  expect(told(planConnect(snapshot))).toBe(expected);
});

test('whatever happens, it comes to an end, and no way is tried twice', () => {
  const subset = <T>(all: readonly T[]): fc.Arbitrary<T[]> => fc.shuffledSubarray([...all]);
  const outcomes = fc.infiniteStream(
    fc.record({ state: fc.constantFrom(...STATES), after: fc.nat(3000), which: fc.nat(3) }),
  );
  const worked = fc.option(
    fc.record({ transport: fc.constantFrom(...ALL.transports), encryption: fc.constantFrom(...ALL.encryptions) }),
    { nil: undefined },
  );
  fc.assert(
    fc.property(
      subset(ALL.transports),
      subset(ALL.encryptions),
      worked,
      outcomes,
      (transports, encryptions, last, stream) => {
        const attempts: { way: DialWay; since: ReturnType<typeof millis>; state: AttemptState }[] = [];
        let now = millis(0);
        for (let step = 0; step < 200; step++) {
          const plan = planConnect({ now, transports, encryptions, worked: last, attempts });
          if (plan.kind === 'give-up') {
            expect(new Set(attempts.map((one) => JSON.stringify(one.way))).size).toBe(attempts.length);
            return;
          }
          if (plan.kind === 'dial') {
            attempts.push({ way: plan.way, since: now, state: 'dialling' });
            continue;
          }
          const running = attempts.filter(({ state }) => state === 'dialling' || state === 'open');
          expect(running.length).toBeGreaterThan(0);
          const { state, after, which } = stream.next().value;
          now = millis(now + after);
          running[which % running.length]!.state = state === 'dialling' ? 'unreachable' : state;
          if (step > 100) running[0]!.state = 'unreachable';
        }
        expect.unreachable('it goes on for ever');
      },
    ),
  );
});
