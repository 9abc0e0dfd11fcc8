import { describe, expect, test } from 'vitest';
import { filePlace } from './seed-url.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const target = (seed: string, ...path: (string | Uint8Array)[]): string | undefined =>
  filePlace(
    seed,
    path.map((name) => (typeof name === 'string' ? bytes(name) : name)),
  )?.target;

describe('where a web seed has a file', () => {
  test.each<[string, string, string[], string]>([
    ['one file: the URL as it is', 'http://w.example/a/movie.iso', ['other.iso'], '/a/movie.iso'],
    ['one file, a URL that is encoded already', 'http://w.example/a%20b/%2b', ['x'], '/a%20b/%2b'],
    ['one file, a query', 'http://w.example/get?id=5', ['x'], '/get?id=5'],
    ['one file, a slash: the name follows', 'http://w.example/a/', ['movie.iso'], '/a/movie.iso'],
    ['one file, nothing but a host', 'http://w.example', ['movie.iso'], '/movie.iso'],
    ['several files, a slash', 'http://w.example/a/', ['T', 'b', 'c.bin'], '/a/T/b/c.bin'],
    ['several files, no slash', 'http://w.example/a', ['T', 'b', 'c.bin'], '/a/T/b/c.bin'],
    ['several files, a query', 'http://w.example/get?at=', ['T', 'c.bin'], '/get?at=/T/c.bin'],
    ['a fragment', 'http://w.example/a#x', ['T', 'c.bin'], '/a/T/c.bin'],
  ])('%s', (_, seed, path, expected) => {
    expect(target(seed, ...path)).toBe(expected);
  });

  test.each<[string | Uint8Array, string | undefined]>([
    ['a b', 'a%20b'],
    ['c#d', 'c%23d'],
    ['e?f', 'e%3Ff'],
    ['100%', '100%25'],
    ['g+h', 'g%2Bh'],
    ['[i]', '%5Bi%5D'],
    ['ü', '%C3%BC'],
    ["j'k", 'j%27k'],
    ['l&m=n;o,p', 'l%26m%3Dn%3Bo%2Cp'],
    ['q@r:s', 'q%40r%3As'],
    ['~(t)!', '~%28t%29%21'],
    ['%2e%2e', '%252e%252e'],
    ['back\\slash', 'back%5Cslash'],
    [Uint8Array.of(0x66, 0xfc, 0x72), 'f%FCr'],
    ['...', '...'],
    ['..', undefined],
    ['.', undefined],
    ['', undefined],
    ['a/b', undefined],
    ['a\0b', undefined],
  ])('the name %j', (name, expected) => {
    expect(target('http://w.example/', 'T', name)).toBe(expected === undefined ? undefined : `/T/${expected}`);
  });
});
