import { expect, test } from 'vitest';
import { isMagnetLink } from './magnet-link.ts';

test.each([
  ['magnet:?xt=urn:btih:1', true],
  ['  Magnet:?', true],
  ['magnet://?xt=urn:btih:1', true],
  ['magnet: a word with a colon', false],
  ['/magnet:?/x', false],
  ['http://magnet:?1', false],
  ['', false],
])('%j', (text, is) => expect(isMagnetLink(text)).toBe(is));
