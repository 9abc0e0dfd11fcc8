import { expect, test } from 'vitest';
import { bytesPerSecond, type InfoHashV1, torrentKey } from '../../../core/base/ids.ts';
import type { ReadPreview } from './read-offer.ts';
import type { AddressView } from '../../../core/bridge/views.ts';
import { defaultSettings } from '../../../core/engine/settings.ts';
import { goalsFormOf } from '../goals/goal-form.ts';
import { text } from '../../texts/en.ts';
import { meetingIn, NO_MACHINES } from './machines-form.ts';
import { adviceOn } from './advice.ts';
import {
  type AddErrors,
  type AddForm,
  byWays,
  checkForm,
  firstForm,
  inCategory,
  isAdvanced,
  optionsOf,
  wantedBytes,
} from './choices.ts';

const settings = { ...defaultSettings('/downloads'), maxUploads: 5, maxPeers: 70 };
const preview: ReadPreview = {
  key: torrentKey('a'.repeat(40) as InfoHashV1),
  infoHash: 'a'.repeat(40) as InfoHashV1,
  version: 1,
  name: 'T',
  length: 30,
  pieceLength: 16,
  pieceCount: 2,
  files: [
    { index: 0, path: ['T', 'a'], length: 10 },
    { index: 2, path: ['T', 'b'], length: 20 },
  ],
  fileCount: 3,
  fileSlots: 3,
  private: false,
  trackers: 1,
  comment: null,
  notes: [],
  renamed: { count: 0, first: [] },
  present: false,
  more: false,
};
const form = (change: Partial<AddForm> = {}): AddForm => ({ ...firstForm(settings, preview), ...change });

test('begins with the settings: one identity, or one for each of several addresses that the user chose there', () => {
  expect(form()).toMatchObject({
    output: '/downloads',
    identities: '1',
    seed: { kind: 'usual' },
    down: '0',
    paused: false,
  });
  const begins = (change: Partial<typeof settings>) => firstForm({ ...settings, ...change }, preview).identities;
  expect(begins({ bind: ['eth0', 'wg0', '10.0.0.1'] })).toBe('3');
  expect(begins({ bind: ['eth0'] })).toBe('1');
  expect(begins({ bind: ['eth0', 'wg0'], identities: 5 })).toBe('5');
});

test('an identity for each way that is chosen, until another number is', () => {
  const one = form({ links: ['Fibre'], identities: '1' });
  expect(byWays(one, { bind: ['eth0'] })).toEqual({ bind: ['eth0'], identities: '2' });
  expect(byWays(one, { links: [] })).toEqual({ links: [] });
  for (const identities of ['4', '', 'x']) {
    expect(byWays({ ...one, identities }, { bind: ['eth0'] })).toEqual({ bind: ['eth0'] });
  }
});

test('a category that names addresses alone means these alone', () => {
  const named = { ...settings, links: ['Fibre', 'Phone'] };
  const old = { name: 'Old', bind: ['wg0'] };
  const own = { name: 'Own', links: ['Phone'] };
  const first = firstForm(named, preview);
  expect(first).toMatchObject({ links: ['Fibre', 'Phone'], identities: '2' });
  const all = { ...named, categories: [old, own] };
  expect(inCategory(first, 'Old', all)).toMatchObject({ links: [], bind: ['wg0'], identities: '1' });
  expect(inCategory(first, 'Own', all)).toMatchObject({ links: ['Phone'], bind: [], identities: '1' });
});

test('a category that says how many identities a download begins with is heard, until another number is typed', () => {
  const all = { ...settings, categories: [{ name: 'Three', identities: 3 }] };
  const first = firstForm(all, preview);
  const three = { ...first, ...inCategory(first, 'Three', all) };
  expect(three.identities).toBe('3');
  expect(inCategory(three, '', all)).toMatchObject({ identities: '1' });
  expect(inCategory({ ...three, identities: '5' }, '', all)).not.toHaveProperty('identities');
});

test.each<[Partial<AddForm>, AddErrors]>([
  [{}, {}],
  [{ output: '  ' }, { output: text.add.errors.folder }],
  [{ identities: '0' }, { identities: text.add.errors.identities }],
  [{ identities: '33' }, { identities: text.add.errors.identities }],
  [{ identities: '2.5' }, { identities: text.add.errors.identities }],
  [{ identities: '' }, { identities: text.add.errors.identities }],
  [{ wanted: [false, false] }, { files: text.add.errors.noFiles }],
  [{ port: '65533', identities: '4' }, { port: text.add.errors.port }],
  [{ port: '65532', identities: '4' }, {}],
  [{ port: '-1' }, { port: text.add.errors.port }],
  [{ up: '' }, { limits: text.add.errors.limit }],
  [{ seed: { kind: 'own', goals: goalsFormOf({ ratio: -1 }) } }, { goals: text.goals.wrong }],
  [{ tags: `a, ${'x'.repeat(101)}` }, { labels: text.options.wrongLabel(100) }],
])('%j', (change, errors) => {
  expect(checkForm(form(change), preview)).toEqual(errors);
});

test('several identities on a private torrent have to be confirmed', () => {
  const secret = { ...preview, private: true };
  expect(checkForm(form({ identities: '4' }), secret)).toEqual({ private: text.add.privateNeeded });
  expect(checkForm(form({ identities: '4', allowPrivate: true }), secret)).toEqual({});
  expect(checkForm(form({ identities: '1' }), secret)).toEqual({});
});

test('what is asked for', () => {
  const options = optionsOf(
    form({ identities: '4', wanted: [true, false], down: '1000', output: ' /x ' }),
    preview,
    settings,
  );
  expect(options).toMatchObject({
    output: '/x',
    identities: 4,
    maxUploads: 5,
    maxPeers: 70,
    filePriorities: [4, 4, 0],
  });
  expect(options.down).toBe(bytesPerSecond(1_000_000));
  expect(optionsOf(form(), preview, settings)).not.toHaveProperty('filePriorities');
  expect(wantedBytes(form({ wanted: [true, false] }), preview)).toBe(10);
});

const address = (interfaceName: string, last: string, internal = false): AddressView => ({
  interfaceName,
  kind: 'wired',
  address: last,
  family: last.includes(':') ? 6 : 4,
  internal,
});
const one = [address('eth0', '192.0.2.1'), address('lo', '127.0.0.1', true), address('eth0', 'fe80::1')];
const sameLink = [...one, address('eth0', '2001:db8::1')];
const two = [...one, address('wg0', '198.51.100.1')];

test.each<[string, number, string[], AddressView[], ReturnType<typeof adviceOn>]>([
  ['one identity', 1, [], two, 'offer'],
  ['one address', 4, [], one, 'one'],
  ['no address', 4, [], [], 'one'],
  ['two on one link', 4, [], sameLink, 'same-link'],
  ['two links, none chosen', 4, [], two, 'choose'],
  ['one of them chosen', 4, ['198.51.100.1'], two, 'one-chosen'],
  ['both chosen', 4, ['192.0.2.1', '198.51.100.1'], two, 'dealt'],
  ['both chosen by interface', 4, ['eth0', 'wg0'], two, 'dealt'],
  ['two of one link chosen', 4, ['192.0.2.1', '2001:db8::1'], sameLink, 'same-link'],
])('what identities bring: %s', (_, identities, bind, addresses, expected) => {
  expect(adviceOn(identities, bind, addresses)).toBe(expected);
});

test('a category brings its folder and links, unless the user has chosen others, and takes them away again', () => {
  const films = { name: 'Films', folder: '/films', bind: ['wg0', 'wg1'], proxies: [] };
  const known = { ...settings, categories: [films, { name: 'Rest' }] };
  const first = firstForm(known, { files: [] });
  const inFilms = { ...first, ...inCategory(first, 'Films', known) };
  expect(inFilms).toMatchObject({ category: 'Films', output: '/films', bind: ['wg0', 'wg1'], identities: '2' });
  expect({ ...inFilms, ...inCategory(inFilms, 'Rest', known) }).toEqual({ ...first, category: 'Rest' });
  const chosen = { ...first, output: '/mine', bind: ['eth0'] };
  expect(inCategory(chosen, 'Films', known)).toEqual({ category: 'Films' });
});

test('with other machines it takes part as one identity, and says where they meet', () => {
  const machines = { ...NO_MACHINES, on: true, address: '10.0.0.1/film', collect: 'none' as const, limit: '50' };
  const form = { ...firstForm(settings, preview), identities: '4', machines };
  expect(checkForm(form, preview)).toEqual({});
  expect(optionsOf(form, preview, settings)).toMatchObject({
    identities: 1,
    selection: 'rarest',
    together: { url: 'nats://10.0.0.1/film' },
    collect: 'none',
    collectRate: 50_000,
  });
  expect(checkForm(form, { ...preview, private: true }).private).toBeDefined();
  expect(checkForm({ ...form, machines: { ...machines, address: '10.0.0.1' } }, preview).machines).toBeDefined();
  expect(checkForm({ ...form, machines: { ...machines, limit: 'x' } }, preview).machineLimit).toBeDefined();
  const nobody = { ...machines, user: ' ', password: 'secret' };
  expect(checkForm({ ...form, machines: nobody }, preview)).toEqual({ machineUser: text.machines.userMissing });
  expect(checkForm({ ...form, machines: { ...nobody, user: 'anna' } }, preview)).toEqual({});
  expect(isAdvanced({ machineUser: text.machines.userMissing })).toBe(true);
  const off = optionsOf({ ...form, machines: { ...machines, on: false } }, preview, settings);
  expect(off).toMatchObject({ identities: 4 });
  expect(off.together).toBeUndefined();
});

test.each([
  [{ address: ' tls://a,b,c/film ' }, { url: 'tls://a,b,c/film' }],
  [{ address: 'host/film', user: 'me', password: 'p@ss:/w%' }, { url: 'nats://me:p%40ss%3A%2Fw%25@host/film' }],
  [{ address: 'host/film', user: 'token' }, { url: 'nats://token@host/film' }],
  [
    { address: 'host/film', ca: { name: 'ca.pem', text: 'x' } },
    { url: 'nats://host/film', ca: 'x' },
  ],
  [{ address: '' }, undefined],
  [{ address: 'http://host/film' }, undefined],
])('%j is where they meet: %j', (typed, meant) => {
  expect(meetingIn({ ...NO_MACHINES, ...typed })).toEqual(meant);
});
