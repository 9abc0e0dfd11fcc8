import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packFiles, unpackFiles } from './packed-files.ts';

const name = fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => text.replace(/[/\0]/g, '_'));

test('files are the same after the way', () => {
  const file = fc.record({
    index: fc.nat(250_000),
    path: fc.array(name, { minLength: 1, maxLength: 5 }),
    length: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  });
  fc.assert(
    fc.property(fc.array(file), (files) => {
      expect(unpackFiles(packFiles(files))).toEqual(files);
    }),
  );
  expect(unpackFiles(packFiles([{ index: 0, path: ['\ufeffa'], length: 1 }]))[0]?.path).toEqual(['\ufeffa']);
});
