import { expect, test } from 'vitest';
import { type AnnounceRank, AnnounceTurns } from './announce-turns.ts';

/** Announces at trackers that answer when they are told to. */
function world() {
  const turns = new AnnounceTurns();
  const under = new Map<string, { readonly who: number; readonly end: (worked: boolean) => void }[]>();
  const begun: number[] = [];
  let asked = 0;
  const ask = (place: string, rank: AnnounceRank = 2, signal = new AbortController().signal): number => {
    const who = asked++;
    void turns.enter(place, rank, signal).then((end) => {
      if (end === undefined) return;
      begun.push(who);
      under.set(place, [...(under.get(place) ?? []), { who, end }]);
    });
    return who;
  };
  const at = (place: string): number => under.get(place)?.length ?? 0;
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  /** One of its announces ends. */
  const answer = async (place: string, worked = true): Promise<void> => {
    under.get(place)?.shift()?.end(worked);
    await settle();
  };
  return { turns, ask, at, answer, settle, begun, under };
}

test('five thousand at once: few at each tracker, at most a hundred in all, and each has its turn', async () => {
  const w = world();
  for (let i = 0; i < 5000; i++) w.ask(`t${i % 40}`);
  await w.settle();
  // It is not known yet which of them answer.
  expect(w.turns.running).toBe(40);
  let most = 0;
  for (let round = 0; w.begun.length < 5000 && round < 10_000; round++) {
    for (const place of w.under.keys()) {
      expect(w.at(place)).toBeLessThanOrEqual(8);
      w.under.get(place)?.shift()?.end(true);
    }
    await w.settle();
    most = Math.max(most, w.turns.running);
  }
  expect([w.begun.length, most]).toEqual([5000, 100]);
});

test('trackers that are dead have one announce each under way, and stop nobody', async () => {
  const w = world();
  for (let i = 0; i < 50; i++) for (let more = 0; more < 20; more++) w.ask(`dead${i}`);
  await w.settle();
  expect(w.turns.running).toBe(50);
  for (let i = 0; i < 200; i++) w.ask('good');
  for (let i = 0; i < 200; i++) {
    await w.settle();
    expect(w.at('good')).toBeGreaterThan(0);
    await w.answer('good');
  }
  expect(w.turns.running).toBe(50);
  // One that is back is asked by several again.
  await w.answer('dead7');
  expect(w.at('dead7')).toBe(8);
});

test('what a tracker must hear in time goes first, then who wants peers', async () => {
  const w = world();
  for (let i = 0; i < 9; i++) w.ask('t');
  await w.settle();
  await w.answer('t');
  expect(w.at('t')).toBe(8);
  const seed = w.ask('t', 2);
  const leecher = w.ask('t', 1);
  const stopped = w.ask('t', 0);
  await w.settle();
  for (let i = 0; i < 3; i++) await w.answer('t');
  expect(w.begun.slice(9)).toEqual([stopped, leecher, seed]);
});

test('who is interrupted while waiting takes no turn', async () => {
  const w = world();
  for (let i = 0; i < 9; i++) w.ask('t');
  await w.settle();
  await w.answer('t');
  expect(w.at('t')).toBe(8);
  const away = new AbortController();
  w.ask('t', 0, away.signal);
  const last = w.ask('t');
  away.abort();
  await w.settle();
  await w.answer('t');
  expect(w.begun.slice(9)).toEqual([last]);
  for (let i = 0; i < 8; i++) await w.answer('t');
  expect(w.turns.running).toBe(0);
});
