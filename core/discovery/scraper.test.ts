import { describe, expect, it } from 'vitest';
import type { InfoHashV1 } from '../base/ids.ts';
import { encode } from '../bencode/bencode.ts';
import type { HttpResponse } from '../ports/http.ts';
import { announcerScene, ok } from '../sim/announcer.ts';
import type { ScrapeCounts } from './announce.ts';

const MINUTE = 60_000;
const hash = (n: number): InfoHashV1 => n.toString(16).padStart(2, '0').repeat(20) as InfoHashV1;

/** A tracker that is scraped, and torrents that want to be told. */
function scene(answer?: (hashes: readonly string[]) => HttpResponse) {
  const s = announcerScene([['a']]);
  const asked: string[] = [];
  const told: [number, ScrapeCounts][] = [];
  s.http.on('http://a/scrape', ({ url }) => {
    const hashes = [...url.matchAll(/info_hash=([^&]*)/g)].map(([, one = '']) => one);
    asked.push(`${s.clock.now() / 1000} ${hashes.length}`);
    if (answer) return answer(hashes);
    // Keys as bytes; encode() takes text.
    const files = hashes.map((one) => `20:${unescape(one)}d8:completei7e10:incompletei2ee`).join('');
    return { status: 200, body: Uint8Array.from(`d5:filesd${files}ee`, (c) => c.charCodeAt(0)) };
  });
  const join = (n: number, wanted: () => boolean = () => true): (() => void) =>
    s.scraper.join('http://a/announce', { infoHash: hash(n), wanted, told: (counts) => told.push([n, counts]) });
  return { ...s, asked, told, join };
}

function unescape(escaped: string): string {
  return escaped.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

describe('Scraper', () => {
  it('asks for all torrents of a tracker together, every half hour', async () => {
    const s = scene();
    const leave = [1, 2, 3].map((n) => s.join(n));
    await s.clock.advance(61 * MINUTE);
    expect(s.asked).toEqual(['15 3', '1815 3', '3615 3']);
    expect(s.told.slice(0, 3)).toEqual([1, 2, 3].map((n) => [n, { seeds: 7, leechers: 2 }]));
    for (const end of leave) end();
    expect(s.clock.pending).toBe(0);
  });

  it('asks soon for one that is new, and then with the others', async () => {
    const s = scene();
    s.join(1);
    await s.clock.advance(10 * MINUTE);
    s.join(2);
    s.join(3);
    await s.clock.advance(25 * MINUTE);
    expect(s.asked).toEqual(['15 1', '615 2', '1815 3']);
  });

  it('does not ask for those that are told otherwise by then, or have left', async () => {
    const s = scene();
    let wanted = false;
    s.join(1, () => wanted);
    s.join(2)();
    await s.clock.advance(10 * MINUTE);
    expect(s.asked).toEqual([]);
    wanted = true;
    await s.clock.advance(25 * MINUTE);
    expect(s.asked).toEqual(['1815 1']);
  });

  it('asks for a bounded number at a time', async () => {
    const s = scene();
    for (let n = 0; n < 90; n++) s.join(n);
    await s.clock.advance(MINUTE);
    expect(s.asked).toEqual(['15 40', '15 40', '15 10']);
    expect(s.told.length).toBe(90);
  });

  it('asks more and more seldom where that fails, and for fewer', async () => {
    const s = scene(() => ({ status: 400, body: new Uint8Array() }));
    for (let n = 0; n < 8; n++) s.join(n);
    await s.clock.advance(4 * 3_600_000);
    expect(s.asked).toEqual(['15 8', '3615 4', '10815 2']);
    s.join(9);
    await s.clock.advance(MINUTE);
    expect(s.asked).toHaveLength(3);
  });

  it('asks singly where only one of several is answered', async () => {
    const s = scene(([first = '']) => {
      const body = `d5:filesd20:${unescape(first)}d8:completei1e10:incompletei1eeee`;
      return { status: 200, body: Uint8Array.from(body, (c) => c.charCodeAt(0)) };
    });
    for (let n = 1; n <= 3; n++) s.join(n);
    await s.clock.advance(35 * MINUTE);
    expect(s.asked).toEqual(['15 3', '1815 1', '1815 1', '1815 1']);
    expect(s.told.map(([n]) => n)).toEqual([1, 1, 2, 3]);
  });

  it('waits as long as the tracker wants', async () => {
    const s = scene(() => ({ status: 200, body: encode({ files: {}, flags: { min_request_interval: 7200 } }) }));
    s.join(1);
    await s.clock.advance(3 * 3_600_000);
    expect(s.asked).toEqual(['15 1', '7215 1']);
  });

  it('asks nothing of a tracker that cannot be scraped', async () => {
    const s = scene();
    s.scraper.join('http://a/x', { infoHash: hash(1), wanted: () => true, told: () => {} });
    await s.clock.advance(2 * 3_600_000);
    expect(s.http.requests).toEqual([]);
    expect(s.clock.pending).toBe(0);
  });
});

describe('a tracker whose answers lack numbers of peers', () => {
  it.each([
    ['tells none', {}, { seeds: 7, leechers: 2 }],
    ['tells one of them', { complete: 3 }, { seeds: 3, leechers: 2 }],
    ['tells two zeros beside peers', { complete: 0, incomplete: 0 }, { seeds: 7, leechers: 2 }],
  ])('is scraped where it %s', async (_, fields, counts) => {
    const s = scene();
    s.on('a', () => ok(fields));
    const announcer = s.announcer;
    s.http.on('http://a/scrape', () => ({
      status: 200,
      body: encode({ files: { ['a'.repeat(20)]: { complete: 7, incomplete: 2 } } }),
    }));
    announcer.start();
    await s.clock.advance(MINUTE);
    expect(announcer.status().trackers[0]).toMatchObject(counts);
    await s.clock.resolve(announcer.stop());
    expect(s.clock.pending).toBe(0);
  });

  it('is not where it tells both', async () => {
    const s = scene();
    s.on('a', () => ok({ complete: 0, incomplete: 4 }));
    s.announcer.start();
    await s.clock.advance(100 * MINUTE);
    expect(s.asked).toEqual([]);
    expect(s.announcer.status().trackers[0]).toMatchObject({ seeds: 0, leechers: 4 });
  });
});
