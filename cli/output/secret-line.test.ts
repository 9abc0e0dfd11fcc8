import { expect, test } from 'vitest';
import { SecretLine } from './secret-line.ts';

test.each([
  ['horse\r', 'done', 'horse'],
  ['horse\nbattery', 'done', 'horse'],
  ['hors', 'more', 'hors'],
  ['horsf\u007fe\n', 'done', 'horse'],
  ['\u007f\bh\n', 'done', 'h'],
  ['grün😀\b\n', 'done', 'grün'],
  ['cow\u0015horse\r', 'done', 'horse'],
  ['ho\u001b[D\u001b[1;5C\u001bOArse\n', 'done', 'horse'],
  ['\thorse\u0001\n', 'done', 'horse'],
  ['horse\u0004', 'done', 'horse'],
  ['\u0004', 'interrupted', ''],
  ['ho\u0003', 'interrupted', 'ho'],
])('%j', (typed, state, text) => {
  const line = new SecretLine();
  expect(line.take(typed)).toBe(state);
  expect(line.text).toBe(text);
});

test('what comes in parts is one line', () => {
  const line = new SecretLine();
  for (const part of ['h', 'or', 'se']) expect(line.take(part)).toBe('more');
  expect(line.take('\r')).toBe('done');
  expect(line.text).toBe('horse');
});
