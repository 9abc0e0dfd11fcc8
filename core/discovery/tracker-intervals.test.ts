import { describe, expect, it } from 'vitest';
import { millis } from '../base/ids.ts';
import { encode } from '../bencode/bencode.ts';
import { announcerScene as setUp, fail, ok, text } from '../sim/announcer.ts';

describe('how often a tracker is asked (B13, E14)', () => {
  it('backs off from failing trackers, with jitter, up to 30 to 60 minutes', async () => {
    const s = setUp([['a']]);
    s.on('a', fail);
    s.announcer.start();
    await s.clock.advance(20 * 3_600_000);
    const waits = s.heard.map(({ at }, i) => at - (s.heard[i - 1]?.at ?? 0)).slice(1);
    let expected = 10;
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(expected);
      expect(wait).toBeLessThanOrEqual(2 * expected);
      expected = Math.min(2 * expected, 1800);
    }
    expect(waits.length).toBeGreaterThan(18);
    expect(s.announcer.status().trackers[0]?.next).toBeLessThanOrEqual(3_600_000);
    await s.clock.resolve(s.announcer.stop());
    expect(s.heard.every(({ event }) => event === 'started')).toBe(true);
  });

  it('asks at once where a way has come, also one that it was asking in vain just then', async () => {
    const s = setUp([['a']]);
    let asked: (() => void) | undefined;
    s.on('a', () => new Promise((resolve) => (asked = () => resolve(fail()))));
    s.announcer.start();
    await s.clock.settle();
    asked?.();
    await s.clock.advance(3_600_000);
    asked?.();
    await s.clock.settle();
    const before = s.heard.length;
    s.announcer.wayCame(millis(0));
    await s.clock.settle();
    expect(s.heard).toHaveLength(before + 1);
    // It fails for want of a way, but only now.
    s.announcer.wayCame(s.clock.now());
    asked?.();
    await s.clock.advance(3_000);
    expect(s.heard).toHaveLength(before + 2);
    asked?.();
    await s.clock.advance(9_000);
    expect(s.heard).toHaveLength(before + 2);
  });

  it('leaves a tracker alone that answered, and one that named a time, when a way has come', async () => {
    const s = setUp([['a'], ['b']]);
    s.on('a', () => ok({ interval: 600 }));
    s.announcer.start();
    await s.clock.advance(5_000);
    s.announcer.wayCame(millis(0));
    await s.clock.advance(60_000);
    expect(s.heard).toHaveLength(1);
  });

  it('does not end the wait for one that failed while there was a way, however often that comes and goes', async () => {
    const s = setUp([['a']]);
    s.on('a', fail);
    s.announcer.start();
    await s.clock.advance(3_600_000);
    const before = s.heard.length;
    await s.clock.advance(60_000);
    for (let i = 0; i < 60; i++) {
      s.announcer.wayCame(s.clock.now());
      await s.clock.advance(5_000);
    }
    expect(s.heard.length - before).toBeLessThanOrEqual(1);
  });

  it('hears of a new beginning a few times at once, and then as often as of anything else', async () => {
    const s = setUp([['a']]);
    s.on('a', () => ok());
    for (let i = 0; i < 600; i++) {
      s.announcer.start();
      await s.clock.advance(1_000);
      await s.clock.resolve(s.announcer.stop());
      await s.clock.advance(1_000);
    }
    const begun = s.heard.filter(({ event }) => event === 'started');
    expect(begun.slice(0, 5).map(({ at }) => at)).toEqual([0, 2, 4, 6, 8]);
    expect(begun.length).toBeGreaterThan(15);
    expect(begun.length).toBeLessThanOrEqual(5 + 1200 / 60);
  });

  it('asks a tracker that refused when it said so, or never again', async () => {
    const s = setUp([['a'], ['b']]);
    s.on('a', () => ({ status: 200, body: encode({ 'failure reason': text('busy'), 'retry in': 10 }) }));
    s.on('b', () => ({ status: 400, body: encode({ 'failure reason': text('banned'), 'retry in': text('never') }) }));
    s.announcer.start();
    await s.clock.advance(1_300_000);
    expect(s.log()).toEqual(['0 a started', '0 b started', '600 a started', '1200 a started']);
    expect(s.warnings.slice(0, 2)).toEqual(['a: busy', 'b: banned']);
    expect(s.announcer.status().trackers[1]).toMatchObject({ state: 'failed', message: 'banned' });
  });

  it('tells a tracker of another port at once, and no oftener than every few seconds', async () => {
    let port = 7000;
    const s = setUp([['a']], { port: () => port });
    s.on('a', () => ok({ interval: 3600, 'min interval': 1800 }));
    s.announcer.start();
    await s.clock.advance(1_000);
    for (const next of [7001, 7002, 7003]) {
      port = next;
      s.announcer.moved();
      await s.clock.advance(1_000);
    }
    await s.clock.advance(600_000);
    const told = s.heard.map(({ at, query }) => `${at} ${query.get('port')}`);
    expect(told).toEqual(['0 7000', '5 7003']);
  });

  it('does not tell one that asked for patience, or that is told the port anyway', async () => {
    let port = 7000;
    const s = setUp([['a']], { port: () => port });
    s.on('a', () => ({ status: 200, body: encode({ 'failure reason': text('busy'), 'retry in': 10 }) }));
    s.announcer.start();
    await s.clock.advance(1_000);
    port = 7001;
    s.announcer.moved();
    await s.clock.advance(700_000);
    expect(s.heard.map(({ at, query }) => `${at} ${query.get('port')}`)).toEqual(['0 7000', '600 7001']);
  });

  it('respects min interval when it has too few peers', async () => {
    const s = setUp([['a']]);
    s.on('a', () => ok({ 'min interval': 600 }));
    s.state.peers = 3;
    s.announcer.start();
    await s.clock.advance(1_300_000);
    for (const [i, { at }] of s.heard.entries()) {
      const before = s.heard[i - 1];
      if (before) expect(at - before.at).toBeGreaterThanOrEqual(600);
    }
    expect(s.heard.length).toBe(3);
  });

  it.each([
    ['with few peers: early', { peers: 0, complete: false }, ['300 a', '600 a']],
    ['as a seed: at the interval, however few peers there are', { peers: 0, complete: true }, []],
  ])('asks a tracker that names no least interval %s', async (_, state, later) => {
    const s = setUp([['a']]);
    Object.assign(s.state, state);
    s.on('a', () => ok({ interval: 3600 }));
    s.announcer.start();
    await s.clock.advance(800_000);
    expect(s.log().slice(1)).toEqual(later);
  });

  it('asks nobody every second, whatever he asks for', async () => {
    const s = setUp([['a']]);
    s.state.peers = 0;
    s.on('a', () => ok({ interval: 1, 'min interval': 1 }));
    s.announcer.start();
    await s.clock.advance(125_000);
    expect(s.log()).toEqual(['0 a started', '60 a', '120 a']);
  });

  it('keeps to the interval of a refusal, though somebody demands, and over a pause', async () => {
    const s = setUp([['a']]);
    const body = encode({ 'failure reason': text('please wait'), interval: 1800, 'min interval': 3600 });
    s.on('a', () => ({ status: 200, body }));
    s.announcer.start();
    await s.clock.advance(1_000_000);
    s.announcer.announceNow();
    await s.clock.advance(1_000_000);
    expect(s.announcer.status().trackers[0]).toMatchObject({ state: 'failed', next: 1_600_000 });
    await s.clock.resolve(s.announcer.stop());
    s.announcer.start();
    await s.clock.advance(1_601_000);
    expect(s.log()).toEqual(['0 a started', '3600 a started']);
  });

  it('asks on demand as soon as the tracker allows', async () => {
    const s = setUp([['a']]);
    s.on('a', () => ok({ 'min interval': 120 }));
    s.announcer.start();
    await s.clock.advance(50_000);
    s.announcer.announceNow();
    s.announcer.announceNow();
    await s.clock.advance(1_000_000);
    expect(s.log()).toEqual(['0 a started', '120 a']);
  });

  it('on demand tries failed trackers at once', async () => {
    const s = setUp([['a']]);
    s.on('a', fail);
    s.announcer.start();
    await s.clock.advance(200_000);
    const before = s.heard.length;
    s.on('a', () => ok());
    s.announcer.announceNow();
    await s.clock.advance(1);
    expect(s.heard.length).toBe(before + 1);
    expect(s.announcer.status().trackers[0]).toMatchObject({ state: 'working', next: 1_800_000 - 1 });
  });
});
