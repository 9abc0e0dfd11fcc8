import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPasted } from './pasted.ts';

const HASH = '0123456789abcdef0123456789abcdef01234567';
const LINK = `magnet:?xt=urn:btih:${HASH}`;
const LONG = `${HASH}${'89abcdef'.repeat(3)}`;
const FULL = `${LINK}&dn=a&tr=http://t.example/announce&ws=https://w.example/f`;
const URL_ = 'https://files.example/a.torrent?id=1&key=2';
const magnet = (link: string) => ({ kind: 'magnet', link });
const url = (text: string) => ({ kind: 'url', url: text });

test.each<[string, string, readonly object[]]>([
  ['a link', LINK, [magnet(LINK)]],
  ['one with trackers and web seeds is one', FULL, [magnet(FULL)]],
  ['with blanks around it', `  ${LINK}\n`, [magnet(LINK)]],
  ['in quotes', `"${FULL}"`, [magnet(FULL)]],
  ['in typographic quotes, with a comma', `\u201c${LINK}\u201d,`, [magnet(LINK)]],
  ['in angle brackets', `<${LINK}>`, [magnet(LINK)]],
  ['out of a page', `<a href="${FULL.replaceAll('&', '&amp;')}">get it</a>`, [magnet(FULL.replaceAll('&', '&amp;'))]],
  ['encoded as a whole', encodeURIComponent(FULL), [magnet(encodeURIComponent(FULL))]],
  ['with blanks in its name', `${LINK}&dn=my own file&tr=udp://t:1`, [magnet(`${LINK}&dn=my own file&tr=udp://t:1`)]],
  ['followed by a remark', `${LINK} (the good one)`, [magnet(LINK)]],
  ['after a remark', `this one: ${LINK}`, [magnet(LINK)]],
  ['several in a line and in lines', `${LINK} ${FULL}\r\n# and\n${LINK}`, [magnet(LINK), magnet(FULL), magnet(LINK)]],
  ['a hash', HASH, [magnet(LINK)]],
  ['a hash in capitals and quotes', `'${HASH.toUpperCase()}'`, [magnet(LINK)]],
  ['a hash with its kind', `urn:btih:${HASH}`, [magnet(LINK)]],
  ['base32', 'MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U', [magnet('magnet:?xt=urn:btih:mfrggzdfmztwq2lknnwg23tpobyxe43u')]],
  ['a hash of version 2', LONG, [magnet(`magnet:?xt=urn:btmh:1220${LONG}`)]],
  ['a multihash of version 2', `1220${LONG}`, [magnet(`magnet:?xt=urn:btmh:1220${LONG}`)]],
  ['hashes in lines', `${HASH}\n${LONG}`, [magnet(LINK), magnet(`magnet:?xt=urn:btmh:1220${LONG}`)]],
  ['an address', URL_, [url(URL_)]],
  ['an address out of a page', `href='${URL_.replace('&', '&amp;')}'`, [url(URL_)]],
  ['an address encoded as a whole', encodeURIComponent(URL_), [url(URL_)]],
  ['words', 'this is nothing of the kind, magnetic though', []],
  ['a long word', 'abcdefghijklmnopqrstuvwxyzabcdef', []],
  ['nothing', '', []],
])('%s', (_, text, found) => {
  expect(readPasted(text)).toEqual({ found });
});

test.each([
  [HASH.slice(1), HASH.slice(1)],
  [`the hash is ${LONG}0.`, undefined],
  [`${LONG}0`, `${LONG}0`],
])('%s: digits that are no hash are named', (text, cut) => {
  expect(readPasted(text).cut).toBe(cut);
});

test('takes any text, in time that grows with its length alone', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void readPasted(text)));
  const parts = fc.constantFrom('magnet:', '?xt=', '&', '"', ' ', HASH, 'http://', '%3A', '%2F', '\n', '&amp;', 'dn=x');
  fc.assert(fc.property(fc.array(parts, { maxLength: 60 }), (some) => void readPasted(some.join(''))));
  expect(readPasted('magnet:?xt= '.repeat(20_000)).found).toHaveLength(20_000);
});
