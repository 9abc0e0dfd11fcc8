import { describe, expect, it } from 'vitest';
import type { Millis } from '../base/ids.ts';
import { encode } from '../bencode/bencode.ts';
import type { HttpResponse } from '../ports/http.ts';
import { announcerScene as setUp, fail, never, ok, text } from '../sim/announcer.ts';

describe('TrackerAnnouncer', () => {
  it('says started, then announces at the interval, and stopped at the end', async () => {
    const s = setUp([['a']]);
    s.on('a', () => ok({ complete: 5, incomplete: 6 }));
    s.announcer.start();
    await s.clock.advance(3_700_000);
    await s.clock.resolve(s.announcer.stop());
    expect(s.log()).toEqual(['0 a started', '1800 a', '3600 a', '3700 a stopped']);
    expect(s.found[0]).toEqual({ host: '10.0.0.9', port: 6881 });
    // Named at each announce, it is one peer.
    expect([s.found.length > 1, s.announcer.status().found]).toEqual([true, 1]);
    const { query } = s.heard[0]!;
    expect(Object.fromEntries(query)).toMatchObject({
      info_hash: 'a'.repeat(20),
      peer_id: 'b'.repeat(20),
      port: '7000',
      uploaded: '1',
      downloaded: '2',
      left: '10',
      key: '00000ABC',
    });
    expect(s.heard[3]?.query.get('numwant')).toBe('0');
    await s.clock.advance(1e7);
    expect(s.heard).toHaveLength(4);
    expect(s.clock.pending).toBe(0);
  });

  it.each([
    [
      'all that was chosen, but not all: paused each time (BEP 21)',
      5,
      ['0 a started', '1800 a paused', '3600 a paused', '3700 a stopped'],
    ],
    ['everything', 0, ['0 a started', '1800 a', '3600 a', '3700 a stopped']],
  ])('that has %s', async (_, left, log) => {
    const s = setUp([['a']]);
    s.on('a', () => ok());
    Object.assign(s.state, { complete: true, left });
    s.announcer.start();
    await s.clock.advance(3_700_000);
    await s.clock.resolve(s.announcer.stop());
    expect(s.log()).toEqual(log);
  });

  it('asks others from now on: those that go are told so, those that stay are not asked anew', async () => {
    const s = setUp([['a'], ['b']]);
    s.on('a', fail);
    s.on('b', () => ok());
    s.on('c', () => ok());
    const url = (name: string): string => `http://${name}/announce`;
    s.announcer.start();
    await s.clock.advance(1000);
    expect(s.log()).toEqual(['0 a started', '0 b started']);
    s.announcer.setTrackers([[url('b')], [url('c')]]);
    await s.clock.advance(1000);
    expect(s.log()).toHaveLength(2);
    expect(s.announcer.status().trackers.map((one) => [one.url, one.tier, one.state])).toEqual([
      [url('b'), 0, 'working'],
      [url('c'), 1, 'idle'],
    ]);
    s.announcer.setTrackers([[url('c')]]);
    await s.clock.advance(1000);
    expect(s.log().slice(2).toSorted()).toEqual(['2 b stopped', '2 c started']);
    s.announcer.setTrackers([]);
    await s.clock.resolve(s.announcer.stop());
    expect(s.log().slice(4)).toEqual(['3 c stopped']);
    expect(s.clock.pending).toBe(0);
  });

  it('one that is taken away while it answers hears of the end', async () => {
    const s = setUp([['a']]);
    let answer: (response: HttpResponse) => void = () => {};
    s.on('a', () => new Promise((resolve) => (answer = resolve)));
    s.announcer.start();
    await s.clock.advance(1);
    s.announcer.setTrackers([]);
    s.on('a', () => ok());
    answer(ok() as HttpResponse);
    await s.clock.advance(1000);
    expect(s.log().map((line) => line.slice(-9))).toEqual(['a started', 'a stopped']);
    await s.clock.resolve(s.announcer.stop());
  });

  it('looks up peers that a tracker names, for the address that it is bound to, and tells how trackers see us', async () => {
    const s = setUp([['a']], { address: '10.0.1.1' });
    s.world.name('peer.example', ['10.0.0.7', '2001:db8::7', '0.0.0.0']);
    s.world.name('own.example', ['10.0.1.1']);
    const named = ['none.example', 'peer.example', 'own.example'].map((ip) => ({ ip: text(ip), port: 7000 }));
    const body = encode({ peers: [{ ip: text('10.0.0.9'), port: 1 }, ...named], 'external ip': text('203.0.113.5') });
    s.on('a', () => ({ status: 200, body }));
    s.announcer.start();
    await s.clock.advance(1);
    expect(s.found).toEqual([
      { host: '10.0.0.9', port: 1 },
      { host: '10.0.0.7', port: 7000 },
    ]);
    expect(s.external.agreed(4)).toBe('203.0.113.5');
    await s.clock.resolve(s.announcer.stop());
  });

  it('binds every request to the address that it was given', async () => {
    const s = setUp([['a']], { address: '10.0.1.1' });
    s.on('a', () => ok());
    s.announcer.start();
    await s.clock.advance(1);
    await s.clock.resolve(s.announcer.stop());
    expect(s.http.requests.map((r) => [r.localAddress, r.family])).toEqual([
      ['10.0.1.1', 4],
      ['10.0.1.1', 4],
    ]);
  });

  it('moves on to the next tier, stays with what works, and tells only that one of the end', async () => {
    const s = setUp([['a'], ['b'], ['c']]);
    s.on('a', fail);
    s.on('b', () => ok());
    s.on('c', () => ok());
    s.announcer.start();
    await s.clock.advance(1_000);
    expect(s.log()).toEqual(['0 a started', '0 b started']);
    expect(s.announcer.status().trackers.map((t) => [t.tier, t.state])).toEqual([
      [0, 'failed'],
      [1, 'working'],
      [2, 'idle'],
    ]);
    expect(s.warnings).toEqual([expect.stringMatching(/^a: .*503/)]);
    await s.clock.resolve(s.announcer.stop());
    expect(s.log().slice(2)).toEqual(['1 b stopped']);
  });

  it('asks the next tracker after 5 s of silence, and still takes what the silent one says', async () => {
    const s = setUp([['a'], ['b'], ['c']]);
    let speak: ((response: HttpResponse) => void) | undefined;
    s.on('a', () => new Promise((resolve) => (speak = resolve)));
    s.on('b', never);
    s.on('c', () => ok({ 'min interval': 60 }));
    s.announcer.start();
    await s.clock.advance(12_000);
    expect(s.log()).toEqual(['0 a started', '5 b started', '10 c started']);
    expect(s.announcer.status().trackers.map((t) => t.state)).toEqual(['announcing', 'announcing', 'working']);
    speak?.(ok({ peers: Uint8Array.of(10, 0, 0, 8, 0, 80) }));
    await s.clock.advance(1_000);
    expect(s.found.map(({ host }) => host)).toEqual(['10.0.0.9', '10.0.0.8']);
    s.on('a', () => ok());
    await s.clock.advance(2_000_000);
    expect(
      s
        .log()
        .slice(3)
        .filter((line) => !line.includes(' b ')),
    ).toEqual(['1812 a']);
    await s.clock.resolve(s.announcer.stop());
    expect(s.log().slice(-2).sort()).toEqual(['2013 a stopped', '2013 c stopped']);
    expect(s.clock.pending).toBe(0);
  });

  it('does not ask a silent tracker again while it waits for it', async () => {
    const s = setUp([['a'], ['b']]);
    s.on('a', never);
    s.on('b', () => ok());
    s.announcer.start();
    await s.clock.advance(10_000);
    s.announcer.completed();
    await s.clock.advance(18_000);
    expect(s.log()).toEqual(['0 a started', '5 b started', '10 b completed']);
    await s.clock.resolve(s.announcer.stop());
    expect(s.log().at(-1)).toBe('28 b stopped');
  });

  it('does not find itself', async () => {
    const s = setUp([['a']], { address: '10.0.1.1' });
    s.on('a', () => ok({ peers: Uint8Array.of(10, 0, 1, 1, 7000 >>> 8, 7000 & 255, 10, 0, 1, 1, 0, 80) }));
    s.announcer.start();
    await s.clock.advance(1);
    expect(s.found).toEqual([{ host: '10.0.1.1', port: 80 }]);
  });

  it('comes back to an earlier tier when it works again, with a started of its own', async () => {
    const s = setUp([['a'], ['b']]);
    s.on('a', fail);
    s.on('b', () => ok());
    s.announcer.start();
    await s.clock.advance(1_000_000);
    s.on('a', () => ok());
    await s.clock.advance(1_000_000);
    expect(s.log()).toEqual(['0 a started', '0 b started', '1800 a started']);
    await s.clock.resolve(s.announcer.stop());
    expect(s.log().slice(3).sort()).toEqual(['2000 a stopped', '2000 b stopped']);
  });

  it('promotes the one that works within its tier', async () => {
    const hosts = ['a', 'b', 'c', 'd'];
    const s = setUp([hosts]);
    const good = { host: '' };
    for (const host of hosts) s.on(host, () => (good.host === host ? ok() : fail()));
    good.host = 'c';
    s.announcer.start();
    await s.clock.advance(4_000_000);
    const later = s.log().filter((line) => !line.startsWith('0 '));
    expect(later).toEqual(['1800 c', '3600 c']);
    expect(s.announcer.status().trackers[0]?.url).toBe('http://c/announce');
  });

  it('says completed once, to a tracker that was told started before', async () => {
    const s = setUp([['a']]);
    s.on('a', () => ok());
    s.announcer.start();
    await s.clock.advance(50_000);
    s.state.left = 0;
    s.announcer.completed();
    await s.clock.advance(2_000_000);
    expect(s.log()).toEqual(['0 a started', '50 a completed', '1850 a']);
  });

  it('says completed at once by a clock that goes on while it is read', async () => {
    let reads = 0;
    const s = setUp([['a']], {}, (clock) => ({
      now: () => (clock.now() + reads++ / 1e6) as Millis,
      slept: () => clock.slept(),
      wall: () => clock.wall(),
      after: (delay, run) => clock.after(delay, run),
      every: (period, run) => clock.every(period, run),
      soon: (run) => clock.soon(run),
    }));
    s.on('a', () => ok());
    s.announcer.start();
    await s.clock.advance(50_000);
    s.announcer.completed();
    await s.clock.advance(10);
    expect(s.log()).toEqual(['0 a started', '50 a completed']);
  });

  it('says completed before stopped where both come at once', async () => {
    const s = setUp([['a']]);
    s.on('a', () => ok());
    s.announcer.start();
    await s.clock.advance(50_000);
    s.announcer.completed();
    await s.clock.resolve(s.announcer.stop());
    expect(s.log()).toEqual(['0 a started', '50 a completed', '50 a stopped']);
  });

  it('says no completed where the first announce comes after completion', async () => {
    const s = setUp([['a']]);
    s.on('a', fail);
    s.announcer.start();
    await s.clock.advance(1);
    s.announcer.completed();
    s.on('a', () => ok());
    await s.clock.advance(100_000);
    expect(s.heard.map(({ event }) => event)).toEqual(['started', 'started']);
  });

  it('never has two announces under way at one tracker', async () => {
    const s = setUp([['a']]);
    let open = 0;
    s.on('a', async () => {
      expect(++open).toBe(1);
      await new Promise<void>((resolve) => s.clock.after(20_000 as never, resolve));
      open--;
      return ok();
    });
    s.announcer.start();
    await s.clock.advance(1_000);
    s.announcer.completed();
    s.announcer.announceNow();
    await s.clock.advance(60_000);
    expect(s.log()).toEqual(['0 a started', '20 a completed']);
  });

  it('stops within 3 s though trackers are silent, all told at the same time', async () => {
    const s = setUp([['a'], ['b']]);
    let dead = false;
    s.on('a', () => (dead ? never() : fail()));
    s.on('b', () => (dead ? never() : ok()));
    s.announcer.start();
    await s.clock.advance(1_000);
    s.on('a', () => (dead ? never() : ok()));
    await s.clock.advance(1_800_000);
    dead = true;
    const before = s.clock.now();
    await s.clock.resolve(s.announcer.stop());
    expect(s.clock.now() - before).toBe(3_000);
    expect(s.log().slice(-2).sort()).toEqual(['1801 a stopped', '1801 b stopped']);
    expect(s.clock.pending).toBe(0);
  });

  it('stops while an announce is under way, without a word to a tracker that has not answered', async () => {
    const s = setUp([['a']]);
    s.on('a', never);
    s.announcer.start();
    await s.clock.advance(1_000);
    const before = s.clock.now();
    await s.clock.resolve(s.announcer.stop());
    expect([s.clock.now() - before, s.log()]).toEqual([0, ['0 a started']]);
    expect(s.found).toEqual([]);
  });

  it('starts again after a stop, also before that has ended', async () => {
    const s = setUp([['a']]);
    s.on('a', () => ok());
    s.announcer.start();
    await s.clock.advance(1_000);
    const stopped = s.announcer.stop();
    s.announcer.start();
    await s.clock.resolve(stopped);
    await s.clock.advance(1_000);
    expect(s.log()).toEqual(['0 a started', '1 a stopped', '1 a started']);
  });

  it('takes what makes no sense in its stride', async () => {
    const s = setUp([[], ['a', 'a'], ['a']]);
    s.on('a', () => ok());
    s.announcer.start();
    await s.clock.advance(1);
    expect(s.announcer.status().trackers).toHaveLength(1);
    const none = setUp([], { trackers: [['ftp://x/', 'udp://x/', 'nonsense'], ['wss://x']] });
    none.announcer.start();
    await none.clock.advance(100_000);
    expect(none.announcer.status().trackers.every((t) => t.state === 'failed' && t.next === undefined)).toBe(true);
    await none.clock.resolve(none.announcer.stop());
  });
});
