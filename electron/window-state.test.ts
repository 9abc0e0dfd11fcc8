import { expect, it } from 'vitest';
import { checkPlace, SMALLEST } from './window-state.ts';

const SCREEN = { x: 0, y: 0, width: 1680, height: 1050 };
const kept = (changes: object) => ({
  version: 1,
  x: 100,
  y: 50,
  width: 1000,
  height: 700,
  maximized: false,
  ...changes,
});

it.each([
  ['as it was', {}, { x: 100, y: 50, width: 1000, height: 700 }],
  ['off to the right', { x: 1670 }, { width: 1000, height: 700 }],
  ['off to the left', { x: -990 }, { width: 1000, height: 700 }],
  ['above every screen', { y: -200 }, { width: 1000, height: 700 }],
  ['too small', { width: 10, height: 10 }, { x: 100, y: 50, ...SMALLEST }],
])('%s', (_name, changes, bounds) => {
  expect(checkPlace(kept(changes), [SCREEN])).toEqual({ bounds, maximized: false });
});

it('stays maximised', () => expect(checkPlace(kept({ maximized: true }), [SCREEN]).maximized).toBe(true));

it.each([[{}], [null], [kept({ version: 2 })], [kept({ x: 'left' })], [kept({ width: 1.5 })]])(
  'refuses %j',
  (value) => {
    expect(() => checkPlace(value, [SCREEN])).toThrow();
  },
);
