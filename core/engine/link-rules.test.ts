import * as v from 'valibot';
import { expect, test } from 'vitest';
import { bytes } from '../base/ids.ts';
import { type LinkProfile, linkProfiles } from './link-profiles.ts';
import { meteredMonth, waitOf } from './link-rules.ts';
import { plainLink } from './testing/plain-link.ts';

const link = plainLink('a', 'eth0');
const metered = { allowance: bytes(100), day: 1 };

test.for<[string, Partial<LinkProfile>, { minute?: number; used?: number; there?: string[] }, string | undefined]>([
  ['always', {}, {}, undefined],
  ['while another is up', { when: { kind: 'up', interface: 'wg0' } }, { there: ['wg0'] }, undefined],
  ['which is not', { when: { kind: 'up', interface: 'wg0' } }, { there: ['eth0'] }, 'up'],
  ['while another is down', { when: { kind: 'down', interface: 'wg0' } }, { there: [] }, undefined],
  ['which is not', { when: { kind: 'down', interface: 'wg0' } }, { there: ['wg0'] }, 'down'],
  ['in the day', { when: { kind: 'hours', from: 60, to: 120 } }, { minute: 60 }, undefined],
  ['after it', { when: { kind: 'hours', from: 60, to: 120 } }, { minute: 120 }, 'hours'],
  ['across midnight', { when: { kind: 'hours', from: 1200, to: 60 } }, { minute: 59 }, undefined],
  ['between', { when: { kind: 'hours', from: 1200, to: 60 } }, { minute: 600 }, 'hours'],
  ['something is left', { metered }, { used: 99 }, undefined],
  ['nothing is left', { metered }, { used: 100 }, 'allowance'],
  ['nothing was allowed', { metered: { allowance: bytes(0), day: 1 } }, {}, 'allowance'],
])('a link is used %s', ([, change, { minute = 0, used = 0, there = [] }, kind]) => {
  const facts = { now: { minute }, used, has: (at: string) => there.includes(at) };
  expect(waitOf({ ...link, ...change }, facts)?.kind).toBe(kind);
});

test.for<[number, number, number, number, string]>([
  [2026, 11, 30, 1, '2026-11'],
  [2026, 11, 14, 15, '2026-10'],
  [2026, 11, 15, 15, '2026-11'],
  [2027, 1, 3, 5, '2026-12'],
])('on %i-%i-%i a month from day %i on is %s', ([year, month, date, day, is]) => {
  expect(meteredMonth({ year, month, date, minute: 0 }, day)).toBe(is);
});

test('profiles have names of their own, and lead somewhere', () => {
  const { bind: _, ...nowhere } = link;
  const is = (all: unknown) => v.is(linkProfiles, all);
  expect(is([link, { ...link, name: 'b' }])).toBe(true);
  expect(is([{ ...nowhere, proxy: 'socks5://10.0.0.1:1080' }])).toBe(true);
  for (const wrong of [
    [link, link],
    [nowhere],
    [{ ...link, name: 'a,b' }],
    [{ ...link, role: 'none' }],
    [{ ...link, when: { kind: 'hours', from: 0, to: 1440 } }],
    [{ ...link, metered: { allowance: bytes(1), day: 29 } }],
    [{ ...link, down: -1 }],
  ])
    expect(is(wrong)).toBe(false);
});
