import { expect, it } from 'vitest';
import { remembered } from './remembered.ts';

it('makes what it was asked for once, as long as few others were asked for since', () => {
  const asked: string[] = [];
  const lengthOf = remembered(2, (text) => {
    asked.push(text);
    return text === '' ? undefined : text.length;
  });
  expect(['a', 'a', '', ''].map(lengthOf)).toEqual([1, 1, undefined, undefined]);
  expect(asked).toEqual(['a', '']);
  expect(['ccc', 'a', 'ccc'].map(lengthOf)).toEqual([3, 1, 3]);
  expect(asked).toEqual(['a', '', 'ccc', 'a']);
});
