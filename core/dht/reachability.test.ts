import { expect, test } from 'vitest';
import { Reachability } from './reachability.ts';
import { at, minutes } from './testing/scene.ts';

/** A node that asks somebody each minute and is answered. */
function asksFor(reachability: Reachability, from: number, to: number): void {
  for (let minute = from; minute < to; minute++) {
    reachability.asked('1.1.1.1', minutes(minute));
    reachability.answered();
    reachability.pump(minutes(minute));
  }
}

test('nobody asks us though we ask for half an hour: read-only, until six hours later', () => {
  const reachability = new Reachability(at(0));
  asksFor(reachability, 0, 29);
  expect(reachability.readOnly).toBe(false);
  asksFor(reachability, 29, 40);
  expect(reachability.readOnly).toBe(true);
  asksFor(reachability, 40, 390);
  expect(reachability.readOnly).toBe(true);
  asksFor(reachability, 390, 400);
  expect(reachability.readOnly).toBe(false);
  asksFor(reachability, 400, 440);
  expect(reachability.readOnly).toBe(true);
});

test.each([
  ['a stranger asks', 'stranger', 0, false],
  ['who was asked just now asks back', '1.1.1.1', 0, true],
  ['who was asked long ago asks', '2.2.2.2', 0, false],
])('%s', (_, host, __, readOnly) => {
  const reachability = new Reachability(at(0));
  reachability.asked('2.2.2.2', at(0));
  asksFor(reachability, 0, 20);
  reachability.heard(host, minutes(20));
  asksFor(reachability, 20, 45);
  expect(reachability.readOnly).toBe(readOnly);
});

test('where nobody answers us either, it says nothing', () => {
  const reachability = new Reachability(at(0));
  for (let minute = 0; minute < 300; minute++) reachability.pump(minutes(minute));
  expect(reachability.readOnly).toBe(false);
});

test('whoever knows decides', () => {
  const reachability = new Reachability(at(0));
  reachability.told(false);
  expect(reachability.readOnly).toBe(true);
  reachability.told(true);
  asksFor(reachability, 0, 60);
  expect(reachability.readOnly).toBe(false);
  reachability.told(undefined);
  expect(reachability.readOnly).toBe(true);
  // One question of a stranger proves the opposite; so may another place.
  reachability.heard('stranger', minutes(61));
  expect(reachability.readOnly).toBe(false);
  asksFor(reachability, 61, 100);
  reachability.forget(minutes(100));
  expect(reachability.readOnly).toBe(false);
});
