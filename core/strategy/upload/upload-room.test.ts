import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { millis } from '../../base/ids.ts';
import { UploadRoom, type UploadSecond } from './upload-room.ts';

/** A line that takes `capacity` bytes a second, and peers that ask for `demand`, of whom sockets hold half a second. */
class Line {
  readonly room = new UploadRoom();
  capacity: number;
  demand: number;
  down: number;
  wall = 1_000_000_000_000;
  limit = 0;
  #waiting = 0;

  constructor(capacity: number, demand: number, down: number) {
    this.capacity = capacity;
    this.demand = demand;
    this.down = down;
  }

  second(): UploadSecond & { limit: number } {
    const offered = this.limit === 0 ? this.demand : Math.min(this.demand, this.limit);
    const sent = Math.min(this.capacity, offered + this.#waiting);
    this.#waiting = Math.min(this.capacity / 2, this.#waiting + offered - sent);
    this.wall += 1000;
    const it = { wall: millis(this.wall), sent, waiting: this.#waiting, down: this.down };
    this.limit = this.room.next(it);
    return { ...it, limit: this.limit };
  }

  run(seconds: number): (UploadSecond & { limit: number })[] {
    return Array.from({ length: seconds }, () => this.second());
  }
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('a line that is full of uploads while something is downloaded', () => {
  test('is held a little below what it takes after six seconds, when what waited in sockets has left', () => {
    const line = new Line(500_000, 1e9, 600_000);
    expect(line.run(5).map(({ limit }) => limit)).toEqual([0, 0, 0, 0, 250_000]);
    line.run(1);
    expect(line.limit).toBe(450_000);
  });

  test('the more is downloaded the more is left for answers, down to half of the line', () => {
    const line = new Line(500_000, 1e9, 600_000);
    line.run(6);
    line.down = 3_600_000;
    line.run(1);
    expect(line.limit).toBe(360_000);
    line.down = 50_000_000;
    line.run(1);
    expect(line.limit).toBe(250_000);
    line.down = 100_000;
    line.run(1);
    expect(line.limit).toBe(450_000);
  });

  test('slow peers on a fast line lose little, and who comes then is let have more within half a minute', () => {
    // 10 MB/s from seeds, four leechers that take 25 kB/s each, and one of 2 MB/s that comes later.
    const line = new Line(100_000, 1e9, 10_000_000);
    line.run(20);
    expect(line.limit).toBe(90_000);
    line.capacity = 2_100_000;
    line.run(38);
    expect(line.limit).toBeGreaterThan(1_500_000);
  });

  test('over ten minutes little of it is lost, and it is seldom full', () => {
    const line = new Line(500_000, 1e9, 600_000);
    const seconds = line.run(600);
    expect(mean(seconds.map(({ sent }) => sent))).toBeGreaterThan(0.86 * 500_000);
    expect(seconds.filter(({ waiting }) => waiting > 0).length).toBeLessThan(0.2 * 600);
  });

  test('a line that takes more than before is found out within a minute, one that takes less too', () => {
    const line = new Line(500_000, 1e9, 600_000);
    line.run(60);
    line.capacity = 5_000_000;
    line.run(55);
    expect(Math.max(...line.run(20).map(({ sent }) => sent))).toBeGreaterThan(4_500_000);
    line.capacity = 200_000;
    line.run(40);
    expect(line.run(30).filter(({ limit }) => limit < 200_000).length).toBeGreaterThan(20);
  });

  test('several that share it measure at the same time, and leave room together', () => {
    const rooms = Array.from({ length: 4 }, () => new UploadRoom());
    let limits = [0, 0, 0, 0];
    let waiting = 0;
    const sums: number[] = [];
    for (let second = 0; second < 600; second++) {
      // They come one after the other. Each gets what it is let have; of a full line its part, and one has more peers.
      const parts = [2, 1, 1, 1].map((part, i) => (second < 7 * i ? 0 : part));
      const whole = parts.reduce((a, b) => a + b, 0);
      const asked = limits.map((limit, i) => (parts[i] === 0 ? 0 : limit === 0 ? 1e9 : limit));
      const full = asked.reduce((a, b) => a + b, 0) > 500_000;
      const sent = asked.map((one, i) => (full ? Math.min(one, (500_000 * (parts[i] ?? 0)) / whole) : one));
      waiting = full ? 60_000 : 0;
      const wall = millis(1e12 + second * 1000);
      limits = rooms.map((room, i) => room.next({ wall, sent: sent[i] ?? 0, waiting, down: 150_000 }));
      if (second > 60) sums.push(sent.reduce((a, b) => a + b, 0));
    }
    expect(mean(sums)).toBeGreaterThan(0.8 * 500_000);
    expect(sums.filter((sum) => sum > 0.96 * 500_000).length).toBeLessThan(0.35 * sums.length);
  });
});

describe('uploads are let be', () => {
  test.each([
    ['where the line takes all that is asked for', new Line(500_000, 400_000, 600_000)],
    ['where the line is fast', new Line(50_000_000, 1e9, 600_000)],
  ])('%s', (_, line) => {
    expect(line.run(300).map(({ limit }) => limit)).toEqual(Array.from({ length: 300 }, () => 0));
  });

  test('where it takes nothing at all', () => {
    const room = new UploadRoom();
    const stuck = { sent: 0, waiting: 500_000, down: 600_000 };
    for (let second = 0; second < 60; second++) expect(room.next({ ...stuck, wall: millis(second * 1000) })).toBe(0);
  });

  test('as soon as the download is over', () => {
    const line = new Line(500_000, 1e9, 600_000);
    line.run(30);
    expect(line.limit).toBeGreaterThan(0);
    expect(line.room.free()).toBe(0);
    expect(line.run(4).map(({ limit }) => limit)).toEqual([0, 0, 0, 0]);
  });
});

test('whatever happens, a limit is never negative, and a third of the line or more where it has been measured', () => {
  const second = fc.record({
    capacity: fc.integer({ min: 20_000, max: 2e7 }),
    down: fc.nat(1e8),
    seconds: fc.integer({ min: 1, max: 90 }),
  });
  fc.assert(
    fc.property(fc.array(second, { minLength: 1, maxLength: 8 }), (phases) => {
      const line = new Line(1e6, 1e9, 1);
      for (const { capacity, down, seconds } of phases) {
        line.capacity = capacity;
        line.down = down;
        for (const { limit } of line.run(seconds)) expect(limit).toBeGreaterThanOrEqual(0);
        line.down = 1;
        line.run(60);
        const limits = line.run(40).map(({ limit }) => limit);
        for (const limit of limits) if (limit > 0) expect(limit).toBeGreaterThan(capacity / 3);
      }
    }),
    { numRuns: 100 },
  );
});
