import { expect, test } from 'vitest';
import { namedWebSeeds } from './source.ts';

const webSeeds = ['http://w.example/'];

test.each([
  ['a torrent', {}, false, webSeeds],
  ['a private torrent that names them itself', {}, true, webSeeds],
  ['a link', { link: 'magnet:?' }, false, webSeeds],
  ['a link to what turns out to be private', { link: 'magnet:?' }, true, []],
])('web seeds of %s', (_, from, isPrivate, expected) => {
  expect(namedWebSeeds({ webSeeds, ...from }, { private: isPrivate })).toEqual(expected);
});
