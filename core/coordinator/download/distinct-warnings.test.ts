import { expect, test } from 'vitest';
import { DistinctWarnings } from './distinct-warnings.ts';

test('each text is told once, and only so many of them', () => {
  const told: string[] = [];
  const once = new DistinctWarnings((text) => told.push(text));
  for (let round = 0; round < 3; round++) for (let i = 0; i < 60; i++) once.say(`tracker: ${i}`);
  expect(told).toEqual(Array.from({ length: 50 }, (_, i) => `tracker: ${i}`));
});
