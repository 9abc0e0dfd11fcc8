import { type InfoHash, type InfoHashV1, type Millis, millis } from '../../base/ids.ts';
import type { Source } from '../engine.ts';
import { type FakeDownload, FakeEngine } from './fake-engine.ts';
import { fakeLinkStates } from './fake-links.ts';
import { fakeOptions, MovingDownload } from './moving-download.ts';
import { MOVING_NODES } from './moving-sources.ts';

/** A fake engine whose downloads move by themselves, and look alive. */
export function movingEngine(
  clock: ConstructorParameters<typeof FakeEngine>[0]['clock'],
  downloads: readonly FakeDownload[],
): FakeEngine {
  return new FakeEngine({
    clock,
    downloads,
    dhtNodes: MOVING_NODES,
    links: fakeLinkStates,
    make: (source, options, added) =>
      new MovingDownload({ infoHash: fakeHash(source), name: fakeName(source), added, pieces: 800, done: 0, options }),
  });
}

/** Four downloads in the states that a list shows most. */
export function movingDownloads(wall: Millis): MovingDownload[] {
  const one = (
    n: number,
    name: string,
    change: Partial<ConstructorParameters<typeof MovingDownload>[0]>,
  ): MovingDownload =>
    new MovingDownload({
      infoHash: `${n}`.repeat(40) as InfoHashV1,
      name,
      added: millis(wall - (5 - n) * 60_000),
      pieces: 1648,
      done: 0.62,
      options: fakeOptions({ identities: 4, assemble: false }),
      ...change,
    });
  return [
    one(1, 'Big Buck Bunny (4K, 60 fps)', {
      files: [
        ['bbb_sunflower_2160p_60fps.mp4', 0.9995],
        ['poster.jpg', 0.0004],
        ['licence.txt', 0.0001],
      ],
    }),
    one(2, 'debian-13.2.0-amd64-DVD-1.iso', { pieces: 4492, done: 1, state: 'seeding' }),
    one(3, 'arXiv-2026-10-figures', { pieces: 21_400, done: 0.18, state: 'paused' }),
    one(4, 'sintel-4k-master', { pieces: 7680, done: 0.9998, stalled: true }),
  ];
}

/** An info-hash, always the same for the same source. */
export function fakeHash(source: Source): InfoHash {
  const text = source.kind === 'magnet' ? source.link : String.fromCharCode(...source.data.subarray(0, 4096));
  const found = /btih:([0-9a-f]{40})/i.exec(text)?.[1];
  if (found !== undefined) return found.toLowerCase() as InfoHashV1;
  let hash = 7;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) >>> 0;
  return hash.toString(16).padStart(40, '0') as InfoHashV1;
}

export function fakeName(source: Source): string {
  if (source.kind === 'torrent') return `A torrent of ${source.data.length} bytes`;
  const name = /[?&]dn=([^&]+)/.exec(source.link)?.[1];
  return name === undefined ? fakeHash(source) : decodeURIComponent(name.replaceAll('+', ' '));
}
