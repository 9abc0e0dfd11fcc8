import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));

test('the program bears the name of the desktop entry that its packages install: progress and windows hang on it', () => {
  const { linux } = read('../build/electron-builder.json') as { linux: { executableName: string } };
  expect(read('../package.json')).toMatchObject({ desktopName: `${linux.executableName}.desktop` });
});
