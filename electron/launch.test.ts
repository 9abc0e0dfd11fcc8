import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { activityOf } from './activity.ts';
import { parseLaunch } from './launch.ts';
import { menuTemplate } from './menu-template.ts';

const CWD = path.resolve('/home/me');

describe('parseLaunch', () => {
  it.each([
    [[], []],
    [['a.torrent'], ['/home/me/a.torrent']],
    [
      ['/x/a.torrent', 'MAGNET:?xt=1'],
      ['/x/a.torrent', 'MAGNET:?xt=1'],
    ],
    [
      ['https://w.example/a.torrent?k=1', 'http://'],
      ['https://w.example/a.torrent?k=1', '/home/me/http:'],
    ],
    [['file:///x/with%20space.torrent'], ['/x/with space.torrent']],
    [['file://elsewhere/x.torrent', 'file://%'], []],
    [['--no-sandbox', '--inspect=0', ''], []],
  ])('%j', (args, sources) => {
    expect(parseLaunch(args, CWD)).toEqual({ state: undefined, hidden: false, sources });
  });

  it.each([[['--state', 's', 'a.torrent']], [['--state=s', 'a.torrent']], [['a.torrent', '--state=/home/me/s']]])(
    'state folder of %j',
    (args) => {
      expect(parseLaunch(args, CWD)).toEqual({ state: '/home/me/s', hidden: false, sources: ['/home/me/a.torrent'] });
    },
  );
});

it('a start without a window', () => {
  expect(parseLaunch(['--hidden', '--state=s'], CWD)).toEqual({ state: '/home/me/s', hidden: true, sources: [] });
});

describe('activityOf', () => {
  const one = (state: string, have: number, wanted: number, work?: number) =>
    ({ name: state, state, bytes: { have, wanted }, ...(work === undefined ? {} : { work }) }) as Parameters<
      typeof activityOf
    >[0][number];

  it.each([
    ['nothing', [], { progress: undefined, running: [] }],
    [
      'what rests',
      [one('paused', 1, 2), one('done', 2, 2), one('seeding', 2, 2)],
      { progress: undefined, running: [] },
    ],
    [
      'by size',
      [one('downloading', 10, 100), one('assembling', 300, 300, 0.5)],
      { progress: 0.4, running: ['downloading', 'assembling'] },
    ],
    ['a magnet link', [one('metadata', 0, 0)], { progress: 0, running: ['metadata'] }],
  ])('%s', (_name, downloads, expected) => expect(activityOf(downloads)).toEqual(expected));
});

describe('menu', () => {
  const commands = { action: () => {}, showLogs: () => {} };
  const labels = (platform: string) =>
    menuTemplate(platform, 'Ensemble', commands).map(({ label, role }) => label ?? role);

  it('has the application menu of a Mac there alone', () => {
    expect(labels('darwin')).toEqual(['Ensemble', '&File', '&Edit', '&Download', '&View', 'windowMenu', '&Help']);
    expect(labels('linux')).toEqual(['&File', '&Edit', '&Download', '&View', '&Help']);
  });

  it.each(['darwin', 'linux', 'win32'])('gives no accelerator twice, %s', (platform) => {
    const all = menuTemplate(platform, 'Ensemble', commands)
      .flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []))
      .flatMap(({ accelerator }) => (accelerator === undefined ? [] : [String(accelerator)]));
    expect(all.length).toBeGreaterThan(5);
    expect(new Set(all).size).toBe(all.length);
  });
});
