import * as v from 'valibot';
import { expect, test } from 'vitest';
import { bytes, bytesPerSecond } from '../../../core/base/ids.ts';
import { type LinkProfile, linkProfiles } from '../../../core/engine/link-profiles.ts';
import { FAKE_PROFILES } from '../../../core/engine/testing/fake-links.ts';
import { type LinkForm, linkForm, linkOf, wrongInLink } from './link-form.ts';

const night: LinkProfile = {
  name: 'Office',
  proxy: 'socks5://me:word@10.0.0.1:1080',
  down: bytesPerSecond(0),
  up: bytesPerSecond(0),
  role: 'seed',
  when: { kind: 'hours', from: 1380, to: 360 },
  metered: { allowance: bytes(1_500_000_000), day: 28 },
};

test.for([...FAKE_PROFILES, night])('$name is the same after it was looked at', (profile) => {
  const form = linkForm(profile);
  expect(wrongInLink(form, [])).toEqual({});
  const again = linkOf(form);
  expect(v.is(linkProfiles, [again])).toBe(true);
  expect(again).toEqual(profile);
});

test.for<[Partial<LinkForm>, string[]]>([
  [{}, []],
  [{ name: ' ' }, ['name']],
  [{ name: 'a,b' }, ['name']],
  [{ name: 'Other' }, ['name']],
  [{ bind: '' }, ['place']],
  [{ bind: '', proxy: 'http://10.0.0.1:3128' }, []],
  [{ proxy: '10.0.0.1' }, ['proxy']],
  [{ down: '-1' }, ['limits']],
  [{ up: '' }, ['limits']],
  [{ when: 'up' }, ['interface']],
  [{ when: 'down', interface: 'wg0' }, []],
  [{ metered: true }, ['allowance']],
  [{ metered: true, allowance: '2.5' }, []],
  [{ metered: true, allowance: '2', day: '29' }, ['allowance']],
])('%o is wrong in %o', ([change, fields]) => {
  const form = { ...linkForm(undefined), name: 'A', bind: 'eth0', ...change };
  expect(Object.keys(wrongInLink(form, ['Other']))).toEqual(fields);
  if (fields.length === 0) expect(v.is(linkProfiles, [linkOf(form)])).toBe(true);
});
