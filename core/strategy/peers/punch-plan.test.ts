import { describe, expect, test } from 'vitest';
import { type Endpoint, parseEndpoint } from '../../base/endpoint.ts';
import type { Millis } from '../../base/ids.ts';
import {
  chooseRelay,
  judgeRendezvous,
  mayPunch,
  type Relay,
  type Rendezvous,
  type RelayVerdict,
  wantsUtpFirst,
} from './punch-plan.ts';

const at = (text: string): Endpoint => parseEndpoint(text)!;
const MINUTE = 60_000;
const relay = (id: string, more: Partial<Relay<string>> = {}): Relay<string> => ({
  id,
  overUtp: false,
  askedAt: undefined,
  free: true,
  ...more,
});
const ms = (value: number): Millis => value as Millis;

describe('whom to ask for a peer that does not answer', () => {
  test.each<readonly [string, readonly Relay<string>[], number | undefined, string | undefined]>([
    ['nobody knows it', [], undefined, undefined],
    ['the first one that knows it', [relay('a'), relay('b')], undefined, 'a'],
    ['rather one over uTP', [relay('a'), relay('b', { overUtp: true })], undefined, 'b'],
    [
      'rather one that was not asked for it',
      [relay('a', { askedAt: ms(0), overUtp: true }), relay('b')],
      undefined,
      'b',
    ],
    ['the same again after a long time', [relay('a', { askedAt: ms(0) })], undefined, 'a'],
    ['the same not soon again', [relay('a', { askedAt: ms(9 * MINUTE) })], undefined, undefined],
    ['none that was asked too often lately', [relay('a', { free: false })], undefined, undefined],
    ['nobody while another may still help', [relay('a')], 15 * MINUTE - 10_000, undefined],
    ['another one when that one has not helped', [relay('a')], 15 * MINUTE - 30_000, 'a'],
  ])('%s', (_, relays, askedAt, expected) => {
    const asked = askedAt === undefined ? undefined : ms(askedAt);
    expect(chooseRelay(relays, asked, ms(15 * MINUTE))?.id).toBe(expected);
  });
});

const A = at('93.184.216.10:6881');
const B = at('93.184.216.20:7000');
const asked = (more: Partial<Rendezvous> = {}): Rendezvous => ({
  asker: { endpoint: A, speaks: true },
  askerHost: A.host,
  wanted: B,
  target: { endpoint: B, speaks: true },
  self: false,
  ...more,
});
const inside = at('192.168.1.5:6881');
const six = at('[2001:db8::5]:6881');

describe('what a common peer does', () => {
  const refuse = (why: string): RelayVerdict => ({ kind: 'refuse', why }) as RelayVerdict;
  test.each<readonly [string, Partial<Rendezvous>, RelayVerdict]>([
    ['both hear of each other', {}, { kind: 'relay', toAsker: B, toTarget: A }],
    [
      'the asker hears from where the other one’s datagrams come',
      { target: { endpoint: at('93.184.216.20:50000'), speaks: true } },
      { kind: 'relay', toAsker: at('93.184.216.20:50000'), toTarget: A },
    ],
    ['who does not know the extension hears nothing', { asker: { endpoint: A, speaks: false } }, { kind: 'ignore' }],
    ['nor a refusal', { asker: { endpoint: A, speaks: false }, target: undefined }, { kind: 'ignore' }],
    ['port 0', { wanted: at('1.2.3.4:1') && { host: '1.2.3.4', port: 0 } }, refuse('noSuchPeer')],
    ['nobody’s address', { wanted: { host: '0.0.0.0', port: 1 } }, refuse('noSuchPeer')],
    ['a group of machines', { wanted: { host: '239.1.2.3', port: 1 } }, refuse('noSuchPeer')],
    ['us, or itself', { self: true }, refuse('noSelf')],
    ['a stranger', { target: undefined }, refuse('notConnected')],
    ['one that does not know the extension', { target: { endpoint: B, speaks: false } }, refuse('noSupport')],
    ['one of whom no port is known', { target: { endpoint: undefined, speaks: true } }, refuse('notConnected')],
    ['for one of whom no port is known', { asker: { endpoint: undefined, speaks: true } }, refuse('notConnected')],
    [
      'from outside, somebody inside: as if he were not there',
      { wanted: inside, target: { endpoint: inside, speaks: false } },
      refuse('notConnected'),
    ],
    [
      'from inside, somebody outside, who would be sent inside',
      { asker: { endpoint: inside, speaks: true }, askerHost: inside.host },
      refuse('notConnected'),
    ],
    ['over the other family', { wanted: six, target: { endpoint: six, speaks: true } }, refuse('notConnected')],
    [
      'both inside',
      {
        asker: { endpoint: at('192.168.1.6:1'), speaks: true },
        askerHost: '192.168.1.6',
        wanted: inside,
        target: { endpoint: inside, speaks: true },
      },
      { kind: 'relay', toAsker: inside, toTarget: at('192.168.1.6:1') },
    ],
  ])('%s', (_, more, expected) => expect(judgeRendezvous(asked(more))).toEqual(expected));
});

test.each([
  ['to outside, while nobody is known to reach us', { reached: false, isOutside: true, overUtp: 3, inVain: 23 }, true],
  ['where it does not get through', { reached: false, isOutside: true, overUtp: 0, inVain: 24 }, false],
  ['with enough who know our UDP port', { reached: false, isOutside: true, overUtp: 4, inVain: 0 }, false],
  ['when others reach us', { reached: true, isOutside: true, overUtp: 0, inVain: 0 }, false],
  ['to peers beside us', { reached: false, isOutside: false, overUtp: 0, inVain: 0 }, false],
  ['to who came somewhere by it', { cameByUtp: true, reached: true, isOutside: false, overUtp: 9, inVain: 23 }, true],
  [
    'to them where it does not get through',
    { cameByUtp: true, reached: true, isOutside: true, overUtp: 0, inVain: 24 },
    false,
  ],
])('uTP goes first %s: %j', (_, seclusion, expected) =>
  expect(wantsUtpFirst({ cameByUtp: false, ...seclusion })).toBe(expected),
);

test.each([
  ['93.184.216.10:6881', '8.8.8.8', true],
  ['93.184.216.10:6881', '192.168.1.5', true],
  ['192.168.1.6:6881', '192.168.1.5', true],
  ['192.168.1.6:6881', '8.8.8.8', false],
  ['127.0.0.1:22', '192.168.1.5', false],
  ['169.254.169.254:80', '8.8.8.8', false],
  ['169.254.169.254:80', '192.168.1.5', false],
  ['[::ffff:10.0.0.1]:80', '8.8.8.8', false],
  ['[ff02::1]:80', '8.8.8.8', false],
  ['0.0.0.0:80', '127.0.0.1', false],
])('%s is dialled because %s says so: %j', (peer, relayHost, expected) => {
  expect(mayPunch(at(peer), relayHost)).toBe(expected);
});

test('port 0 is never dialled', () => expect(mayPunch({ host: '93.184.216.10', port: 0 }, '8.8.8.8')).toBe(false));
